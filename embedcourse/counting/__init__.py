"""What a model's parameters are, and how many: the ledger of a model, and the table of real ones."""

from embedcourse.counting.ledger import Count, ModelConfig, config_from_hf, count
from embedcourse.counting.models import models

__all__ = ["Count", "ModelConfig", "config_from_hf", "count", "models"]
