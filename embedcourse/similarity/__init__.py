"""Lessons 2 and 3: words that share their neighbours get similar rows, and what analogies between rows prove."""

from embedcourse.similarity.analogies import (
    analogy,
    analogy_accuracy,
    centered,
    offset_cosine,
    only_b_accuracy,
    question_ids,
)
from embedcourse.similarity.reference import (
    cooccurrence,
    cosine_similarity,
    nearest,
    ppmi,
    sgns_gradients,
    sgns_loss,
    sigmoid,
    skipgram_pairs,
    unit_rows,
)
from embedcourse.similarity.training import mean_sgns_loss, noise_distribution, train_sgns
from embedcourse.text.vectors import load_vectors

__all__ = [
    "analogy",
    "analogy_accuracy",
    "centered",
    "cooccurrence",
    "cosine_similarity",
    "load_vectors",
    "mean_sgns_loss",
    "nearest",
    "noise_distribution",
    "offset_cosine",
    "only_b_accuracy",
    "ppmi",
    "question_ids",
    "sgns_gradients",
    "sgns_loss",
    "sigmoid",
    "skipgram_pairs",
    "train_sgns",
    "unit_rows",
]
