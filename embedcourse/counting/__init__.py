"""Lesson 5: how large the table is, in numbers and bytes, and how many rows it has. And the table of real models."""

from embedcourse.counting.models import models
from embedcourse.counting.reference import (
    embedding_parameters,
    factorised_parameters,
    largest_vocabulary,
    merge_step,
    pad_vocabulary,
    table_bytes,
    training_bytes,
)

__all__ = [
    "embedding_parameters",
    "factorised_parameters",
    "largest_vocabulary",
    "merge_step",
    "models",
    "pad_vocabulary",
    "table_bytes",
    "training_bytes",
]
