"""How answers that are not simply called are tried.

Answers of lesson 8 that work on a rotation are handed those of `specimens.py`, one at a time; a dtype of torch, in lesson 9,
travels by its name.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from embedcourse.rope.specimens import SPECIMENS


def on_specimen(answer: Callable, turn: str) -> Any:
    """What `answer(turn)` says of a specimen; of a tensor that holds one truth value, that value.

    Random vectors are the same at each call, so that a wrong test is wrong in the same way twice. (Marking gives the
    generator back as it was.)
    """
    torch.default_generator.manual_seed(0)
    said = answer(SPECIMENS[turn])
    if type(said) is torch.Tensor and said.dtype == torch.bool and said.numel() == 1:
        return said.item()
    return said


def with_specimen(answer: Callable, turn: str, q: torch.Tensor, offset: int) -> Any:
    """`answer(turn, q, offset)` with a specimen for its name."""
    return answer(SPECIMENS[turn], q, offset)


class _StepsCounted(TorchFunctionMode):
    """Lets `STEPS` calls of torch's functions through and stops the next one: no clock, so the same on every machine."""

    STEPS = 12_000  # counting up to 2,049 with four calls for each number takes 8,200

    def __init__(self) -> None:
        super().__init__()
        self.left = self.STEPS

    def __torch_function__(self, function: Callable, types: tuple, args: tuple = (), kwargs: dict | None = None) -> Any:
        self.left -= 1
        if self.left < 0:
            raise RuntimeError(f"stopped after {self.STEPS:,} steps of torch: this loop does not come to an end")
        return function(*args, **(kwargs or {}))


def on_dtype(answer: Callable, dtype: str) -> Any:
    """What `answer(dtype)` gives, for a dtype of torch; a loop that counts for ever is stopped."""
    with _StepsCounted():
        return answer(getattr(torch, dtype))
