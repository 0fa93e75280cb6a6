"""A course on embedding layers: the lessons' reference implementations and what marks, shows and builds them.

Each topic has its own module (`embedcourse.lookup`, …). At the top are the names a lesson's first cell imports.
Importing the package loads nothing heavy: no torch, matplotlib or Jupyter until they are needed.
"""

from importlib import import_module

_HOME = {
    "exercise": "embedcourse.notebook",
    "for_class": "embedcourse.notebook",
    "scorecard": "embedcourse.notebook",
    "show": "embedcourse.showing",
    "Explorer": "embedcourse.showing",
}

__all__ = ["Explorer", "exercise", "for_class", "scorecard", "show"]


def __getattr__(name: str) -> object:
    """The public name, imported from its module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'embedcourse' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
