"""In place of the package of that name, for the annotations of the course's references: no shape is looked at in here.

The package itself brings a hundred others with it, and each fork would pay for them.
"""

from typing import Any


class _Shape:
    def __class_getitem__(cls, _: Any) -> type:
        return cls


def __getattr__(name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Shape
