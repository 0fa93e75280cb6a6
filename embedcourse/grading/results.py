"""The folder of results: tables, pages for each student, pages for the instructor. Made anew from the journal each time.

Nothing here is marked. What an instructor wrote into `overrides.csv`, or into the points of `open.csv`, has the last word.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading.journal import Entry
from embedcourse.grading.tables import EXERCISES, GRADES, OVERRIDES, write_csv


class OverrideError(ValueError):
    """A line of overrides.csv that cannot be understood; the text says which and why."""


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


def read_overrides(folder: Path) -> list[Override]:
    """The lines of overrides.csv, in their order; an empty one with its header is made if there is none."""
    path = folder / "overrides.csv"
    if not path.exists():
        write_csv(path, OVERRIDES, [])
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in OVERRIDES[:4] if name not in (reader.fieldnames or [])]
        if missing:
            raise OverrideError(f"overrides.csv has no column {missing[0]!r}; it needs {','.join(OVERRIDES)}")
        return [_override(number, line) for number, line in enumerate(reader, start=2) if any(line.values())]


def _override(number: int, line: dict[str, str]) -> Override:
    told = {name: (line.get(name) or "").strip() for name in OVERRIDES}
    where = f"overrides.csv, line {number}"
    try:
        lesson = next(one for one in catalogue.lessons() if str(one.number) == told["lesson"].lstrip("0"))
    except StopIteration:
        raise OverrideError(f"{where}: lesson {told['lesson']!r} is not the number of a lesson") from None
    if told["exercise"] and told["exercise"] not in lesson.exercises:
        raise OverrideError(f"{where}: lesson {lesson.number} has no exercise {told['exercise']!r}")
    try:
        float(told["points"].removeprefix("*"))
    except ValueError:
        say = 'write "7" in place of the points, "+1" or "-2" on top of them, or "*0.8" for a share'
        raise OverrideError(f"{where}: {told['points']!r} are no points; {say}") from None
    return Override(told["student"].removeprefix("'"), lesson.number, told["exercise"], told["points"], told["reason"])


@dataclass(frozen=True)
class Grade:
    """A row of grades.csv: what a student has for a lesson after the overrides. Core and stretch points stand apart in `core`.

    outcome  "passed" where every core exercise is, "graded", "grader error", "not graded" (with the reason in `flags`)
    """

    student: str
    lesson: int
    points: float
    out_of: int
    outcome: str
    flags: tuple[str, ...]
    core: float
    core_out_of: int


def grades(entries: Sequence[Entry], overrides: Sequence[Override]) -> list[Grade]:
    """The grades of submissions, in the order of students and lessons."""
    rows = []
    for entry in sorted(entries, key=lambda one: (one["student"].casefold(), one["lesson"])):
        own = [one for one in overrides if one.lesson == entry["lesson"] and _is(one.student, entry)]
        points = {result["exercise"]: float(result["points"]) for result in entry["results"]}
        for override in own:
            if override.exercise:
                points[override.exercise] = override.applied(points.get(override.exercise, 0.0))
        total = sum(points.values())
        for override in own:
            if not override.exercise:
                total = override.applied(total)
        core = [result for result in entry["results"] if catalogue.exercises()[result["exercise"]].core]
        passed = all(result["outcome"] == "passed" or _full(own, result) for result in core)
        outcome = "grader error" if entry["error"] else "passed" if passed else "graded"
        rows.append(
            Grade(
                entry["student"],
                entry["lesson"],
                total,
                sum(result["out_of"] for result in entry["results"]) or _out_of(entry["lesson"]),
                outcome,
                (*entry["flags"], *("override" for _ in own[:1])),
                sum(points[result["exercise"]] for result in core),
                sum(result["out_of"] for result in core),
            )
        )
    return rows


def _is(name: str, entry: Entry) -> bool:
    return name in (entry["student"], entry["slug"], entry["lms_id"] or entry["student"])


def _full(own: Sequence[Override], result: Entry) -> bool:
    """Whether an instructor gave an exercise all its points."""
    return any(one.exercise == result["exercise"] and one.applied(result["points"]) >= result["out_of"] for one in own)


def _out_of(lesson: int) -> int:
    names = next(one.exercises for one in catalogue.lessons() if one.number == lesson)
    return sum(part.points for name in names for part in catalogue.exercises()[name].parts)


def write(folder: Path, entries: Sequence[Entry], refused: Iterable, overrides: Sequence[Override]) -> list[Grade]:
    """Write grades.csv and exercises.csv: a row for whatever was handed in, also for what could not be graded."""
    rows = grades(entries, overrides)
    table = [
        (
            row.student,
            row.lesson,
            "" if row.outcome == "grader error" else _plain(row.points),
            row.out_of,
            row.outcome,
            "; ".join(row.flags),
        )
        for row in rows
    ]
    table += [(one.student or one.source, "", "", "", "not graded", one.reason) for one in refused]
    write_csv(folder / "grades.csv", GRADES, table)
    write_csv(folder / "exercises.csv", EXERCISES, _exercise_rows(entries))
    return rows


def _exercise_rows(entries: Sequence[Entry]) -> Iterable[tuple]:
    for entry in sorted(entries, key=lambda one: (one["student"].casefold(), one["lesson"])):
        for result in entry["results"]:
            parts = " ".join(f"{points}/{out_of}" for points, out_of in result["parts"])
            yield (
                entry["student"],
                entry["lesson"],
                result["exercise"],
                result["outcome"],
                result["points"],
                result["out_of"],
                parts,
                result["mistake"] or "",
                f"{result['seconds']:.2f}",
            )


def _plain(points: float) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")
