"""The learner's side: the decorator that marks an exercise's cell, what its feedback looks like, the scorecard."""

from embedcourse.notebook.decorator import exercise, watch
from embedcourse.notebook.scorecard import scorecard
from embedcourse.notebook.state import for_class

__all__ = ["exercise", "for_class", "scorecard"]

watch()
