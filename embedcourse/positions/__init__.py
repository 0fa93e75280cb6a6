"""Lesson 7: attention does not know where a token stands, and what a model adds to a row so that it does."""

from embedcourse.positions.attention import attention, attention_weights
from embedcourse.positions.reference import (
    bert_input,
    layer_norm,
    learned_input,
    position_ids,
    shift_matrix,
    sinusoidal,
)

__all__ = [
    "attention",
    "attention_weights",
    "bert_input",
    "layer_norm",
    "learned_input",
    "position_ids",
    "shift_matrix",
    "sinusoidal",
]
