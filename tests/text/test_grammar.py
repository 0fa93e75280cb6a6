"""The grammar against its own plan, and against what a text with planted structure must show."""

from collections import Counter

import numpy as np
import pytest

from embedcourse.text import analogy_questions, grammar_text
from embedcourse.text.grammar import relations

SIDE = {word: (relation.name, side) for relation in relations() for side in (0, 1) for word in relation.markers[side]}
HEADS = {
    word: (relation.name, side) for relation in relations() for pair in relation.pairs for side, word in enumerate(pair)
}


def own_side(sentences):
    """Of the marker words, the share that stands in a sentence about a word of their own side."""
    own, all_markers = 0, 0
    for sentence in sentences:
        about = next(HEADS[word] for word in sentence if word in HEADS)
        markers = [SIDE[word] for word in sentence if word in SIDE]
        own += markers.count(about)
        all_markers += len(markers)
    return own / all_markers


def test_48_pairs_in_4_relations_and_no_word_plays_two_parts():
    assert [len(relation.pairs) for relation in relations()] == [12, 12, 12, 12]
    parts = [
        word
        for relation in relations()
        for group in (*relation.pairs, *relation.markers, *relation.topics)
        for word in group
    ]
    assert len(parts) == len(set(parts))
    assert {len(topic) for relation in relations() for topic in relation.topics} == {4}
    assert {len(side) for relation in relations() for side in relation.markers} == {6}


def test_the_size_of_the_text():
    sentences = grammar_text()
    tokens = [word for sentence in sentences for word in sentence]
    assert len(sentences) == 20_000
    assert 178_000 < len(tokens) < 186_000
    assert len(set(tokens)) == 360
    assert all(sum(word in HEADS for word in sentence) == 1 for sentence in sentences)


def test_a_sentence_holds_the_topic_of_its_head_and_no_other():
    topic_of = {}
    for relation in relations():
        for pair, topic in zip(relation.pairs, relation.topics, strict=True):
            topic_of.update((word, set(topic)) for word in pair)
    topics = set().union(*topic_of.values())
    for sentence in grammar_text(sentences=500):
        head = next(word for word in sentence if word in HEADS)
        assert set(sentence) & topics <= topic_of[head]


def test_the_seed_decides():
    assert grammar_text(50, seed=3) == grammar_text(50, seed=3)
    assert grammar_text(50, seed=3) != grammar_text(50, seed=4)


@pytest.mark.parametrize("purity", [0.0, 0.5, 0.8, 1.0])
def test_purity_is_the_share_of_markers_on_their_own_side(purity):
    assert own_side(grammar_text(4_000, purity)) == pytest.approx(purity, abs=0.02)


def test_the_shares_of_markers_and_fillers():
    counts = Counter(word for sentence in grammar_text(4_000) for word in sentence)
    known = set(SIDE) | set(HEADS) | {word for relation in relations() for topic in relation.topics for word in topic}
    markers = sum(counts[word] for word in SIDE)
    around = sum(counts[word] for word in known - set(HEADS))
    assert markers / around == pytest.approx(0.3, abs=0.01)
    fillers = sum(count for word, count in counts.items() if word not in known)
    assert fillers / (counts.total() - fillers) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(
    "bad", [{"purity": 1.1}, {"purity": -0.1}, {"purity": np.nan}, {"sentences": 0}, {"sentences": 1.5}]
)
def test_bad_dials_are_refused_by_name(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        grammar_text(**bad)


def test_questions_are_of_one_relation_and_in_both_directions():
    questions = analogy_questions()
    assert len(questions) == len(set(questions)) == 1_056
    assert ("man", "king", "woman", "queen") in questions
    assert ("woman", "queen", "man", "king") in questions
    assert all(HEADS[a] == HEADS[b] and HEADS[c] == HEADS[d] and len({a, b, c, d}) == 4 for a, b, c, d in questions)
