"""What a model's parameters are, and how many: for now the table of real models."""

from embedcourse.counting.models import models

__all__ = ["models"]
