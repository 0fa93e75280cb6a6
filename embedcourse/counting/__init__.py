"""Lessons 5 and 6: how large the table is, what else a model is made of, and the table of real models."""

from embedcourse.counting.ledger import Count, ModelConfig, config_from_hf, count
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
    "Count",
    "ModelConfig",
    "config_from_hf",
    "count",
    "embedding_parameters",
    "factorised_parameters",
    "largest_vocabulary",
    "merge_step",
    "models",
    "pad_vocabulary",
    "table_bytes",
    "training_bytes",
]
