"""Lessons 8 and 9: positions as rotations of queries and keys, and what real models do with them."""

from embedcourse.rope.practice import (
    attention_factor,
    half_to_interleaved,
    interleaved_to_half,
    scaled_inverse_frequencies,
)
from embedcourse.rope.reference import inverse_frequencies, rotate, rotate_pair

__all__ = [
    "attention_factor",
    "half_to_interleaved",
    "interleaved_to_half",
    "inverse_frequencies",
    "rotate",
    "rotate_pair",
    "scaled_inverse_frequencies",
]
