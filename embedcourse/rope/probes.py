"""How the test that a learner writes in lesson 8 is tried: it is handed rotations, one at a time, and says yes or no."""

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
