"""Marking: an exercise and an answer become a report. Imports no lesson, prints nothing, needs only NumPy."""

from embedcourse.marking.judge import mark, unmarked
from embedcourse.marking.model import (
    LEFT_OUT,
    Case,
    Exercise,
    Failure,
    Mistake,
    Outcome,
    Part,
    PartResult,
    Raised,
    Report,
    call,
    entry_part,
    for_class,
    mistake,
    with_numbers,
)
from embedcourse.marking.running import LocalAnswer
from embedcourse.marking.values import Opaque, Tensor, compare, freeze, show_value, thaw
from embedcourse.marking.wire import WireError, decode, decode_outcome, encode, encode_outcome

__all__ = [
    "LEFT_OUT",
    "Case",
    "Exercise",
    "Failure",
    "LocalAnswer",
    "Mistake",
    "Opaque",
    "Outcome",
    "Part",
    "PartResult",
    "Raised",
    "Report",
    "Tensor",
    "WireError",
    "call",
    "compare",
    "decode",
    "decode_outcome",
    "encode",
    "encode_outcome",
    "entry_part",
    "for_class",
    "freeze",
    "mark",
    "mistake",
    "show_value",
    "thaw",
    "unmarked",
    "with_numbers",
]
