"""Lesson 1: tokens, ids, the embedding matrix and the reading of its rows."""

from embedcourse.lookup.reference import (
    build_vocabulary,
    encode,
    lookup,
    lookup_by_matmul,
    lookup_gradient,
    one_hot,
)

__all__ = ["build_vocabulary", "encode", "lookup", "lookup_by_matmul", "lookup_gradient", "one_hot"]
