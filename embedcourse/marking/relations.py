"""How wrong numbers relate to the right ones, where one word says it all: the sign, a factor, the transpose, the order.

Where no known mistake of an exercise is recognised, the relation decides which sentence helps. Works on frozen values.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from embedcourse.marking.values import Tensor

_CLOSE = 1e-6  # of the largest number
_NEARLY = 1e-3
_TWO = 2  # numbers that a factor or a distance must explain before it is believed


def relation(got: Any, wanted: Any) -> str | None:
    """The name of what turns `wanted` into `got`; None if nothing simple does. In a tuple all wrong arrays must agree."""
    pairs = list(_pairs(got, wanted))
    wrong = [pair for pair in pairs if not _alike(*pair)] or [pair for pair in pairs if not np.array_equal(*pair)]
    return next((name for name, holds in _RELATIONS.items() if wrong and all(holds(*pair) for pair in wrong)), None)


def _pairs(got: Any, wanted: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if type(got) is tuple and type(wanted) is tuple and len(got) == len(wanted):
        for one, other in zip(got, wanted, strict=True):
            yield from _pairs(one, other)
        return
    one, other = _array(got), numbers(wanted)
    if one is not None and other is not None and one.size == other.size:
        yield one.astype(np.float64 if one.dtype.kind == "f" else np.int64), other


def numbers(value: Any) -> np.ndarray | None:
    """The numbers of a frozen value as an array of floats; None if it holds none, or other things than numbers."""
    array = _array(value)
    return None if array is None else array.astype(np.float64)


def _array(value: Any) -> np.ndarray | None:
    array = value.array if type(value) is Tensor else value
    if type(array) is not np.ndarray and type(value) not in (int, float):
        return None
    array = np.asarray(array)
    return array if array.dtype.kind in "iuf" and array.size else None


def _alike(one: np.ndarray, other: np.ndarray, tolerance: float = _CLOSE) -> bool:
    scale = np.abs(other[np.isfinite(other)]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        return one.shape == other.shape and bool(np.all(np.abs(one - other) <= tolerance * (scale or 1.0)))


def _not_a_number(got: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.isnan(got).any() and not np.isnan(wanted).any())


def _infinite(got: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.isinf(got).any() and np.isfinite(wanted).all())


def _transposed(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.ndim == 2 and _alike(got.T, wanted)


def _cut_to_whole_numbers(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.dtype.kind == "i" and bool((wanted != np.trunc(wanted)).any()) and _alike(got, np.trunc(wanted))


def _left_at_zero(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and bool(got.any()) and _alike(got, np.where(got == 0, 0.0, wanted))


def _scaled(got: np.ndarray, wanted: np.ndarray) -> bool:
    if got.shape != wanted.shape or np.count_nonzero(wanted) < _TWO or not got.any():
        return False
    largest = np.abs(wanted).argmax()
    return _alike(wanted * (got.flat[largest] / wanted.flat[largest]), got)


def _shifted(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and got.size >= _TWO and _alike(wanted + (got - wanted).flat[0], got)


def _in_another_order(got: np.ndarray, wanted: np.ndarray) -> bool:
    return got.shape == wanted.shape and got.ndim == 1 and _alike(np.sort(got), np.sort(wanted))


_RELATIONS: dict[str, Callable[[np.ndarray, np.ndarray], bool]] = {
    "not a number": _not_a_number,
    "infinite": _infinite,
    "nearly": lambda got, wanted: _alike(got, wanted, _NEARLY),
    "negated": lambda got, wanted: _alike(-got, wanted),
    "signs lost": lambda got, wanted: _alike(got, np.abs(wanted)),
    "transposed": _transposed,
    "cut to whole numbers": _cut_to_whole_numbers,
    "left at zero": _left_at_zero,
    "back to front": lambda got, wanted: got.ndim == 1 and _alike(got[::-1], wanted),
    "in another order": _in_another_order,
    "scaled": _scaled,
    "shifted": _shifted,
}
