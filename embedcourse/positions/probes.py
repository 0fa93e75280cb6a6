"""How answers of lesson 7 with a default are tried: with the argument, and without it. Nothing here knows what is right."""

from collections.abc import Callable
from typing import Any

import numpy as np

LEFT_OUT = "left out"


def rows(answer: Callable, length: int, dim: int, base: float | str) -> Any:
    """`answer(length, dim, base)`, or without the base where that is left out."""
    return answer(length, dim) if base == LEFT_OUT else answer(length, dim, base)


def shift(answer: Callable, offset: int, dim: int, base: float | str) -> Any:
    """`answer(offset, dim, base)`, or without the base where that is left out."""
    return answer(offset, dim) if base == LEFT_OUT else answer(offset, dim, base)


def positions(answer: Callable, attention_mask: np.ndarray, offset: int | str) -> Any:
    """`answer(attention_mask, offset)`, or without the offset where that is left out."""
    return answer(attention_mask) if offset == LEFT_OUT else answer(attention_mask, offset)
