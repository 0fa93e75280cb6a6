"""The course, as a submission sees it while it is graded: nothing is shown, and nothing is marked here."""

from typing import Any

_answers: dict[str, Any] = {}  # what stood below `@exercise`, by name; the last one that ran


def exercise(function: Any = None) -> Any:
    """Remember the answer. It is marked later, elsewhere."""
    if function is None:
        return exercise
    _answers[getattr(function, "__name__", "")] = function
    return function


class NotThere(RuntimeError):
    """Something of the course was used that is not there while this lesson is graded."""


class _Inert:
    """Stands for a figure, an explorer, a training: can be called, unpacked and asked for anything, and does nothing."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __call__(self, *args: Any, **more: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int) and key > 1:
            raise IndexError(key)
        return self

    def __iter__(self) -> Any:
        return iter((self, self))

    def __len__(self) -> int:
        return 2

    def __repr__(self) -> str:
        return f"<{self._name}, which does nothing while a lesson is graded>"


class _Absent:
    """Stands for a reference that is not there: using it says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *args: Any, **more: Any) -> Any:
        raise NotThere(
            f"{self._name} is the course's own answer, and not there while this lesson is graded: write yours"
        )

    def __repr__(self) -> str:
        return f"<{self._name}, not there while this lesson is graded>"


def _absent(name: str, guarded: bool) -> Any:
    return _Absent(name) if guarded else _Inert(name)


def _module(module: str, guarded: bool) -> Any:
    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _absent(f"{module}.{name}", guarded)

    return __getattr__


def show(*args: Any, **more: Any) -> None:
    """Show nothing."""


def for_class(seed: int) -> None:
    """Whose numbers count is known to the grader."""


def scorecard(*args: Any, **more: Any) -> None:
    """Show nothing."""


Explorer = _Inert("Explorer")
