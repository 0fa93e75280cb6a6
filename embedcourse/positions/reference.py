"""Where a token stands, as numbers that are added to its row: learned or worked out.

Taught in lesson 7. Plain NumPy, readable top to bottom: a table with a row for each position (`learned_input`), as in
GPT-2 and BERT (`bert_input`); the rows of sines and cosines that need no table (`sinusoidal`), and what moves them along
(`shift_matrix`); and which position a token has in a padded batch (`position_ids`). Not here: attention, which reads
these rows (`attention.py`), and positions that enter attention itself (lesson 8).
"""

from numbers import Real

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from embedcourse.lookup import lookup
from embedcourse.positions.attention import _numbers


def learned_input(
    E: Float[np.ndarray, "vocab dim"], P: Float[np.ndarray, "positions dim"], ids: Int[np.ndarray, "*batch length"]
) -> Float[np.ndarray, "*batch length dim"]:
    """The row of each token plus the row of its position: `learned_input(E, P, ids)[..., i, :] == E[ids[..., i]] + P[i]`.

    Source: Radford et al. 2018 (GPT), equation 2.
    Raises IndexError for a text longer than `P`, as for an id outside `E`: a table ends where it ends.

    >>> learned_input([[1.0, 1.0], [5.0, 5.0]], [[0.1, 0.2], [0.3, 0.4]], [1, 1])
    array([[5.1, 5.2],
           [5.3, 5.4]])
    """
    tokens, P = lookup(E, ids), _table(P, "P")
    if tokens.ndim < 2:
        raise ValueError("ids is a single id; a text has at least one axis, (length,)")
    if tokens.shape[-1] != P.shape[1]:
        raise ValueError(
            f"rows of E have {tokens.shape[-1]} numbers, rows of P have {P.shape[1]}; they must have as many"
        )
    length = tokens.shape[-2]
    if length > len(P):
        raise IndexError(
            f"a text of {length} tokens is too long: P has {len(P)} rows, so positions run from 0 to {len(P) - 1}"
        )
    return tokens + P[:length]


def layer_norm(
    x: Float[np.ndarray, "*batch dim"],
    gain: Float[np.ndarray, " dim"],
    bias: Float[np.ndarray, " dim"],
    eps: float = 1e-12,
) -> Float[np.ndarray, "*batch dim"]:
    """Each vector moved to mean 0 and scaled to variance 1, then times `gain` plus `bias`, in the dtype of its inputs.

    eps  is added to the variance, so that a vector of equal numbers becomes 0 and not NaN; BERT's is 1e-12, torch's 1e-5
    Source: Ba et al. 2016 (arXiv 1607.06450), equations 3 and 4.
    Raises ValueError for a gain or bias that is not one number a dimension.

    >>> layer_norm([1.0, 3.0], gain=[1.0, 1.0], bias=[0.0, 10.0])
    array([-1., 11.])
    """
    x, gain, bias = _numbers(x, "x", least_axes=1), _numbers(gain, "gain"), _numbers(bias, "bias")
    if not (gain.shape == bias.shape == x.shape[-1:]):
        raise ValueError(
            f"gain has shape {gain.shape} and bias {bias.shape}; vectors of {x.shape[-1]} numbers need {x.shape[-1:]}"
        )
    centered = x - x.mean(axis=-1, keepdims=True)
    variance = np.mean(centered * centered, axis=-1, keepdims=True)
    return centered / np.sqrt(variance + eps) * gain + bias


def bert_input(
    E: Float[np.ndarray, "vocab dim"],
    P: Float[np.ndarray, "positions dim"],
    S: Float[np.ndarray, "segments dim"],
    gain: Float[np.ndarray, " dim"],
    bias: Float[np.ndarray, " dim"],
    ids: Int[np.ndarray, "*batch length"],
    segments: Int[np.ndarray, "*batch length"],
) -> Float[np.ndarray, "*batch length dim"]:
    """What BERT's first layer reads: the rows of token, position and segment added up, then `layer_norm`.

    segments  for each token the sentence it belongs to, 0 or 1: a row of the third table
    Source: Devlin et al. 2019 (arXiv 1810.04805), figure 2; the norm is in the released code only.
    Raises what `learned_input` raises, IndexError for a segment outside `S`, and ValueError for shapes that do not fit.
    """
    x, of_segments = learned_input(E, P, ids), lookup(_table(S, "S"), segments)
    if of_segments.shape != x.shape:
        raise ValueError(
            f"token and position make {x.shape}, the segments {of_segments.shape}: "
            "every token needs its segment, and the rows of all tables the same length"
        )
    return layer_norm(x + of_segments, gain, bias)


def sinusoidal(length: int, dim: int, base: float = 10_000.0) -> Float[np.ndarray, "length dim"]:
    """A row for each position 0 … length-1: sin and cos of position · base^(−2i/dim), for i = 0 … dim/2 − 1.

    Columns sin, cos, sin, cos …, float64: column 2i is the sine of pair i, column 2i + 1 its cosine. Nothing is learned,
    and no length is too long. Many libraries write all sines first, then all cosines: the same columns in another order.
    Source: Vaswani et al. 2017 (arXiv 1706.03762), section 3.5.
    Raises ValueError for an odd dim, a negative length, or a base that is not above 0.

    >>> sinusoidal(2, 4).round(3)
    array([[0.   , 1.   , 0.   , 1.   ],
           [0.841, 0.54 , 0.01 , 1.   ]])
    """
    angles = np.arange(_whole(length, "length"))[:, None] * _frequencies(dim, base)
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, dim)


def shift_matrix(offset: float, dim: int, base: float = 10_000.0) -> Float[np.ndarray, "dim dim"]:
    """The matrix that moves any position on by `offset`: sinusoidal(p + offset) = shift_matrix(offset) @ sinusoidal(p).

    It turns each pair (sin, cos) by offset · frequency: a block [[cos, sin], [−sin, cos]] on the diagonal, zeros around.
    offset  may be negative or a fraction; the matrix of −offset is the inverse and the transpose
    Source: Vaswani et al. 2017, section 3.5, where its existence is stated.
    Raises ValueError for an odd dim, an offset that is no finite number, or a base that is not above 0.

    >>> p = sinusoidal(10, dim=8)
    >>> bool(np.allclose(shift_matrix(4, dim=8) @ p[3], p[7]))
    True
    """
    if isinstance(offset, bool) or not isinstance(offset, Real) or not np.isfinite(offset):
        raise ValueError(f"offset is {offset!r}; it must be a finite number of positions, such as 3 or -0.5")
    angles = offset * _frequencies(dim, base)
    shift = np.zeros((dim, dim))
    sines, cosines = np.arange(0, dim, 2), np.arange(1, dim, 2)
    shift[sines, sines] = shift[cosines, cosines] = np.cos(angles)
    shift[sines, cosines] = np.sin(angles)
    shift[cosines, sines] = -np.sin(angles)
    return shift


def position_ids(attention_mask: Int[np.ndarray, "*batch length"], offset: int = 0) -> Int[np.ndarray, "*batch length"]:
    """The position of each token among the tokens of its row, as int64: offset, offset + 1, …, with padding left out.

    attention_mask  1 or True for a token, 0 or False for padding, on either side
    offset          where tokens begin. RoBERTa begins at 2: its row 1 is for padding
    Padding gets offset - 1, or 0 if there is no such row; what is read there must be masked in attention all the same.
    Raises ValueError for a mask with anything but 0 and 1 in it, and for an offset below 0.

    >>> position_ids([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]], offset=2)
    array([[1, 1, 2, 3, 4],
           [2, 3, 4, 1, 1]])
    """
    mask, offset = np.asarray(attention_mask), _whole(offset, "offset")
    if mask.dtype != bool:
        mask = _numbers(mask, "attention_mask")
    if mask.ndim == 0:
        raise ValueError("attention_mask is a single number; it needs at least one axis, (length,)")
    if not np.isin(mask, (0, 1)).all():
        raise ValueError("attention_mask holds something else than 0 and 1: 1 stands for a token, 0 for padding")
    is_token = mask.astype(bool)
    return np.where(is_token, offset - 1 + np.cumsum(is_token, axis=-1, dtype=np.int64), max(offset - 1, 0))


def _frequencies(dim: int, base: float) -> Float[np.ndarray, " half"]:
    """How far each pair (sin, cos) turns from one position to the next, in radians: base^(−2i/dim)."""
    dim = _whole(dim, "dim")
    if dim % 2 or not dim:
        raise ValueError(f"dim is {dim}; each frequency takes a sine and a cosine, so dim must be even, at least 2")
    if isinstance(base, bool) or not isinstance(base, Real) or not (np.isfinite(base) and base > 0):
        raise ValueError(f"base is {base!r}; it must be a finite number above 0, such as 10000.0")
    return float(base) ** (-np.arange(0, dim, 2) / dim)


def _table(table: ArrayLike, name: str) -> Float[np.ndarray, "rows dim"]:
    table = _numbers(table, name)
    if table.ndim != 2:
        raise ValueError(f"{name} has shape {table.shape}; a table has two axes, (rows, dim)")
    return table


def _whole(number: int, name: str) -> int:
    if isinstance(number, bool | np.bool_) or not isinstance(number, int | np.integer) or number < 0:
        raise ValueError(f"{name} is {number!r}; it must be a whole number of at least 0")
    return int(number)
