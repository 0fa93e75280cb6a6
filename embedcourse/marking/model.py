"""The words of marking: what an exercise is made of, and what a report says.

An exercise is data. Its parts are promises with points, each a generator of cases; its mistakes are wrong versions
that people really write, each with the sentence that helps. Nothing here runs an answer: see `judge`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np

Status = Literal["passed", "failed", "not attempted", "error"]


LEFT_OUT = "left out"  # stands for an argument that is not given, so that the answer's own default is tried


def call(answer: Callable, *case: Any) -> Any:
    """The default probe: the answer, called once with the case's values, but for those that are LEFT_OUT at the end."""
    return answer(*(value for value in case if not (isinstance(value, str) and value == LEFT_OUT)))


@dataclass(frozen=True)
class Case:
    """One input with its expectation: by default what the reference gives for it.

    args    the values the probe is called with
    raises  the exceptions of which the answer must raise one (NotImplementedError never counts)
    law     a pure function `law(args, value) -> None | sentence` of frozen data, in place of equality
    entry   look only at this entry of the dict that the answer returns
    """

    args: tuple
    raises: type[Exception] | tuple[type[Exception], ...] = ()
    law: Callable[[tuple, Any], str | None] | None = None
    entry: str | None = None


@dataclass(frozen=True)
class Part:
    """A labelled promise of an exercise. `cases(rng)` yields its cases, smallest first, about twenty.

    dtype   "exact" where the docstring demands a dtype, "kind" where any dtype of the same kind will do, "number" where
            2.0 is as good as 2
    within  the share by which a number may be off: for what a person works out and rounds
    """

    label: str
    points: int
    cases: Callable[[np.random.Generator], Iterable[Case]]
    dtype: Literal["exact", "kind", "number"] = "exact"
    within: float = 0.0


def entry_part(label: str, key: str, within: float = 0.0) -> Part:
    """A part of a value exercise, one that takes no input: one entry of the dict that it returns."""
    return Part(label, 1, lambda rng: [Case((), entry=key)], dtype="number", within=within)


@dataclass(frozen=True)
class Mistake:
    """A known wrong implementation, and the sentence that helps whoever wrote it."""

    name: str
    implementation: Callable
    sentence: str


def mistake(sentence: str) -> Callable[[Callable], Mistake]:
    """Makes a `Mistake` of the function below it, named after the function, with the sentence that helps."""
    return lambda function: Mistake(function.__name__.replace("_", " "), function, sentence)


@dataclass(frozen=True)
class Exercise:
    """What the learner writes, known by the name of the function.

    reference  the right implementation; the learner's name is bound to it until the learner's own passes
    core       passing a lesson is passing its core; the rest is stretch
    probe      `probe(answer, *case)` turns an answer into plain values; by default it calls the answer once
    numbers    what a value exercise reckons with, by name, where a class may have others in their place
    others     those others, and `build`, which makes the exercise of any of them; see `with_numbers`
    """

    name: str
    title: str
    lesson: int
    reference: Callable
    parts: tuple[Part, ...]
    mistakes: tuple[Mistake, ...]
    core: bool = True
    probe: Callable = call
    numbers: Mapping[str, Any] = field(default_factory=dict, hash=False)
    others: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    build: "Callable[..., Exercise] | None" = None


def with_numbers(build: Callable[..., Exercise], printed: Mapping[str, Any], *others: Mapping[str, Any]) -> Exercise:
    """The exercise that `build(**numbers)` makes of the numbers as printed; a class may have it with one of the others."""
    return replace(build(**printed), numbers=printed, others=others, build=build)


def for_class(exercise: Exercise, seed: int) -> Exercise:
    """The exercise with the numbers of a class, where it has any to choose from. Seed 0 is the course as it is printed."""
    if not seed or not exercise.others:
        return exercise
    digest = hashlib.sha256(f"{seed} {exercise.name}".encode()).digest()
    numbers = exercise.others[int.from_bytes(digest[:8], "big") % len(exercise.others)]
    return replace(exercise.build(**numbers), numbers=numbers)


@dataclass(frozen=True)
class Raised:
    """An exception as data: the builtin classes it descends from, nearest first, and the learner's lines it came through."""

    type_name: str
    builtin_names: tuple[str, ...]
    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What running an answer on one case gave: a frozen value or what it raised, its arguments afterwards, its prints.

    Where the process that ran it was lost, `lost` says how, as a key of `LOST`, and nothing else is known.
    """

    value: Any = None
    raised: Raised | None = None
    args_after: tuple = ()
    printed: str = ""
    lost: str = ""


# How a process that runs an answer can be lost, and what is said of it.
LOST = {
    "out of time": "it did not come back in time",
    "out of memory": "it asked for more memory than there is for it",
    "too many processes": "it started more processes than it may",
    "died": "its whole process ended",
    "protocol": "what came back was no answer",
}


@dataclass(frozen=True)
class PartResult:
    """How one part went."""

    label: str
    points: int
    max_points: int
    passed: bool


@dataclass(frozen=True)
class Failure:
    """The evidence: the smallest failing case, all of it as text ready to be shown.

    kind    "value" | "pairing" | "shape" | "dtype" | "container" | "law" | "raised" | "not raised" | "wrong exception" |
            "not implemented" | "input changed" | "another answer" (when called again) | "interrupted", or a key of `LOST`,
            where marking ended there; "secret" for a
            wrong value of an answer that takes no input, since telling the right one would tell the solution; and,
            where no case was run at all and `part` is empty, "not callable" | "unreadable"
    detail  one sentence, with the case's data, on what is wrong
    inputs  pairs of a parameter's name and its value; empty for an answer that takes none
    shapes  the same with the form alone ("array of shape (3, 2)"): what may be told where the inputs are to stay unknown
    """

    part: str
    part_number: int
    kind: str
    detail: str
    mistake: str | None = None
    inputs: tuple[tuple[str, str], ...] = ()
    got: str = ""
    wanted: str = ""
    lines: tuple[str, ...] = ()
    printed: str = ""
    shapes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Report:
    """What marking found. `message` holds no data of the cases; `failure` holds the evidence."""

    exercise: str
    status: Status
    points: int
    max_points: int
    message: str
    parts: tuple[PartResult, ...] = ()
    failure: Failure | None = None
    mistake: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mistake", self.failure.mistake if self.failure else None)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Report":
        """The report that `to_dict` wrote, also after a trip through JSON."""
        fields = {key: value for key, value in data.items() if key != "mistake"}
        fields["parts"] = tuple(PartResult(**part) for part in data["parts"])
        if data["failure"] is not None:
            failure = dict(data["failure"])
            for key in ("inputs", "shapes"):
                failure[key] = tuple(tuple(pair) for pair in failure[key])
            failure["lines"] = tuple(failure["lines"])
            fields["failure"] = Failure(**failure)
        return cls(**fields)
