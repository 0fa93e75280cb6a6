"""The splitting of texts, the frozen prose, and the documentation on this machine."""

from embedcourse.text import course_prose, installed_documentation, paragraph, sentences, words


def test_words_and_marks_in_lower_case():
    assert words("The mill-wheel isn't still.") == ["the", "mill", "-", "wheel", "isn't", "still", "."]
    assert words("") == []


def test_the_paragraph_has_words_that_come_again():
    tokens = words(paragraph())
    assert len(paragraph().splitlines()) == 5
    assert len(set(tokens)) < 0.6 * len(tokens)


def test_a_sentence_ends_at_a_mark_before_a_space_and_with_its_paragraph():
    assert sentences("One e.g.two. Three\nfour\n\nfive (six) seven: eight") == [
        ["one", "e", "g", "two"],
        ["three", "four"],
        ["five", "six", "seven"],
        ["eight"],
    ]
    assert sentences("3.14 ... 42!") == []


def test_the_frozen_prose_is_prose():
    text = course_prose()
    tokens = [word for sentence in sentences(text) for word in sentence]
    assert len(tokens) > 5_000
    assert {"embedding", "token", "the"} <= set(tokens)
    for mark in ("```", "http", "<details", "**", "$", "|"):
        assert mark not in text


def test_the_documentation_on_this_machine_is_long_and_has_no_examples():
    text = installed_documentation()
    assert ">>>" not in text
    tokens = [word for sentence in sentences(text) for word in sentence]
    assert len(tokens) > 50_000
    assert {"array", "function", "returns"} <= set(tokens)
