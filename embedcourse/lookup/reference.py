"""The embedding matrix and the reading of its rows, forwards and backwards.

Taught in lesson 1. Plain NumPy, readable top to bottom: tokens become ids, ids become rows, and a gradient flows back
into the rows that were read. Not here: how the rows get their values (lesson 2), and torch's layer, which lesson 1
compares with these functions.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

UNKNOWN = "<unk>"


def build_vocabulary(tokens: Iterable[str]) -> dict[str, int]:
    """Each different token with its id: 0, 1, 2, … in the order of first appearance.

    Raises TypeError for a bare string, which would be read letter by letter.

    >>> build_vocabulary(["the", "cat", "saw", "the", "dog"])
    {'the': 0, 'cat': 1, 'saw': 2, 'dog': 3}
    """
    _refuse_bare_string(tokens)
    return {token: number for number, token in enumerate(dict.fromkeys(tokens))}


def encode(tokens: Sequence[str], vocabulary: Mapping[str, int]) -> Int[np.ndarray, " n"]:
    """The id of each token, as int64.

    A token that is not in the vocabulary gets the id of "<unk>" if the vocabulary has one.
    Raises KeyError if it has none, and TypeError for a bare string.

    >>> encode(["the", "bird"], {"<unk>": 0, "the": 1})
    array([1, 0])
    """
    _refuse_bare_string(tokens)
    tokens = list(tokens)
    if UNKNOWN not in vocabulary:
        missing = [token for token in tokens if token not in vocabulary]
        if missing:
            raise KeyError(
                f"{missing[0]!r} is not in the vocabulary, and there is no {UNKNOWN!r} to stand in for it: "
                f"add {UNKNOWN!r} before you encode text that the vocabulary was not built from"
            )
    unknown = vocabulary.get(UNKNOWN)
    return np.array([vocabulary.get(token, unknown) for token in tokens], dtype=np.int64)


def lookup(E: Float[np.ndarray, "vocab dim"], ids: ArrayLike) -> Float[np.ndarray, "*batch dim"]:
    """The rows of `E` that `ids` name: `lookup(E, ids)[i] == E[ids[i]]`, for ids of any shape.

    Costs `dim` copies per id and no arithmetic. Returns a new array, never a view of `E`.
    Raises IndexError for an id outside 0 … vocab-1: NumPy would wrap a negative one to the wrong row without a word.

    >>> E = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> lookup(E, [2, 0])
    array([[5., 6.],
           [1., 2.]])
    """
    E = _table(E)
    return E.take(_checked_ids(ids, len(E), f"E has {len(E)} rows"), axis=0)


def one_hot(ids: ArrayLike, vocab_size: int) -> Float[np.ndarray, "*batch vocab"]:
    """For each id a vector of `vocab_size` zeros with a one at that id, as float64.

    Raises IndexError for an id outside 0 … vocab_size-1.

    >>> one_hot([2, 0], vocab_size=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    vocab_size = _positive_integer(vocab_size, "vocab_size")
    ids = _checked_ids(ids, vocab_size, f"vocab_size is {vocab_size}")
    return (ids[..., None] == np.arange(vocab_size)).astype(np.float64)


def lookup_by_matmul(E: Float[np.ndarray, "vocab dim"], ids: ArrayLike) -> Float[np.ndarray, "*batch dim"]:
    """The same rows as `lookup(E, ids)`, got by multiplying one-hot vectors with `E`, in the dtype of `E`.

    Costs vocab × dim multiplications per id, all but `dim` of them by zero. Refuses what `lookup` refuses.
    An inf or NaN anywhere in `E` spoils its column for every id, since 0 × inf and 0 × NaN are NaN; `lookup` reads past it.
    """
    E = _table(E)
    _checked_ids(ids, len(E), f"E has {len(E)} rows")
    return one_hot(ids, len(E)).astype(E.dtype) @ E


def lookup_gradient(
    ids: ArrayLike,
    upstream: Float[np.ndarray, "*batch dim"],
    vocab_size: int,
    padding_id: int | None = None,
) -> Float[np.ndarray, "vocab dim"]:
    """The gradient of the loss for `E`, when `upstream` is its gradient for `lookup(E, ids)`. In upstream's dtype.

    Each row of `upstream` is added to the row of its id: an id that stands in `ids` twice gets both, a row that was
    not read gets zero. The row `padding_id`, if given, stays zero as well (torch's `padding_idx`).
    Raises ValueError if the shape of `upstream` is not the shape of `ids` and one dimension more.

    >>> lookup_gradient([1, 1, 0], np.array([[1.0, 0.0], [2.0, 5.0], [7.0, 0.0]]), vocab_size=3)
    array([[7., 0.],
           [3., 5.],
           [0., 0.]])
    """
    vocab_size = _positive_integer(vocab_size, "vocab_size")
    ids = _checked_ids(ids, vocab_size, f"vocab_size is {vocab_size}")
    upstream = np.asarray(upstream)
    if not np.issubdtype(upstream.dtype, np.floating):
        raise ValueError(f"upstream has dtype {upstream.dtype}; a gradient is floating point, such as float64")
    if upstream.ndim != ids.ndim + 1 or upstream.shape[:-1] != ids.shape:
        raise ValueError(
            f"ids of shape {ids.shape} need an upstream gradient of shape {(*ids.shape, 'dim')}, one row per id; "
            f"this one has shape {upstream.shape}"
        )
    gradient = np.zeros((vocab_size, upstream.shape[-1]), dtype=upstream.dtype)
    np.add.at(gradient, ids, upstream)  # `gradient[ids] += upstream` would keep one of several equal ids
    if padding_id is not None:
        gradient[_checked_ids(padding_id, vocab_size, f"vocab_size is {vocab_size}")] = 0
    return gradient


def _refuse_bare_string(tokens: object) -> None:
    if isinstance(tokens, str | bytes):
        raise TypeError(f"tokens is one string, {tokens[:20]!r}; give a list of tokens, such as text.split()")


def _table(E: ArrayLike) -> np.ndarray:
    E = np.asarray(E)
    if E.ndim != 2:
        raise ValueError(f"E has shape {E.shape}; an embedding matrix has two dimensions, (vocab, dim)")
    return E


def _positive_integer(number: int, name: str) -> int:
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer) or number < 1:
        raise ValueError(f"{name} is {number!r}; it must be a whole number of at least 1")
    return int(number)


def _checked_ids(ids: ArrayLike, vocab_size: int, whose: str) -> np.ndarray:
    try:
        ids = np.asarray(ids)
    except ValueError as error:
        raise ValueError("ids is ragged: every inner list must have the same length; pad the short ones") from error
    if ids.size == 0 and ids.dtype == np.float64:
        ids = ids.astype(np.int64)  # np.asarray([]) is float64, though no id in it is
    if not np.issubdtype(ids.dtype, np.integer):
        raise ValueError(f"ids have dtype {ids.dtype}; an id is a whole number, so convert them to int64 first")
    if ids.size:
        smallest, largest = ids.min(), ids.max()
        if smallest < 0 or largest >= vocab_size:
            wrong = int(smallest if smallest < 0 else largest)
            raise IndexError(f"id {wrong} is outside the table: {whose}, so ids run from 0 to {vocab_size - 1}")
    return ids
