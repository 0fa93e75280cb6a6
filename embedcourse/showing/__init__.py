"""How things appear in a notebook: a figure with its alt text, an explorer with its controls."""

from embedcourse.showing.explorer import Explorer
from embedcourse.showing.figure import show, spoken

__all__ = ["Explorer", "show", "spoken"]
