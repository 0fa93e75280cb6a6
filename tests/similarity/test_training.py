"""Training against what theory says it converges to, against its own gradient, and on planted structure."""

import numpy as np
import pytest

from embedcourse.lookup import build_vocabulary, encode
from embedcourse.similarity import (
    analogy_accuracy,
    cooccurrence,
    mean_sgns_loss,
    noise_distribution,
    question_ids,
    sgns_loss,
    train_sgns,
)
from embedcourse.text import analogy_questions, grammar_text


@pytest.fixture(scope="module", params=[0, 1], ids=["seed 0", "seed 1"])
def planted(request):
    sentences = grammar_text(seed=request.param)
    vocabulary = build_vocabulary(word for sentence in sentences for word in sentence)
    texts = [encode(sentence, vocabulary) for sentence in sentences]
    return texts, len(vocabulary), question_ids(analogy_questions(), vocabulary)


def pmi(counts, exponent=1.0):
    contexts = counts.sum(axis=0).astype(float) ** exponent
    expected = counts.sum(axis=1, keepdims=True) * contexts / contexts.sum()
    return np.log(np.divide(counts, expected, out=np.ones(counts.shape), where=counts > 0))


def test_all_analogies_are_found_also_among_the_query_words(planted):
    texts, vocab_size, questions = planted
    W, _ = train_sgns(cooccurrence(texts, 5, vocab_size), 32)
    assert analogy_accuracy(W, questions) == 1.0
    assert analogy_accuracy(W, questions, exclude_inputs=False) == 1.0


@pytest.mark.parametrize("exponent", [1.0, 0.75])
def test_it_converges_to_pmi_minus_ln_k(planted, exponent):
    texts, vocab_size, _ = planted
    counts = cooccurrence(texts, 5, vocab_size)
    W, C = train_sgns(counts, 64, negatives=5, noise_exponent=exponent, steps=300)
    often = counts >= 20
    scores, target = (W @ C.T)[often], pmi(counts, exponent)[often] - np.log(5)
    assert np.corrcoef(scores, target)[0, 1] > 0.99
    assert scores.mean() == pytest.approx(target.mean(), abs=0.1)


def test_cells_lead_where_the_table_leads(planted):
    texts, vocab_size, questions = planted
    counts = cooccurrence(texts, 5, vocab_size)
    W, C = train_sgns(cooccurrence(texts, 5, vocab_size, sparse=True), 32)
    table = train_sgns(counts, 32)
    assert analogy_accuracy(W, questions) > 0.95
    assert mean_sgns_loss(W, C, counts) < 1.1 * mean_sgns_loss(*table, counts)


def test_the_mean_loss_is_the_loss_over_all_pairs_and_many_negatives():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 4, size=(6, 6))
    W, C = rng.normal(size=(2, 6, 3))
    centers, contexts = (np.repeat(side, counts[np.nonzero(counts)]) for side in np.nonzero(counts))
    drawn = rng.choice(6, size=(len(centers), 20_000), p=noise_distribution(counts, 0.75))
    # 20,000 negatives stand for their mean: loss = positives + 20,000 * mean, so take both apart
    many, none = sgns_loss(W, C, centers, contexts, drawn), sgns_loss(W, C, centers, contexts, drawn[:, :0])
    expected = none + 5 * (many - none) / 20_000
    assert mean_sgns_loss(W, C, counts, negatives=5, noise_exponent=0.75) == pytest.approx(expected, rel=0.01)


def test_every_step_is_watched_and_the_loss_falls():
    counts = np.random.default_rng(0).integers(0, 50, size=(9, 9))
    losses = []
    W, C = train_sgns(counts, 4, steps=20, watch=lambda step, W, C: losses.append((step, mean_sgns_loss(W, C, counts))))
    assert [step for step, _ in losses] == list(range(21))
    assert losses[-1][1] < losses[0][1]
    assert losses[-1][1] == mean_sgns_loss(W, C, counts)


def test_the_gradient_of_a_step_is_the_slope_of_the_mean_loss():
    counts = np.random.default_rng(0).integers(0, 9, size=(5, 5))
    tables = []
    train_sgns(counts, 3, steps=1, lr=0.01, watch=lambda step, W, C: tables.append((W.astype(float), C.astype(float))))
    (W, C), (after, _) = tables
    slope = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        up, down = W.copy(), W.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        slope[place] = (mean_sgns_loss(up, C, counts) - mean_sgns_loss(down, C, counts)) / 2e-5
    mass = 6 * counts.sum(axis=1, keepdims=True) / counts.sum()  # of each word: 1 pair and 5 negatives
    np.testing.assert_allclose(W - after, 0.01 * slope / mass, atol=1e-6)


def test_the_seed_decides_and_a_word_never_met_keeps_its_first_row():
    counts = np.array([[0, 3, 0], [3, 1, 0], [0, 0, 0]])
    first = train_sgns(counts, 4, seed=5)
    again, other = train_sgns(counts, 4, seed=5), train_sgns(counts, 4, seed=6)
    start = train_sgns(counts, 4, seed=5, steps=0)
    for now, same, different, before in zip(first, again, other, start, strict=True):
        assert now.dtype == np.float32
        assert now.shape == (3, 4)
        np.testing.assert_array_equal(now, same)
        assert not np.array_equal(now, different)
        np.testing.assert_array_equal(now[2], before[2])
        assert not np.array_equal(now[:2], before[:2])


def test_a_large_table_goes_the_way_of_its_cells(monkeypatch):
    counts = np.random.default_rng(0).integers(0, 3, size=(8, 8))
    counts[7, 7] = 1
    cells = (*np.nonzero(counts), counts[np.nonzero(counts)])
    expected = train_sgns(cells, 3, steps=2)
    monkeypatch.setattr("embedcourse.similarity.training.MOST_CELLS_AT_ONCE", 10)
    for got, wanted in zip(train_sgns(counts, 3, steps=2), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


SQUARE = np.ones((3, 3))
REFUSED = {
    "not square": (lambda: train_sgns(np.ones((2, 3)), 2), ValueError, "must be square"),
    "nothing counted": (lambda: train_sgns(np.zeros((3, 3)), 2), ValueError, "nothing but zeros"),
    "negative": (lambda: train_sgns(-SQUARE, 2), ValueError, "negative"),
    "no dim": (lambda: train_sgns(SQUARE, 0), ValueError, "dim is 0"),
    "half a negative": (lambda: train_sgns(SQUARE, 2, negatives=0.5), ValueError, "negatives is 0.5"),
    "a learning rate of 0": (lambda: train_sgns(SQUARE, 2, lr=0), ValueError, "lr is 0"),
    "a learning rate without measure": (lambda: train_sgns(SQUARE, 2, lr=1e30), FloatingPointError, "too large"),
    "two arrays": (lambda: train_sgns(([0], [1]), 2), ValueError, "three arrays"),
    "arrays of different length": (lambda: train_sgns(([0], [1], [2, 3]), 2), ValueError, "equally long"),
    "a negative id": (lambda: train_sgns(([-1], [1], [2]), 2), IndexError, "id -1"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_gets_a_sentence(what):
    call, kind, sentence = REFUSED[what]
    with pytest.raises(kind, match=sentence):
        call()
