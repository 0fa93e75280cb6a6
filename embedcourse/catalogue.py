"""The index of the course: its lessons in order, and where each exercise is. The only module that knows every topic.

Adding a lesson is adding a line to `_LESSONS`. Nothing is imported until an exercise is asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from embedcourse.marking import Exercise


@dataclass(frozen=True)
class Lesson:
    """A lesson: its number, the name of its file without ending, its title, and the names of its exercises in order."""

    number: int
    name: str
    title: str
    topic: str
    exercises: tuple[str, ...]


_LESSONS = (
    Lesson(
        1,
        "01_lookup_matrix",
        "The lookup matrix",
        "lookup",
        (
            "build_vocabulary",
            "encode",
            "lookup",
            "one_hot",
            "one_hot_cost",
            "lookup_by_matmul",
            "lookup_gradient",
            "rows_that_move",
        ),
    ),
)


def lessons() -> tuple[Lesson, ...]:
    """The lessons of the course, in order."""
    return _LESSONS


def exercises() -> Mapping[str, Exercise]:
    """Every exercise of the course by its name, in the order of the lessons; its module is imported when it is asked for."""
    return _Exercises()


class _Exercises(Mapping[str, Exercise]):
    def __getitem__(self, name: str) -> Exercise:
        for lesson in _LESSONS:
            if name in lesson.exercises:
                module = import_module(f"embedcourse.{lesson.topic}.exercises")
                return next(exercise for exercise in module.EXERCISES if exercise.name == name)
        raise KeyError(f"no exercise is called {name!r}")

    def __iter__(self) -> Iterator[str]:
        return (name for lesson in _LESSONS for name in lesson.exercises)

    def __len__(self) -> int:
        return sum(len(lesson.exercises) for lesson in _LESSONS)
