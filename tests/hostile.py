"""Answers that deserve nothing, made for any exercise out of its own reference: they raise, lie, forget, spoil, print.

Each is told by a name, so that the same answer can be made in another process.
"""

import collections
import inspect
import os
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from embedcourse import catalogue
from embedcourse.marking.model import call


def answers(exercise: str) -> dict[str, Callable]:
    """Every hostile answer to an exercise, by its name."""
    right = catalogue.exercises()[exercise].reference
    nonsense = _NONSENSE | (_SLOW_NONSENSE if _opens_a_lesson(exercise) else {})
    made = {
        **{f"raises {name}": make() for name, make in _RAISERS.items()},
        **{f"returns {name} and nothing right": _always(make) for name, make in nonsense.items()},
    }
    if hands_back(exercise):
        changes = _CHANGES | {"one number that is a little off": _a_little_off(_may_be_off(exercise))}
        made |= {f"returns {name}": _changing(right, change) for name, change in changes.items()}
        if _gets_what_can_be_changed(exercise):
            made["spoils its inputs"] = _spoiling(right)
    return made


def goes_abroad(exercise: str, name: str) -> bool:
    """Whether an answer is worth marking in another process too.

    Dice start anew there with every call. One exercise of each lesson is enough: all mistakes and right answers of all
    exercises are marked there too.
    """
    return _opens_a_lesson(exercise) and name != "returns dice and nothing right"


def _opens_a_lesson(exercise: str) -> bool:
    return any(lesson.exercises[0] == exercise for lesson in catalogue.lessons())


def hands_back(exercise: str) -> bool:
    """Whether an answer is judged by what it returns, and not only by what it does to its inputs."""
    return inspect.signature(catalogue.exercises()[exercise].reference).return_annotation is not None


def _may_be_off(exercise: str) -> float:
    """By which share a number may be off, where a person works it out and rounds."""
    return max(part.within for part in catalogue.exercises()[exercise].parts)


def forgetful(exercise: str) -> dict[str, Callable]:
    """Answers that are right on most calls. They may earn some points, but never all."""
    right = catalogue.exercises()[exercise].reference
    kinds = _FORGETFUL if hands_back(exercise) else {name: _FORGETFUL[name] for name in _IDLE}
    return {name: make(right) for name, make in kinds.items()}


def _gets_what_can_be_changed(exercise: str) -> bool:
    known = catalogue.exercises()[exercise]
    cases = [case for part in known.parts for case in part.cases(np.random.default_rng(0))]
    return known.probe is call and any(
        not isinstance(arg, int | float | str | bytes) for case in cases for arg in case.args
    )


# ── answers that always raise ──


def _raising(make: Callable[[], BaseException]) -> Callable[[], Callable]:
    def maker() -> Callable:
        def answer(*args: Any) -> None:
            raise make()

        return answer

    return maker


def _every_exception_at_once() -> BaseException:
    class Both(KeyError, IndexError, TypeError, ValueError, ArithmeticError):
        pass

    return Both("all at once")


def _only_called_so() -> BaseException:
    return type("IndexError", (Exception,), {})("only its name")


def _text_that_raises() -> BaseException:
    class Hostile(ValueError):
        def __str__(self) -> str:
            raise SystemExit("from __str__")

        __repr__ = __str__

    return Hostile("x")


def _everything_lies() -> BaseException:
    class Meta(type):
        __name__ = property(lambda cls: 1 / 0)

        def __instancecheck__(cls, instance: object) -> bool:
            return True

        def __getattribute__(cls, name: str) -> Any:
            raise RuntimeError(name)

    class Hostile(KeyError, metaclass=Meta):
        __class__ = property(lambda self: 1 / 0)
        __traceback__ = property(lambda self: 1 / 0)
        args = property(lambda self: 1 / 0)

        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError(name)

    return Hostile()


def _a_mile_of_text() -> BaseException:
    return LookupError("é" * 1_000_000)


_RAISERS = {
    **{kind.__name__: _raising(kind) for kind in (KeyError, IndexError, ValueError, TypeError, ZeroDivisionError)},
    "SystemExit": _raising(SystemExit),
    "GeneratorExit": _raising(GeneratorExit),
    "a group": _raising(lambda: ExceptionGroup("some", [KeyError("a"), IndexError("b")])),
    "all kinds at once": _raising(_every_exception_at_once),
    "what only calls itself IndexError": _raising(_only_called_so),
    "a text that raises": _raising(_text_that_raises),
    "an exception of which everything lies": _raising(_everything_lies),
    "a mile of text": _raising(_a_mile_of_text),
}


# ── right answers that are spoilt on the way out ──


def _changing(right: Callable, change: Callable[[Any], Any]) -> Callable:
    def answer(*args: Any) -> Any:
        return change(right(*args))

    return answer


def _arrays(change: Callable[[np.ndarray], Any]) -> Callable[[Any], Any]:
    """A change of arrays, numbers and words, wherever in a value they stand; what is empty gets something into it."""

    def changed(value: Any) -> Any:
        torch = sys.modules.get("torch")  # not imported for lessons that do without
        if isinstance(value, dict):
            return {key: changed(item) for key, item in value.items()} or {"": np.nan}
        if isinstance(value, list | tuple):
            return type(value)(changed(item) for item in value) or [np.nan]
        if isinstance(value, np.ndarray):
            return change(value) if value.size else change(np.ones(1, value.dtype))
        if torch is not None and isinstance(value, torch.Tensor):
            other = changed(value.detach().numpy())
            plain = type(other) is np.ndarray and other.dtype.kind in "fiub"
            return torch.from_numpy(other.copy()) if plain else other
        if isinstance(value, str):
            return np.str_(value[::-1] + "?")  # of a word no other number can be made, but another word
        return change(np.asarray(value)) if isinstance(value, int | float) else value

    return changed


def _one_place(bad: float) -> Callable[[np.ndarray], np.ndarray]:
    def change(array: np.ndarray) -> np.ndarray:
        other = array.astype(np.float64)
        other.flat[-1] = bad
        return other

    return change


def _a_little_off(within: float) -> Callable[[Any], Any]:
    """A thousandth more in one number and, where that may be rounding, twice as much as rounding may be."""
    return _arrays(lambda array: _one_place(array.flat[-1] * (1 + 2 * within) + 1e-3)(array))


class _Liar(np.ndarray):
    """An array that calls itself equal to everything and of any shape."""

    shape = property(lambda self: (3, 2))
    dtype = property(lambda self: np.dtype(np.float64))
    __eq__ = __ne__ = __lt__ = lambda self, other: True
    __hash__ = None

    def __array__(self, *args: Any, **more: Any) -> np.ndarray:
        raise SystemExit("from __array__")


class _Lazy:
    """Computes its numbers only when NumPy asks for them."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array__(self, *args: Any, **more: Any) -> np.ndarray:
        return np.asarray(self.value)

    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = None
    __class__ = property(lambda self: np.ndarray)


class _LyingDict(dict):
    """A dict that stores nothing and claims all."""

    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = None
    __contains__ = __eq__
    __len__ = lambda self: 3  # noqa: E731
    keys = items = values = lambda self: iter([("multiplications", 1)])
    __getitem__ = lambda self, key: 0  # noqa: E731


_CHANGES = {
    "NaN everywhere": _arrays(lambda array: np.full(array.shape, np.nan)),
    "inf everywhere": _arrays(lambda array: np.full(array.shape, np.inf)),
    "NaN in one place": _arrays(_one_place(np.nan)),
    "inf in one place": _arrays(_one_place(np.inf)),
    "minus inf in one place": _arrays(_one_place(-np.inf)),
    "numbers too large for a float": _arrays(lambda array: np.full(array.shape, 1e308) * 10),
    "numbers as text": _arrays(lambda array: array.astype(str)),
    "numbers as objects": _arrays(lambda array: array.astype(object)),
    "half precision": _arrays(lambda array: array.astype(np.float16) * np.float16(1.25)),
    "an axis too many": _arrays(lambda array: array[None]),
    "a lying array": _arrays(lambda array: array.view(_Liar)),
    "a lazy array": _Lazy,
    "a generator": lambda value: (item for item in [value]),
    "a function of it": lambda value: lambda: value,
    "its text": repr,
    "it in a list": lambda value: [value],
    "it and an afterthought": lambda value: (value, None),
}


def _list_in_itself() -> list:
    endless: list = []
    endless.append(endless)
    return endless


def _wide_and_deep() -> list:
    value: list = []
    for _ in range(8):
        value = [value] * 100
    return value


def _object_of_a_class_that_lies() -> object:
    class Meta(type):
        def __getattribute__(cls, name: str) -> Any:
            raise SystemExit(name)

    class Hostile(metaclass=Meta):
        def __getattribute__(self, name: str) -> Any:
            raise SystemExit(name)

        def __del__(self) -> None:
            raise RuntimeError("said after the end")

    return Hostile()


def _prints_everywhere() -> None:
    print("seen")
    print("seen", file=sys.stderr)
    for stream in (sys.__stdout__, sys.__stderr__):
        stream.write("seen")
        stream.flush()
    os.write(1, b"seen")
    os.write(2, b"seen")
    os.system("echo seen")  # another process


def _changes_the_process() -> None:
    np.seterr(all="raise")
    np.random.seed(1)
    random.seed(1)
    sys.setrecursionlimit(150)
    os.chdir(os.sep)
    sys.stdout = sys.stderr = None


_NONSENSE: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "NotImplemented": lambda: NotImplemented,
    "an exception": lambda: IndexError("returned"),
    "a class": lambda: KeyError,
    "a dict that lies": _LyingDict,
    "a list in itself": _list_in_itself,
    "an enormous integer": lambda: 10**5_000,  # more digits than Python writes out
    "an enormous array": lambda: np.broadcast_to(np.zeros(1), (10**6, 10**6)),
    "an object of a class that lies": _object_of_a_class_that_lies,
    "another process": _changes_the_process,
    "dice": lambda: np.random.random((2, 3)) + random.random(),
    "a dict of NaN": lambda: collections.defaultdict(float, {float("nan"): 1, ("a", 1): 2, None: 3}),
}
# Reading the one takes until a limit is reached, the other starts a shell, whatever the exercise: one of each lesson is enough.
_SLOW_NONSENSE: dict[str, Callable[[], Any]] = {
    "a list both wide and deep": _wide_and_deep,
    "everything printed": _prints_everywhere,
}


def _always(make: Callable[[], Any]) -> Callable:
    def answer(*args: Any) -> Any:
        return make()

    return answer


def _spoiling(right: Callable) -> Callable:
    """The right value; and of each input that can be changed nothing is left as it was."""

    def answer(*args: Any) -> Any:
        try:
            return right(*args)
        finally:
            for given in args:
                if isinstance(given, np.ndarray) and given.size:
                    given[...] += 1
                elif hasattr(given, "add_"):  # a tensor
                    given.add_(1)
                elif isinstance(given, list):
                    given.append(given[0] if given else 0)
                elif isinstance(given, dict):
                    given["spoilt"] = 1

    return answer


def _right_for(calls: int) -> Callable:
    """Right as often as marking has cases, and never again."""

    def make(right: Callable) -> Callable:
        count = 0

        def answer(*args: Any) -> Any:
            nonlocal count
            count += 1
            return right(*args) if count <= calls else None

        return answer

    return make


def _every_third_wrong(right: Callable) -> Callable:
    calls: list = []

    def answer(*args: Any) -> Any:
        calls.append(args)
        return right(*args) if len(calls) % 3 else None

    return answer


def _the_answer_before(right: Callable) -> Callable:
    before: list = [None]

    def answer(*args: Any) -> Any:
        try:
            before.append(right(*args))
        except Exception as error:
            before.append(error)
        return before[-2]

    return answer


def _one_more_each_time(right: Callable) -> Callable:
    calls: list = []

    def answer(*args: Any) -> Any:
        calls.append(1)
        value = right(*args)
        return value if len(calls) == 1 else [value] * len(calls)

    return answer


_IDLE = ("right for one call", "wrong every third time")  # they do nothing at all on a bad call
_FORGETFUL = {
    "right for one call": _right_for(1),
    "wrong every third time": _every_third_wrong,
    "the answer to the call before": _the_answer_before,
    "one more each time": _one_more_each_time,
}
