"""Learned similarity: from the neighbours of a word to a row of numbers that stands for it.

Taught in lesson 2. Plain NumPy, readable top to bottom: a text becomes pairs, pairs become counts, counts become PPMI;
rows are compared by cosine; and the loss of skip-gram with negative sampling (SGNS) has its gradient by hand. Its
training is in `training.py`, analogies (lesson 3) are in `analogies.py`.

W holds a row for each word as a center, C a row for each word as a context; both have shape (vocab, dim).
"""

from collections.abc import Iterable, Sequence
from typing import Literal, overload

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

Texts = ArrayLike | Sequence[ArrayLike]  # the ids of one text, or of several


def skipgram_pairs(ids: Texts, window: int) -> tuple[Int[np.ndarray, " pairs"], Int[np.ndarray, " pairs"]]:
    """Every (center, context) pair of ids that stand at most `window` places apart, as two int64 arrays.

    ids  one text, or a list of texts: no pair reaches from one text into the next
    Centers run from left to right, and for each center its contexts from left to right. A token is no context of itself,
    but the same word further along is.

    >>> skipgram_pairs([5, 6, 7], window=1)
    (array([5, 6, 6, 7]), array([6, 5, 7, 6]))
    """
    (ids, text), window = _joined(ids), _whole(window, "window", 1)
    window = min(window, max(len(ids) - 1, 1))
    offsets = np.concatenate([np.arange(-window, 0), np.arange(1, window + 1)])
    places = np.arange(len(ids))[:, None] + offsets
    inside = (places >= 0) & (places < len(ids))
    inside &= text[np.where(inside, places, 0)] == text[:, None]
    return np.repeat(ids, inside.sum(axis=1)), ids[places[inside]]


@overload
def cooccurrence(
    ids: Texts, window: int, vocab_size: int, sparse: Literal[False] = False
) -> Int[np.ndarray, "vocab vocab"]: ...
@overload
def cooccurrence(
    ids: Texts, window: int, vocab_size: int, sparse: Literal[True]
) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"], Int[np.ndarray, " n"]]: ...
def cooccurrence(ids, window, vocab_size, sparse=False):
    """How often each word stands at most `window` places from each other: counts[w, c], of the pairs of `skipgram_pairs`.

    ids  one text, or a list of texts: no pair reaches from one text into the next
    The matrix is symmetric, since each pair is counted from both ends. One pass of the text for each offset; no pair is
    stored. `sparse=True` returns the cells that are not zero as three arrays (rows, cols, counts), sorted by row, then
    column: vocab² cells of a large vocabulary fit into no memory.
    Raises IndexError for an id outside 0 … vocab_size-1.

    >>> cooccurrence([0, 1, 0, 2], window=1, vocab_size=3)
    array([[0, 2, 1],
           [2, 0, 0],
           [1, 0, 0]])
    """
    window, vocab_size = _whole(window, "window", 1), _whole(vocab_size, "vocab_size", 1)
    ids, text = _joined(ids)
    ids = _inside(ids, vocab_size, f"vocab_size is {vocab_size}")
    cells = []  # a pair is one number: row * vocab_size + column
    for offset in range(1, min(window, len(ids) - 1) + 1):
        same = text[:-offset] == text[offset:]
        cells.append((ids[:-offset] * vocab_size + ids[offset:])[same])
    cells = np.concatenate([np.empty(0, np.int64), *cells])
    if not sparse:
        after = np.bincount(cells, minlength=vocab_size**2).reshape(vocab_size, vocab_size)
        return after + after.T
    mirrored = cells % vocab_size * vocab_size + cells // vocab_size
    cells, counts = np.unique(np.concatenate([cells, mirrored]), return_counts=True)
    return cells // vocab_size, cells % vocab_size, counts


def ppmi(counts: Float[np.ndarray, "words contexts"]) -> Float[np.ndarray, "words contexts"]:
    """Positive pointwise mutual information: max(0, ln p(w, c) / (p(w) p(c))), and 0 where nothing was counted.

    In nats, as float64. p(w, c) is a cell's share of all counts, p(w) its row's, p(c) its column's.
    Source: Church & Hanks 1990 (PMI); Levy & Goldberg 2014.
    Raises ValueError for counts that are negative or not finite.

    >>> ppmi(np.array([[0, 2], [2, 0]])).round(3)
    array([[0.   , 0.693],
           [0.693, 0.   ]])
    """
    counts = _matrix(counts, "counts")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("counts holds a number that is negative or not finite; a count is 0 or more")
    rows, columns = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    expected = rows * (columns / max(counts.sum(), 1e-300))  # the counts if words and contexts were independent
    ratio = np.divide(counts, expected, out=np.ones_like(counts), where=counts > 0)
    return np.log(np.maximum(ratio, 1.0))


def cosine_similarity(A: Float[np.ndarray, "n dim"], B: Float[np.ndarray, "m dim"]) -> Float[np.ndarray, "n m"]:
    """The cosine of the angle between each row of `A` and each row of `B`.

    A row of zeros points nowhere: it is similar to nothing, 0 and never NaN.

    >>> cosine_similarity(np.array([[3.0, 4.0]]), np.array([[4.0, 3.0], [0.0, 0.0]]))
    array([[0.96, 0.  ]])
    """
    A, B = _matrix(A, "A"), _matrix(B, "B")
    if A.shape[1] != B.shape[1]:
        raise ValueError(f"rows of A have {A.shape[1]} numbers, rows of B have {B.shape[1]}; they must have as many")
    return unit_rows(A) @ unit_rows(B).T


def unit_rows(E: Float[np.ndarray, "vocab dim"]) -> Float[np.ndarray, "vocab dim"]:
    """Each row divided by its norm, so that a dot product of two is their cosine; a row of zeros stays."""
    E = _matrix(E, "E")
    largest = np.abs(E).max(axis=1, keepdims=True, initial=0)  # first to size 1, or squares overflow or vanish
    E = np.divide(E, largest, out=np.zeros_like(E), where=largest > 0)
    norms = np.sqrt(np.sum(E * E, axis=1, keepdims=True))
    return np.divide(E, norms, out=np.zeros_like(E), where=norms > 0)


def nearest(
    E: Float[np.ndarray, "vocab dim"], vector: Float[np.ndarray, " dim"], k: int, exclude: Iterable[int] = ()
) -> Int[np.ndarray, " k"]:
    """The ids of the `k` rows of `E` most similar to `vector` by cosine, best first; of equals the lower id first.

    exclude  ids that may not be among them, such as the word one asks about
    Raises ValueError if fewer than `k` rows are left.

    >>> nearest(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.2]), k=2)
    array([0, 1])
    """
    E, vector = _matrix(E, "E"), np.asarray(vector, dtype=float)
    if vector.shape != E.shape[1:]:
        raise ValueError(f"vector has shape {vector.shape}; rows of E have {E.shape[1]} numbers, so must it")
    excluded = np.unique(_inside(_token_ids(list(exclude)), len(E), f"E has {len(E)} rows"))
    k = _whole(k, "k", 1)
    if k > len(E) - len(excluded):
        raise ValueError(f"k is {k}, but only {len(E) - len(excluded)} rows are left to choose from")
    # einsum adds up every row in the same order, so that equal rows get equal cosines; `@` may differ in the last digit
    similarity = np.einsum("vd,d->v", unit_rows(E), unit_rows(vector[None])[0])
    similarity[excluded] = -np.inf
    return np.argsort(-similarity, kind="stable")[:k]


def sigmoid(x: ArrayLike) -> Float[np.ndarray, "*shape"]:
    """1 / (1 + e^−x), between 0 and 1, without overflow for any x."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))


def sgns_loss(
    W: Float[np.ndarray, "vocab dim"],
    C: Float[np.ndarray, "vocab dim"],
    centers: Int[np.ndarray, " n"],
    contexts: Int[np.ndarray, " n"],
    negatives: Int[np.ndarray, "n k"],
) -> float:
    """The loss of skip-gram with negative sampling, in nats: the mean over the n pairs of

        −ln σ(W[center] · C[context]) − Σ over its k negatives ln σ(−W[center] · C[negative])

    Finite for any finite W and C. Source: Mikolov et al. 2013 (arXiv 1310.4546), equation 4.
    """
    W, C, centers, contexts, negatives = _sgns_input(W, C, centers, contexts, negatives)
    seen = np.einsum("nd,nd->n", W[centers], C[contexts])
    noise = np.einsum("nd,nkd->nk", W[centers], C[negatives])
    return float(np.mean(np.logaddexp(0, -seen) + np.logaddexp(0, noise).sum(axis=1)))  # −ln σ(x) = ln(1 + e^−x)


def sgns_gradients(
    W: Float[np.ndarray, "vocab dim"],
    C: Float[np.ndarray, "vocab dim"],
    centers: Int[np.ndarray, " n"],
    contexts: Int[np.ndarray, " n"],
    negatives: Int[np.ndarray, "n k"],
) -> tuple[Float[np.ndarray, "vocab dim"], Float[np.ndarray, "vocab dim"]]:
    """The gradients (dW, dC) of `sgns_loss` for W and for C.

    The slope of −ln σ(x) is σ(x) − 1, and that of −ln σ(−x) is σ(x): a pair that was seen pulls by what is missing to 1,
    a negative pushes by what exceeds 0. Rows that occur several times receive the sum, as in lesson 1.
    """
    W, C, centers, contexts, negatives = _sgns_input(W, C, centers, contexts, negatives)
    n = len(centers)
    seen = (sigmoid(np.einsum("nd,nd->n", W[centers], C[contexts])) - 1) / n
    noise = sigmoid(np.einsum("nd,nkd->nk", W[centers], C[negatives])) / n
    dW, dC = np.zeros_like(W), np.zeros_like(C)
    np.add.at(dW, centers, seen[:, None] * C[contexts] + np.einsum("nk,nkd->nd", noise, C[negatives]))
    np.add.at(dC, contexts, seen[:, None] * W[centers])
    np.add.at(dC, negatives, noise[:, :, None] * W[centers][:, None, :])
    return dW, dC


def _sgns_input(W, C, centers, contexts, negatives):
    W, C = _matrix(W, "W"), _matrix(C, "C")
    if W.shape[1] != C.shape[1]:
        raise ValueError(f"rows of W have {W.shape[1]} numbers, rows of C have {C.shape[1]}; they must have as many")
    centers = _inside(_token_ids(centers), len(W), f"W has {len(W)} rows")
    contexts = _inside(_token_ids(contexts), len(C), f"C has {len(C)} rows")
    negatives = np.asarray(negatives)
    if not len(centers) or contexts.shape != centers.shape or negatives.shape[:-1] != centers.shape:
        raise ValueError(
            f"centers {centers.shape}, contexts {contexts.shape} and negatives {negatives.shape} must have shapes "
            "(n,), (n,) and (n, k), with at least one pair"
        )
    flat = _inside(_token_ids(negatives.ravel()), len(C), f"C has {len(C)} rows")
    return W, C, centers, contexts, flat.reshape(negatives.shape)


def _joined(ids: Texts) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " n"]]:
    """All ids in one array, and for each the number of its text."""
    if not isinstance(ids, np.ndarray) and len(ids) and np.ndim(ids[0]):
        texts = [_token_ids(text) for text in ids]
        return np.concatenate(texts), np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    ids = _token_ids(ids)
    return ids, np.zeros(len(ids), dtype=np.int64)


def _token_ids(ids: ArrayLike) -> Int[np.ndarray, " n"]:
    ids = np.asarray(ids)
    if ids.size == 0:
        ids = ids.astype(np.int64)
    if ids.ndim != 1:
        raise ValueError(f"ids have shape {ids.shape}; a text is one row of ids, of shape (n,)")
    if not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(f"ids have dtype {ids.dtype}; an id is a whole number, so convert them to int64 first")
    return ids.astype(np.int64)


def _inside(ids: Int[np.ndarray, " n"], size: int, whose: str) -> Int[np.ndarray, " n"]:
    if ids.size and (ids.min() < 0 or ids.max() >= size):
        wrong = ids.min() if ids.min() < 0 else ids.max()
        raise IndexError(f"id {wrong} is outside the table: {whose}, so ids run from 0 to {size - 1}")
    return ids


def _matrix(A: ArrayLike, name: str) -> Float[np.ndarray, "n m"]:
    A = np.asarray(A)
    if A.ndim != 2:
        raise ValueError(f"{name} has shape {A.shape}; it must be a matrix, of shape (rows, columns)")
    if not (np.issubdtype(A.dtype, np.integer) or np.issubdtype(A.dtype, np.floating)):
        raise ValueError(f"{name} has dtype {A.dtype}; it must hold numbers")
    return A if np.issubdtype(A.dtype, np.floating) else A.astype(np.float64)


def _whole(number: int, name: str, least: int) -> int:
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer) or number < least:
        raise ValueError(f"{name} is {number!r}; it must be a whole number of at least {least}")
    return int(number)
