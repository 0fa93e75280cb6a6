"""The references of lesson 2 against plain loops, torch, SciPy-free definitions, and every input that hurts."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from embedcourse.similarity import (
    cooccurrence,
    cosine_similarity,
    nearest,
    ppmi,
    sgns_gradients,
    sgns_loss,
    sigmoid,
    skipgram_pairs,
    unit_rows,
)

RNG = np.random.default_rng(11)
IDS = RNG.integers(0, 7, size=40)
TEXTS = [RNG.integers(0, 7, size=length) for length in (5, 1, 0, 9, 3)]


def pairs_by_loops(texts, window):
    found = []
    for ids in texts:
        for place, center in enumerate(ids):
            for other in range(max(0, place - window), min(len(ids), place + window + 1)):
                if other != place:
                    found.append((center, ids[other]))
    return found


@pytest.mark.parametrize("window", [1, 2, 5, 39, 100])
def test_pairs_and_counts_are_what_loops_find(window):
    for ids, texts in ((IDS, [IDS]), (IDS.tolist(), [IDS]), (TEXTS, TEXTS), ([list(text) for text in TEXTS], TEXTS)):
        centers, contexts = skipgram_pairs(ids, window)
        expected = pairs_by_loops(texts, window)
        assert centers.dtype == contexts.dtype == np.int64
        assert list(zip(centers, contexts, strict=True)) == expected
        counts = np.zeros((7, 7), dtype=np.int64)
        for center, context in expected:
            counts[center, context] += 1
        np.testing.assert_array_equal(cooccurrence(ids, window, 7), counts)
        rows, columns, sparse = cooccurrence(ids, window, 7, sparse=True)
        np.testing.assert_array_equal(sparse, counts[counts > 0])
        np.testing.assert_array_equal((rows, columns), np.nonzero(counts))


@pytest.mark.parametrize("ids", [[], [3]])
def test_a_text_without_neighbours_has_no_pairs(ids):
    assert [len(part) for part in skipgram_pairs(ids, 2)] == [0, 0]
    assert cooccurrence(ids, 2, 4).sum() == 0
    assert [part.dtype for part in cooccurrence(ids, 2, 4, sparse=True)] == [np.int64] * 3


def test_ppmi_by_hand():
    counts = np.array([[4, 1], [1, 0]])
    got = ppmi(counts)
    # p(0,0) = 4/6, p(0) = 5/6 on both sides: 4/6 / (25/36) = .96, below 1; p(0,1) = 1/6 / (5/36) = 1.2
    np.testing.assert_allclose(got, [[0, math.log(1.2)], [math.log(1.2), 0]])
    assert got.dtype == np.float64
    np.testing.assert_array_equal(ppmi(np.zeros((2, 3))), np.zeros((2, 3)))
    np.testing.assert_allclose(ppmi(counts * 1000), got)


def test_cosine_is_torchs():
    A, B = RNG.normal(size=(6, 5)), RNG.normal(size=(4, 5))
    expected = F.cosine_similarity(torch.from_numpy(A)[:, None], torch.from_numpy(B)[None], dim=-1)
    np.testing.assert_allclose(cosine_similarity(A, B), expected.numpy(), atol=1e-12)


def test_a_zero_row_is_similar_to_nothing_and_no_size_is_too_large_or_small():
    np.testing.assert_array_equal(cosine_similarity(np.zeros((1, 3)), np.ones((2, 3))), [[0, 0]])
    A = np.array([[3.0, 4.0]])
    for size in (1e-200, 1e200):
        np.testing.assert_allclose(cosine_similarity(size * A, A), [[1]])
    assert unit_rows(np.ones((2, 2), np.float32)).dtype == np.float32
    np.testing.assert_allclose(cosine_similarity(np.array([[1, 2]]), np.array([[2, 4]])), [[1]])  # whole numbers too


def test_nearest_breaks_ties_by_the_lower_id():
    E = RNG.normal(size=(3, 17))[[2, 1, 0, 1, 2, 1]]
    np.testing.assert_array_equal(nearest(E, E[1], 3), [1, 3, 5])
    np.testing.assert_array_equal(nearest(E, 2 * E[1], 2, exclude=[3, 3]), [1, 5])
    np.testing.assert_array_equal(nearest(E, np.zeros(17), 6), np.arange(6))
    assert nearest(E, E[0], 1, exclude=(0,)).tolist() == [4]


def test_sigmoid_is_torchs_and_never_overflows():
    x = np.array([-1e4, -50.0, -1.0, 0.0, 1.0, 50.0, 1e4])
    np.testing.assert_allclose(sigmoid(x), torch.sigmoid(torch.from_numpy(x)).numpy(), atol=1e-15)


def batch(n=12, k=3):
    return RNG.integers(0, 5, size=n), RNG.integers(0, 6, size=n), RNG.integers(0, 6, size=(n, k))


@pytest.mark.parametrize("k", [1, 3])
def test_loss_and_gradients_are_autograds(k):
    W, C = RNG.normal(size=(5, 4)), RNG.normal(size=(6, 4))
    centers, contexts, negatives = batch(k=k)
    tW, tC = (torch.tensor(table, requires_grad=True) for table in (W, C))
    u, v, noise = tW[centers], tC[contexts], tC[negatives]
    loss = -(F.logsigmoid((u * v).sum(-1)) + F.logsigmoid(-(u[:, None] * noise).sum(-1)).sum(-1)).mean()
    loss.backward()
    assert sgns_loss(W, C, centers, contexts, negatives) == pytest.approx(loss.item())
    dW, dC = sgns_gradients(W, C, centers, contexts, negatives)
    np.testing.assert_allclose(dW, tW.grad.numpy(), atol=1e-12)
    np.testing.assert_allclose(dC, tC.grad.numpy(), atol=1e-12)


def test_the_loss_of_zeros_is_k_plus_1_times_ln_2_and_huge_scores_stay_finite():
    zeros = np.zeros((6, 4))
    assert sgns_loss(zeros, zeros, *batch()) == pytest.approx(4 * math.log(2))
    assert np.isfinite(sgns_loss(1e4 * RNG.normal(size=(6, 4)), RNG.normal(size=(6, 4)), *batch()))


def test_inputs_stay_as_they_are():
    ids, counts, E = IDS.copy(), cooccurrence(IDS, 2, 7), RNG.normal(size=(6, 4))
    before = ids.copy(), counts.copy(), E.copy()
    skipgram_pairs(ids, 2), ppmi(counts), nearest(E, E[0], 2, exclude=[1]), cosine_similarity(E, E), unit_rows(E)
    sgns_gradients(E, E, *batch())
    for now, then in zip((ids, counts, E), before, strict=True):
        np.testing.assert_array_equal(now, then)


E = np.ones((4, 3))
ONE, TWO = np.array([0]), np.array([[0, 1]])
REFUSED = {
    "a window of 0": (lambda: skipgram_pairs([0, 1], 0), ValueError, "window is 0"),
    "a window that is no whole number": (lambda: cooccurrence([0, 1], 1.5, 2), ValueError, "window is 1.5"),
    "float ids": (lambda: skipgram_pairs([0.0, 1.0], 1), ValueError, "dtype float64"),
    "true and false": (lambda: skipgram_pairs([True, False], 1), ValueError, "dtype bool"),
    "three axes of ids": (lambda: skipgram_pairs(np.zeros((2, 2, 2), int), 1), ValueError, "shape"),
    "an id beyond the vocabulary": (lambda: cooccurrence([0, 5], 1, 5), IndexError, "id 5 is outside"),
    "a negative id": (lambda: cooccurrence([0, -1], 1, 5, sparse=True), IndexError, "id -1 is outside"),
    "a negative count": (lambda: ppmi(np.array([[1, -1]])), ValueError, "negative"),
    "a count that is NaN": (lambda: ppmi(np.array([[1, np.nan]])), ValueError, "not finite"),
    "counts in one row": (lambda: ppmi(np.ones(3)), ValueError, "counts has shape"),
    "rows of different length": (lambda: cosine_similarity(E, np.ones((2, 4))), ValueError, "as many"),
    "words for numbers": (lambda: unit_rows(np.array([["a"]])), ValueError, "must hold numbers"),
    "more neighbours than words": (lambda: nearest(E, E[0], 4, exclude=[1]), ValueError, "only 3 rows"),
    "a vector of another length": (lambda: nearest(E, np.ones(2), 1), ValueError, "vector has shape"),
    "an excluded id that is none": (lambda: nearest(E, E[0], 1, exclude=[9]), IndexError, "id 9"),
    "tables of different dim": (lambda: sgns_loss(E, np.ones((4, 2)), ONE, ONE, TWO), ValueError, "as many"),
    "negatives in one row": (lambda: sgns_loss(E, E, ONE, ONE, np.array([0, 1])), ValueError, "must have shapes"),
    "no pairs at all": (lambda: sgns_loss(E, E, [], [], np.zeros((0, 2), int)), ValueError, "at least one pair"),
    "a negative that is no id": (lambda: sgns_loss(E, E, ONE, ONE, np.array([[4]])), IndexError, "id 4"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_gets_a_sentence(what):
    call, kind, sentence = REFUSED[what]
    with pytest.raises(kind, match=sentence):
        call()
