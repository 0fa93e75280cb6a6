"""Running an answer on one case, in this process.

`LocalAnswer` is what the notebook uses. Whatever else has a method `run(probe, args) -> Outcome`, such as a function
that lives in another process, can be marked just the same.
"""

import builtins
import contextlib
import io
import itertools
import linecache
import os
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FunctionType, TracebackType
from typing import Any

import numpy as np

from embedcourse.marking.model import Outcome, Raised
from embedcourse.marking.values import freeze, thaw, type_name

MAX_PRINTED = 2_000
MAX_TEXT = 500
MAX_LINES = 3
MAX_POISONED = 128
_NAN = np.full(MAX_POISONED, np.nan)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """What an answer may do to the whole process is undone on leaving, and nothing that it writes is seen.

    Muted: both screens, by every name and by number, and what Python says of objects that fail in their end. Nobody
    is asked anything. Undone: a changed working directory, tracing, treatment of floating-point errors, default dtype or
    gradient mode of torch. The global random generators start the same every time, and go on afterwards as if nothing had been.
    """
    with contextlib.ExitStack() as later:
        later.callback(sys.settrace, sys.gettrace())
        with contextlib.suppress(OSError):  # the folder itself may be gone
            later.callback(_go_to, os.getcwd())
        later.callback(random.setstate, random.getstate())
        later.callback(np.random.set_state, np.random.get_state())
        random.seed(0)
        np.random.seed(0)
        torch = sys.modules.get("torch")
        if torch is not None:
            later.callback(torch.set_rng_state, torch.get_rng_state())
            later.callback(torch.set_default_dtype, torch.get_default_dtype())
            later.callback(torch.set_grad_enabled, torch.is_grad_enabled())
            torch.default_generator.manual_seed(0)  # of the processor alone; torch.manual_seed takes half a millisecond
        for place, name, stand_in in (
            (sys, "unraisablehook", _say_nothing),
            (sys, "breakpointhook", _no_breakpoint),
            (builtins, "input", _no_input),
        ):
            later.callback(setattr, place, name, getattr(place, name))
            setattr(place, name, stand_in)
        later.enter_context(_muted())
        later.enter_context(np.errstate(all="ignore"))
        yield


def _say_nothing(unraisable: Any) -> None:
    pass


def _no_breakpoint(*args: Any, **more: Any) -> None:
    raise RuntimeError("there is nobody to debug while an answer is marked: take breakpoint() out")


def _no_input(*args: Any) -> str:
    raise RuntimeError("there is nobody to ask while an answer is marked: what it needs comes in as its parameters")


def _go_to(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.chdir(folder)


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    streams = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
    nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    with contextlib.ExitStack() as later:
        later.callback(_close, nowhere)
        for stream in streams:
            with contextlib.suppress(Exception):  # a screen that is closed or not there needs no flushing
                stream.flush()
        for number in (1, 2):
            with contextlib.suppress(OSError):  # a program without a console has none
                later.callback(_put_back, os.dup(number), number)
                os.dup2(nowhere.fileno(), number)
        try:
            sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = nowhere
            yield
        finally:
            sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__ = streams


def _close(file: io.TextIOBase) -> None:
    with contextlib.suppress(OSError):  # an answer may have closed what is not its own
        file.close()


def _put_back(kept: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.dup2(kept, number)
        os.close(kept)


class LocalAnswer:
    """An answer in this process: called with fresh copies, its prints and warnings caught, its exceptions told as data."""

    def __init__(self, function: Callable) -> None:
        self.function = function

    def run(self, probe: Callable, args: tuple) -> Outcome:
        """What `probe(function, *args)` gives, for frozen `args`. A KeyboardInterrupt is an outcome like any other."""
        live = thaw(args)
        _leave_nan_behind(live)
        process, limit = os.getpid(), sys.getrecursionlimit()
        pieces: list[str] = []
        printed = Capped(pieces)
        value, raised = None, None
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            warnings.catch_warnings(),
            np.errstate(),
        ):
            warnings.simplefilter("ignore")
            try:
                value = freeze(probe(self.function, *live))
            except BaseException as error:
                sys.setrecursionlimit(limit)
                raised = describe(error, _file_of(self.function))
            sys.setrecursionlimit(limit)  # an answer may have set it too low even for what follows here
            if os.getpid() != process:
                os._exit(1)  # a copy of this process, forked by the answer, must not go on marking
            args_after = tuple(map(freeze, live))
        return Outcome(value, raised, args_after, sayable("".join(pieces)))


def _leave_nan_behind(args: tuple) -> None:
    """Make it likely that small arrays which an answer never writes to hold NaN, and not by luck what was wanted.

    NumPy hands out freed blocks of up to 1,024 bytes again, seven of each size. An answer's result is often as large as
    one of its inputs, in float64.
    """
    for size in {array.size for array in args if type(array) is np.ndarray and array.size <= MAX_POISONED}:
        [_NAN[:size].copy() for _ in range(8)]


class Capped(io.TextIOBase):
    """A screen that keeps the first 2,000 characters and swallows the rest: a print in a loop must not fill the memory.

    What was kept is in `pieces`, out of reach of an answer that closes or patches what it takes for the screen.
    """

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        self._room = MAX_PRINTED

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Keep what there is room for."""
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
        text = sayable(str.__str__(str.__getitem__(text, slice(MAX_TEXT))))
    except BaseException:
        text = "(its text cannot be read)"
    traceback_ = BaseException.__dict__["__traceback__"].__get__(error)
    return Raised(type_name(kind), builtin_names, text, _lines(traceback_, file))


def sayable(text: str, most: int | None = None) -> str:
    """Text, at most its first `most` characters, that every screen and file can take.

    Half a surrogate pair is written as its number.
    """
    return text[:most].encode("utf-8", "backslashreplace").decode("utf-8")[:most]


def has_method(value: Any, name: str) -> bool:
    """Whether the value's class, or one it descends from, defines `name`; no code of theirs is asked."""
    return any(
        name in type.__dict__["__dict__"].__get__(base) for base in type.__dict__["__mro__"].__get__(type(value))
    )


def _file_of(function: Any) -> str | None:
    return function.__code__.co_filename if type(function) is FunctionType else None


def _lines(trace: TracebackType | None, file: str | None) -> tuple[str, ...]:
    """At most three of the learner's own lines that the exception came through, outermost first."""
    if file is None:
        return ()
    numbers = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == file]
    numbers = [line for line, _ in itertools.groupby(numbers)]
    shown = numbers if len(numbers) <= MAX_LINES else numbers[: MAX_LINES - 1] + numbers[-1:]
    return tuple(f"line {number}: {linecache.getline(file, number).strip()}" for number in shown)
