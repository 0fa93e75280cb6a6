"""Laws that exercises of several lessons use: what must hold of a value where equality with a reference says too little."""

from collections.abc import Callable
from typing import Any

from embedcourse.marking.values import compare


def has_entry(key: str, right: Any) -> Callable[[tuple, Any], str | None]:
    """The law that the answer is a dict whose entry `key` is `right`. Its sentence does not give `right` away."""

    def law(args: tuple, value: Any) -> str | None:
        if type(value) is not dict:
            return "your answer is not a dict"
        if key not in value:
            return f"your dict has no key {key!r}"
        return None if compare(value[key], right) is None else f"your value for {key!r} is not right"

    return law
