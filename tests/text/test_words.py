from embedcourse.text import paragraph, words


def test_words_and_marks_in_lower_case():
    assert words("The mill-wheel isn't still.") == ["the", "mill", "-", "wheel", "isn't", "still", "."]
    assert words("") == []


def test_the_paragraph_has_words_that_come_again():
    tokens = words(paragraph())
    assert len(paragraph().splitlines()) == 5
    assert len(set(tokens)) < 0.6 * len(tokens)
