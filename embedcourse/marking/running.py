"""Running an answer on one case, in this process.

`LocalAnswer` is what the notebook uses. Whatever else has a method `run(probe, args) -> Outcome`, such as a function
that lives in another process, can be marked just the same.
"""

import builtins
import contextlib
import io
import linecache
import traceback
import warnings
from collections.abc import Callable
from types import FunctionType, TracebackType
from typing import Any

from embedcourse.marking.model import Outcome, Raised
from embedcourse.marking.values import freeze, thaw, type_name

MAX_PRINTED = 2_000
MAX_TEXT = 500
MAX_LINES = 3


class LocalAnswer:
    """An answer in this process: called with fresh copies, its prints and warnings caught, its exceptions told as data."""

    def __init__(self, function: Callable) -> None:
        self.function = function

    def run(self, probe: Callable, args: tuple) -> Outcome:
        """What `probe(function, *args)` gives, for frozen `args`. A KeyboardInterrupt is an outcome like any other."""
        live = thaw(args)
        pieces: list[str] = []
        printed = _Capped(pieces)
        value, raised = None, None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value = freeze(probe(self.function, *live))
            except BaseException as error:
                raised = describe(error, _file_of(self.function))
            args_after = freeze(live)
        return Outcome(value, raised, args_after, "".join(pieces))


class _Capped(io.TextIOBase):
    """Keeps the first 2,000 characters and swallows the rest: a print in a loop must not fill the memory.

    What was kept is in `pieces`, out of reach of an answer that closes or patches what it takes for the screen.
    """

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._room = MAX_PRINTED

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() needs a str, not {type(text).__name__}")
        self._pieces.append(text[: self._room])
        self._room = max(0, self._room - len(text))
        return len(text)

    def close(self) -> None:
        """Stay open: an answer may close what it takes for the screen."""


# Found by identity, so that no metaclass is asked anything.
_BUILTIN_NAMES = {
    kind: kind.__name__
    for kind in vars(builtins).values()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


def describe(error: BaseException, file: str | None = None) -> Raised:
    """An exception as data. Its text may be hostile (a `__str__` that raises), its class may lie about its name."""
    kind = type(error)
    builtin_names = tuple(
        _BUILTIN_NAMES[base] for base in type.__dict__["__mro__"].__get__(kind) if base in _BUILTIN_NAMES
    )
    try:
        text = str(error.args[0]) if isinstance(error, KeyError) and len(error.args) == 1 else str(error)
        text = str.__str__(str.__getitem__(text, slice(MAX_TEXT)))
    except BaseException:
        text = "(its text cannot be read)"
    traceback_ = BaseException.__dict__["__traceback__"].__get__(error)
    return Raised(type_name(kind), builtin_names, text, _lines(traceback_, file))


def _file_of(function: Any) -> str | None:
    return function.__code__.co_filename if type(function) is FunctionType else None


def _lines(trace: TracebackType | None, file: str | None) -> tuple[str, ...]:
    """At most three of the learner's own lines that the exception came through, outermost first."""
    if file is None:
        return ()
    numbers = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == file]
    numbers = [line for line, following in zip(numbers, [*numbers[1:], None], strict=True) if line != following]
    shown = numbers if len(numbers) <= MAX_LINES else numbers[: MAX_LINES - 1] + numbers[-1:]
    return tuple(f"line {number}: {linecache.getline(file, number).strip()}" for number in shown)
