"""Analogies on vectors whose answer is known, and the baselines against plain loops."""

import numpy as np
import pytest

from embedcourse.similarity import (
    analogy,
    analogy_accuracy,
    centered,
    cosine_similarity,
    offset_cosine,
    only_b_accuracy,
    question_ids,
)

RNG = np.random.default_rng(2)


def test_planted_offsets_are_found_and_the_query_words_can_be_left_in():
    E = np.array([[1, 0, 0.2], [1, 0, 1], [0, 1, 0.2], [0, 1, 1.0]])  # man, king, woman, queen
    assert analogy(E, 0, 1, 2).tolist() == [3]
    assert analogy(E, 0, 1, 2, exclude_inputs=False).tolist() == [3]
    weak = np.array([[1, 0, 0], [0, 0, 1], [1, 0.1, 0], [0, 0.4, 1.0]])  # the offset is small: b itself is nearest
    assert analogy(weak, 0, 1, 2).tolist() == [3]
    assert analogy(weak, 0, 1, 2, exclude_inputs=False).tolist() == [1]
    assert analogy(E, 0, 1, 2, k=4, exclude_inputs=False).shape == (4,)


def test_the_rows_are_brought_to_length_1_first():
    E = np.array([[1, 0, 0.2], [1, 0, 1], [0, 1, 0.2], [0, 1, 1.0]]) * np.array([[1], [0.01], [100], [7]])
    assert analogy(E, 0, 1, 2, exclude_inputs=False).tolist() == [3]


def test_shares_are_what_loops_find():
    E = RNG.normal(size=(30, 5))
    questions = np.array([RNG.permutation(30)[:4] for _ in range(600)])
    questions[:300, 3] = [analogy(E, *question[:3])[0] for question in questions[:300]]
    for exclude in (True, False):
        expected = np.mean([analogy(E, a, b, c, exclude_inputs=exclude)[0] == d for a, b, c, d in questions])
        assert analogy_accuracy(E, questions, exclude) == pytest.approx(expected)
    near = cosine_similarity(E, E)
    right = 0
    for a, b, c, d in questions:
        row = near[b].copy()
        row[[a, b, c]] = -2
        right += row.argmax() == d
    assert only_b_accuracy(E, questions) == pytest.approx(right / 600)


def test_the_cosine_of_offsets():
    E = np.array([[1.0, 0], [0, 1], [1, 0], [0, 1], [-1, 0]])
    got = offset_cosine(E, [[0, 2, 1, 3], [0, 1, 1, 0], [0, 0, 1, 0], [0, 1, 1, 4]])
    np.testing.assert_allclose(got, [1, -1, 0, 0], atol=1e-12)


def test_at_equal_lengths_the_answer_beats_b_exactly_above_sixty_degrees():
    rng, seen = np.random.default_rng(5), set()
    for _ in range(300):
        turn = rng.uniform(0.2, 1)  # the angle from a to c and from b to d, in planes that may be tilted
        a, b = np.array([1.0, 0, 0]), np.array([0.0, 0, 1])
        c = np.array([np.cos(turn), np.sin(turn), 0])
        tilt = rng.uniform(0, np.pi)
        d = np.cos(turn) * b + np.sin(turn) * np.array([np.cos(tilt), np.sin(tilt), 0])
        E = np.array([a, b, c, d])
        [cosine] = offset_cosine(E, [[0, 1, 2, 3]])
        if abs(cosine - 0.5) > 1e-6:
            target = b - a + c
            seen.add(cosine > 0.5)
            assert (target @ d > target @ b) == (cosine > 0.5)
    assert seen == {True, False}


def test_centering_takes_the_mean_away_and_nothing_else():
    E = RNG.normal(size=(20, 4)) + 5
    np.testing.assert_allclose(centered(E).mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(centered(E)[3] - centered(E)[4], E[3] - E[4])
    assert centered(E.astype(np.float32)).dtype == np.float32


def test_questions_in_words():
    assert question_ids([("a", "b", "b", "a")], {"a": 0, "b": 1}).tolist() == [[0, 1, 1, 0]]
    with pytest.raises(KeyError, match="zebra"):
        question_ids([("a", "b", "zebra", "a")], {"a": 0, "b": 1})


@pytest.mark.parametrize("questions", [[], [[0, 1, 2]], [0, 1, 2, 3]])
def test_questions_of_another_shape_are_refused(questions):
    with pytest.raises(ValueError, match="rows of four ids"):
        analogy_accuracy(np.eye(5), questions)
    with pytest.raises(IndexError, match="id 5"):
        offset_cosine(np.eye(5), [[0, 1, 2, 5]])
