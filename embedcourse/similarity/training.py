"""The training of skip-gram with negative sampling (SGNS) on counts, in place of pairs.

Taught in lesson 2. The loss depends on a text only through how often each pair was seen, so the text is counted once and
never read again: a step costs the same for a thousand words and for a billion. For a small vocabulary a step sees the whole
table of counts; for a large one, whose table fits into no memory, it sees a batch of its cells and a few sampled words.

Both fit the size of a step to the word, so that a rare word learns as fast as a frequent one: the table divides a row's
gradient by how often its word was met, the batches by the size of its gradients so far (Adagrad, one number a row).
Not here: reading a text as it streams by, as word2vec does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

from embedcourse.similarity.reference import _inside, _matrix, _token_ids, _whole, sigmoid

Cells = tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Float[np.ndarray, " n"]]
Watch = Callable[[int, np.ndarray, np.ndarray], None]

MOMENTUM = 0.9
FIRST_SIZE = 0.1  # the standard deviation of the first rows
MOST_CELLS_AT_ONCE = 5_000_000  # of a dense table; a larger one is trained in batches of cells
MOST_IN_A_BATCH = 50000  # cells
BATCHES = 32  # of a step, at least
NOISE_WORDS = 64  # sampled words that all cells of a batch share as negatives


def train_sgns(
    counts: Float[np.ndarray, "vocab vocab"] | Cells,
    dim: int,
    negatives: int = 5,
    noise_exponent: float = 1.0,
    steps: int | None = None,
    seed: int = 0,
    lr: float | None = None,
    watch: Watch | None = None,
) -> tuple[Float[np.ndarray, "vocab dim"], Float[np.ndarray, "vocab dim"]]:
    """The rows (W, C), float32, that SGNS learns from `counts`: W of the words as centers, C as contexts.

    counts          how often each context stood by each word: (vocab, vocab), or the cells that are not zero as
                    (rows, cols, counts), as `cooccurrence(sparse=True)` gives them
    negatives       k, how many noise words stand against each pair
    noise_exponent  a word is noise in proportion to its count to this power; 1 leads to PMI − ln k, word2vec uses 0.75
    steps           times that the whole of `counts` is seen; by default 100 for a table, 20 for cells
    lr              the learning rate; by default 0.5 for a table, 1 for cells
    watch           called as watch(step, W, C) before the first step, as step 0, and after each step; copy what you keep

    The same seed gives the same rows on one machine. A word without any count keeps its small random row.
    Source: Mikolov et al. 2013 (arXiv 1310.4546); the loss over counts: Levy & Goldberg 2014, equation 4.
    Raises ValueError for counts that are negative, not square or all zero, and FloatingPointError if lr is too large.
    """
    cells = _cells(counts) if isinstance(counts, tuple) else _table_or_cells(_counts(counts))
    train, default_steps, default_lr = (_on_cells, 20, 1.0) if isinstance(cells, tuple) else (_on_table, 100, 0.5)
    steps, lr = default_steps if steps is None else steps, default_lr if lr is None else lr
    dim, negatives, steps = _whole(dim, "dim", 1), _whole(negatives, "negatives", 1), _whole(steps, "steps", 0)
    if not (np.isfinite(lr) and lr > 0):
        raise ValueError(f"lr is {lr!r}; a learning rate is a number above 0, such as 0.5")
    rng = np.random.default_rng(seed)
    watch = watch or (lambda step, W, C: None)
    with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
        W, C = train(cells, dim, negatives, noise_exponent, steps, rng, lr, watch)
    if not (np.isfinite(W).all() and np.isfinite(C).all()):
        raise FloatingPointError(f"the training ran away from every number: lr = {lr} is too large, try {lr / 2}")
    return W, C


def noise_distribution(counts: Float[np.ndarray, "vocab vocab"], exponent: float = 1.0) -> Float[np.ndarray, " vocab"]:
    """How probable each word is as a negative: its count as a context to the power `exponent`, made to sum to 1."""
    return _normalised(_counts(counts).sum(axis=0), exponent)


def mean_sgns_loss(
    W: Float[np.ndarray, "vocab dim"],
    C: Float[np.ndarray, "vocab dim"],
    counts: Float[np.ndarray, "vocab vocab"],
    negatives: int = 5,
    noise_exponent: float = 1.0,
) -> float:
    """`sgns_loss` over all pairs of `counts`, with the mean over all negatives in place of drawn ones: no chance is left."""
    counts = _counts(counts)
    noise = negatives * counts.sum(axis=1, keepdims=True) * noise_distribution(counts, noise_exponent)
    scores = W @ C.T
    return float(np.sum(counts * np.logaddexp(0, -scores) + noise * np.logaddexp(0, scores)) / counts.sum())


def _on_table(counts, dim, negatives, noise_exponent, steps, rng, lr, watch):
    """Each step sees every cell. The slope along a score s of a cell is (seen + noise) σ(s) − seen."""
    total = counts.sum()
    seen = (counts / total).astype(np.float32)
    noise = np.outer(negatives * counts.sum(axis=1) / total, noise_distribution(counts, noise_exponent))
    both = (seen + noise).astype(np.float32)
    W, C = _first_rows(rng, len(counts), dim)
    W_velocity, C_velocity = np.zeros_like(W), np.zeros_like(C)
    W_size, C_size = lr / _or_one(both.sum(axis=1)), lr / _or_one(both.sum(axis=0))
    watch(0, W, C)
    for step in range(1, steps + 1):
        slope = both * sigmoid(W @ C.T)
        slope -= seen
        W_gradient, C_gradient = slope @ C, slope.T @ W
        W_velocity = MOMENTUM * W_velocity + W_size * W_gradient
        C_velocity = MOMENTUM * C_velocity + C_size * C_gradient
        W -= W_velocity
        C -= C_velocity
        watch(step, W, C)
    return W, C


def _first_rows(rng: np.random.Generator, vocab_size: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    W, C = FIRST_SIZE * rng.standard_normal(size=(2, vocab_size, dim), dtype=np.float32)
    return W, C


def _or_one(weights: np.ndarray) -> np.ndarray:
    """As a column; 1 where there is nothing, which has no gradient either."""
    return np.where(weights > 0, weights, 1)[:, None].astype(np.float32)


def _normalised(weights: np.ndarray, exponent: float) -> np.ndarray:
    powers = np.where(weights > 0, np.maximum(weights, 1e-300) ** exponent, 0)  # a word never met is no noise
    return powers / powers.sum()


def _counts(counts: np.ndarray) -> np.ndarray:
    counts = _matrix(counts, "counts")
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts has shape {counts.shape}; it must be square, words by the same words as contexts")
    _refuse_bad_numbers(counts)
    return counts


def _refuse_bad_numbers(counts: np.ndarray) -> None:
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts holds a number that is negative or not finite; a count is 0 or more")
    if not counts.any():
        raise ValueError("counts holds nothing but zeros: there is nothing to learn from")


def _table_or_cells(counts: np.ndarray) -> np.ndarray | tuple:
    if counts.size <= MOST_CELLS_AT_ONCE:
        return counts
    rows, columns = np.nonzero(counts)
    return rows, columns, counts[rows, columns], len(counts)


def _cells(cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    if len(cells) != 3:
        raise ValueError(f"counts is a tuple of {len(cells)}; sparse counts are three arrays (rows, cols, counts)")
    rows, columns, counts = _token_ids(cells[0]), _token_ids(cells[1]), np.asarray(cells[2], dtype=np.float64)
    if not (rows.shape == columns.shape == counts.shape) or not len(rows):
        raise ValueError(
            f"rows {rows.shape}, cols {columns.shape} and counts {counts.shape} must be equally long, and not empty"
        )
    _refuse_bad_numbers(counts)
    vocab_size = int(max(rows.max(), columns.max())) + 1
    return _inside(rows, vocab_size, ""), _inside(columns, vocab_size, ""), counts, vocab_size


def _on_cells(cells, dim, negatives, noise_exponent, steps, rng, lr, watch):
    """Each step goes once through all cells, in batches of random order, with sampled negatives for each batch."""
    rows, columns, counts, vocab_size = cells
    noise_ends = np.cumsum(_normalised(np.bincount(columns, counts, vocab_size), noise_exponent))
    W, C = _first_rows(rng, vocab_size, dim)
    sizes = np.zeros((2, vocab_size), dtype=np.float32)  # the sum of squared gradients of each row
    n_batches = max(min(BATCHES, len(rows)), -(-len(rows) // MOST_IN_A_BATCH))
    watch(0, W, C)
    for step in range(1, steps + 1):
        order = rng.permutation(len(rows))
        for number in range(n_batches):
            some = order[number::n_batches]
            noise = np.searchsorted(noise_ends, rng.random(NOISE_WORDS) * noise_ends[-1], side="right")
            slopes = _batch(W, C, rows[some], columns[some], counts[some].astype(np.float32), noise, negatives)
            for table, size, (words, gradient) in zip((W, C), sizes, slopes, strict=True):
                size[words] += np.einsum("nd,nd->n", gradient, gradient)
                table[words] -= lr * gradient / np.sqrt(size[words] + 1e-30)[:, None]
        watch(step, W, C)
    return W, C


def _batch(W, C, rows, columns, counts, noise, negatives):
    """The words of this batch and the gradients of their rows in W and in C.

    Every sampled word is a negative of every cell, with a small weight: on average what k words for each pair would be.
    """
    centers, contexts, against = W[rows], C[columns], C[noise]
    seen = counts * (sigmoid(np.einsum("nd,nd->n", centers, contexts)) - 1)
    unseen = (counts * np.float32(negatives / len(noise)))[:, None] * sigmoid(centers @ against.T)
    of_contexts = np.concatenate([seen[:, None] * centers, unseen.T @ centers])
    return (
        _sums(rows, seen[:, None] * contexts + unseen @ against),
        _sums(np.concatenate([columns, noise]), of_contexts),
    )


def _sums(ids: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ids, and for each the sum of its rows."""
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    starts = np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
    return ids[starts], np.add.reduceat(rows[order], starts, axis=0)
