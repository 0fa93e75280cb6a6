"""Lessons 5 and 6: how large the table is, what else a model is made of, and the table of real models."""

from embedcourse.counting.ledger import (
    Count,
    ModelConfig,
    attention_parameters,
    config_from_hf,
    count,
    gpt2_parameters,
    llama_parameters,
    mlp_parameters,
)
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
    "attention_parameters",
    "config_from_hf",
    "count",
    "embedding_parameters",
    "factorised_parameters",
    "gpt2_parameters",
    "largest_vocabulary",
    "llama_parameters",
    "merge_step",
    "mlp_parameters",
    "models",
    "pad_vocabulary",
    "table_bytes",
    "training_bytes",
]
