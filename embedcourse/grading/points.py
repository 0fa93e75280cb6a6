"""What a submission is worth: what was marked, then what an instructor wrote into `open.csv`, then into `overrides.csv`.

The instructor has the last word. Nothing is marked here.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading.journal import Entry
from embedcourse.grading.tables import OVERRIDES

OPEN_OUT_OF = 2  # points for the open question of a lesson; a person gives them
NOT_READ = "open question not read yet"


class OverrideError(ValueError):
    """A line of a table that an instructor wrote, which cannot be understood; the text says which and why."""


@dataclass(frozen=True)
class Override:
    """One line of overrides.csv: the points of an exercise, or, where none is named, what to do with those of the lesson.

    points  "7" in place of what was marked, "+1" and "-2" on top of it, "*0.8" as a share of it
    """

    student: str
    lesson: int
    exercise: str
    points: str
    reason: str

    def applied(self, before: float) -> float:
        """The points after this line."""
        sign, number = self.points[:1], self.points
        if sign in ("+", "-"):
            return max(0.0, before + float(number))
        return before * float(number[1:]) if sign == "*" else float(number)


@dataclass(frozen=True)
class Reading:
    """What a person gave for an answer to an open question: points, None as long as there are none, and a comment."""

    points: float | None
    comment: str = ""


@dataclass(frozen=True)
class Grade:
    """What a student has for a lesson after the instructor's words. The parts of it are before those for the whole lesson.

    outcome    "passed" where every core exercise is, "graded", "grader error"
    open       points for the open question, None where a person has not read the answer
    counts     whether the open question counts: as soon as one answer of the class has been read
    exercises  the points of each
    overrides  those that were applied
    """

    student: str
    slug: str
    lms_id: str
    lesson: int
    points: float
    out_of: int
    outcome: str
    flags: tuple[str, ...]
    core: float
    core_out_of: int
    stretch: float
    stretch_out_of: int
    open: float | None
    counts: bool
    comment: str
    exercises: Mapping[str, float]
    overrides: tuple[Override, ...]


def read_table(path: Path, needed: Sequence[str]) -> list[dict[str, str]]:
    """The lines of a table that a person may have saved from a spreadsheet, with commas or semicolons. Raises OverrideError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise OverrideError(f"{path.name} is not in UTF-8: save it again as “CSV UTF-8”") from None
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    missing = [name for name in needed if name not in (reader.fieldnames or [])]
    if missing:
        raise OverrideError(f"{path.name} has no column {missing[0]!r}; it needs {','.join(needed)}")
    return [{key: (value or "").strip() for key, value in line.items() if isinstance(key, str)} for line in reader]


def read_overrides(folder: Path) -> list[Override]:
    """The lines of overrides.csv, in their order; none if it is not there."""
    path = folder / "overrides.csv"
    if not path.exists():
        return []
    lines = enumerate(read_table(path, OVERRIDES[:4]), start=2)
    return [_override(number, line) for number, line in lines if any(line.values())]


def _override(number: int, line: dict[str, str]) -> Override:
    told = {name: line.get(name, "") for name in OVERRIDES}
    where = f"overrides.csv, line {number}"
    try:
        lesson = next(one for one in catalogue.lessons() if str(one.number) == told["lesson"].lstrip("0"))
    except StopIteration:
        raise OverrideError(f"{where}: lesson {told['lesson']!r} is not the number of a lesson") from None
    if told["exercise"] and told["exercise"] not in lesson.exercises:
        raise OverrideError(f"{where}: lesson {lesson.number} has no exercise {told['exercise']!r}")
    points = told["points"].removeprefix("'")
    try:
        value = float(points.removeprefix("*"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or (points.startswith("*") and value < 0):
        say = 'write "7" in place of the points, "+1" or "-2" on top of them, or "*0.8" for a share'
        raise OverrideError(f"{where}: {told['points']!r} are no points; {say}")
    return Override(told["student"].removeprefix("'"), lesson.number, told["exercise"], points, told["reason"])


def grades(
    entries: Sequence[Entry], overrides: Sequence[Override], readings: Mapping[tuple[str, int], Reading] | None = None
) -> list[Grade]:
    """The grades of submissions, in the order of students and lessons. `readings` are by slug and lesson."""
    readings = readings or {}
    counting = {lesson for (_, lesson), reading in readings.items() if reading.points is not None}
    ordered = sorted(entries, key=lambda one: (one["student"].casefold(), one["lesson"]))
    return [
        _grade(
            entry,
            [one for one in overrides if one.lesson == entry["lesson"] and _is(one.student, entry)],
            readings.get((entry["slug"], entry["lesson"]), Reading(None)),
            entry["lesson"] in counting,
        )
        for entry in ordered
    ]


def _grade(entry: Entry, own: Sequence[Override], reading: Reading, counts: bool) -> Grade:
    points = {result["exercise"]: float(result["points"]) for result in entry["results"]}
    for override in own:
        if override.exercise:
            points[override.exercise] = override.applied(points.get(override.exercise, 0.0))
    known = catalogue.exercises()
    lesson = catalogue.lesson(entry["lesson"])
    core, stretch = ([name for name in lesson.exercises if known[name].core is kind] for kind in (True, False))
    total = sum(points.values()) + (reading.points or 0.0) * counts
    for override in own:
        if not override.exercise:
            total = override.applied(total)
    done = {result["exercise"] for result in entry["results"] if result["outcome"] == "passed" or _full(own, result)}
    unread = counts and reading.points is None and entry.get("open")
    return Grade(
        student=entry["student"],
        slug=entry["slug"],
        lms_id=entry["lms_id"],
        lesson=entry["lesson"],
        points=total,
        out_of=_out_of(lesson.exercises) + OPEN_OUT_OF * counts,
        outcome="grader error" if entry["error"] else "passed" if done.issuperset(core) else "graded",
        flags=(*entry["flags"], *("override" for _ in own[:1]), *([NOT_READ] if unread else [])),
        core=sum(points.get(name, 0.0) for name in core),
        core_out_of=_out_of(core),
        stretch=sum(points.get(name, 0.0) for name in stretch),
        stretch_out_of=_out_of(stretch),
        open=reading.points,
        counts=counts,
        comment=reading.comment,
        exercises=points,
        overrides=tuple(own),
    )


def unknown(overrides: Sequence[Override], entries: Sequence[Entry]) -> list[Override]:
    """The lines that are of no submission."""
    return [
        one
        for one in overrides
        if not any(one.lesson == entry["lesson"] and _is(one.student, entry) for entry in entries)
    ]


def _is(name: str, entry: Entry) -> bool:
    return name in (entry["student"], entry["slug"], entry["lms_id"] or entry["student"])


def _full(own: Sequence[Override], result: Entry) -> bool:
    """Whether an instructor gave an exercise all its points."""
    return any(one.exercise == result["exercise"] and one.applied(result["points"]) >= result["out_of"] for one in own)


def _out_of(names: Sequence[str]) -> int:
    known = catalogue.exercises()
    return sum(part.points for name in names for part in known[name].parts)


def plain(points: float) -> str:
    """Points as a person writes them."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
