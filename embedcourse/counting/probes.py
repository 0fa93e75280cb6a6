"""How an answer of lesson 6 with a default is tried: with the argument, and without it. Nothing here knows what is right."""

from collections.abc import Callable
from typing import Any

import numpy as np

LEFT_OUT = "left out"


def look(answer: Callable, q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool | str) -> Any:
    """`answer(q, k, v, causal)`, or without `causal` where that is left out."""
    return answer(q, k, v) if causal == LEFT_OUT else answer(q, k, v, causal)
