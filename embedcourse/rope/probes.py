"""How answers that are not simply called are tried.

The test that a learner writes in lesson 8 is handed rotations, one at a time, and says yes or no; a dtype of torch, in
lesson 9, travels by its name.
"""

from collections.abc import Callable
from typing import Any

import torch

from embedcourse.rope.specimens import SPECIMENS


def on_specimen(answer: Callable, turn: str) -> Any:
    """What `answer(turn)` says of a specimen; of a tensor that holds one truth value, that value."""
    said = answer(SPECIMENS[turn])
    if type(said) is torch.Tensor and said.dtype == torch.bool and said.numel() == 1:
        return said.item()
    return said


def on_dtype(answer: Callable, dtype: str) -> Any:
    """What `answer(dtype)` gives, for a dtype of torch."""
    return answer(getattr(torch, dtype))
