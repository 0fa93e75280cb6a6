"""Attention: every place of a text takes a mean of what the places hold, with weights that it works out by itself.

Taught before learned positions, in lesson 6. Plain NumPy: a query's dot product with every key is a score, a softmax turns the
scores into weights, and the weights mix the values. Nothing in it knows where a token stands; `causal` only hides what
comes later. Not here: the matrices that make queries, keys and values out of rows, and several heads side by side.
"""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike


def attention(
    q: Float[np.ndarray, "*batch queries dim"],
    k: Float[np.ndarray, "*batch keys dim"],
    v: Float[np.ndarray, "*batch keys out"],
    causal: bool = False,
) -> Float[np.ndarray, "*batch queries out"]:
    """For each query a mean of the rows of `v`, with the weights of `attention_weights(q, k, causal)`.

    The leading axes (texts, heads) are broadcast; rows of `v` may be longer or shorter than those of `q` and `k`.
    Source: Vaswani et al. 2017 (arXiv 1706.03762), equation 1.
    Raises ValueError for shapes that do not fit, and for what holds no real numbers.

    >>> attention([[8.0, 0.0]], [[8.0, 0.0], [0.0, 8.0]], [[1.0, 2.0], [3.0, 4.0]])
    array([[1., 2.]])
    """
    v = _numbers(v, "v", least_axes=2)
    weights = attention_weights(q, k, causal)
    if v.shape[-2] != weights.shape[-1]:
        raise ValueError(f"there are {weights.shape[-1]} keys and {v.shape[-2]} rows in v; each key needs its row")
    _refuse_unlike_batches(weights.shape, v.shape, "q and k", "v")
    return weights @ v


def attention_weights(
    q: Float[np.ndarray, "*batch queries dim"],
    k: Float[np.ndarray, "*batch keys dim"],
    causal: bool = False,
) -> Float[np.ndarray, "*batch queries keys"]:
    """How much each query looks at each key: softmax(q kᵀ / √dim), rows of numbers from 0 to 1 that sum to 1.

    causal  query i sees the keys 0 … i only; the weights of later ones are exactly 0. There must then be as many queries
            as keys. A single new query at the end of a text needs no mask: it may see every key.
    Finite for scores of any size. float32 stays float32; whole numbers become float64.
    Raises ValueError for shapes that do not fit, and for what holds no real numbers.

    >>> attention_weights([[0.0], [0.0]], [[5.0], [7.0]], causal=True)
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    q, k = _numbers(q, "q", least_axes=2), _numbers(k, "k", least_axes=2)
    if q.shape[-1] != k.shape[-1] or not q.shape[-1]:
        raise ValueError(
            f"queries have {q.shape[-1]} numbers and keys {k.shape[-1]}; they are compared, so they need as many, at least 1"
        )
    if not k.shape[-2]:
        raise ValueError("there is no key, so there is nothing to look at")
    if causal and q.shape[-2] != k.shape[-2]:
        raise ValueError(
            f"causal attention needs as many queries as keys, here {q.shape[-2]} and {k.shape[-2]}: "
            "which keys come later is not known otherwise; a last query alone may see all keys, without causal"
        )
    _refuse_unlike_batches(q.shape, k.shape, "q", "k")
    scores = q @ k.swapaxes(-1, -2) / q.shape[-1] ** 0.5  # a NumPy root would be float64 and make everything float64
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def _numbers(x: ArrayLike, name: str, least_axes: int = 0) -> Float[np.ndarray, "*shape"]:
    """`x` as an array of floats, its own dtype where it is one; never a copy that is not needed."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: every inner list must have the same length") from error
    if not (np.issubdtype(x.dtype, np.integer) or np.issubdtype(x.dtype, np.floating)):
        raise ValueError(f"{name} has dtype {x.dtype}; it must hold real numbers, such as float64")
    if x.ndim < least_axes:
        raise ValueError(f"{name} has shape {x.shape}; it needs at least {least_axes} axes, (length, dim)")
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)


def _refuse_unlike_batches(first: tuple[int, ...], second: tuple[int, ...], one: str, other: str) -> None:
    try:
        np.broadcast_shapes(first[:-2], second[:-2])
    except ValueError as error:
        raise ValueError(
            f"before length and dim, {one} has shape {first[:-2]} and {other} {second[:-2]}; "
            "these must be equal, or one of them 1 or missing"
        ) from error
