"""Lesson 4: the matrix that reads a token and the matrix that says it, and when they are one."""

from embedcourse.tying.reference import count_parameters, cross_entropy, tie, tied_gradient, tying_saving, unembed

__all__ = ["count_parameters", "cross_entropy", "tie", "tied_gradient", "tying_saving", "unembed"]
