"""The folder of results: tables, pages for each student, pages for the instructor. Made anew from the journal each time.

Nothing here is marked. What an instructor wrote into `overrides.csv`, or into the points of `open.csv`, has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from embedcourse.grading import feedback, lms, open_page, questions, report
from embedcourse.grading.journal import Entry
from embedcourse.grading.points import (
    OPEN_OUT_OF,
    Grade,
    Override,
    grades,
    plain,
    unknown,
)
from embedcourse.grading.tables import EXERCISES, GRADES, OVERRIDES, write_csv


def write(
    folder: Path,
    secret: bytes,
    entries: Sequence[Entry],
    refused: Sequence,
    overrides: Sequence[Override],
    exports: Sequence[lms.Table] = (),
    lessons: Sequence[int] = (),
    ignored: Sequence[str] = (),
) -> list[str]:
    """Write all tables and pages; sentences that an instructor should hear.

    ignored  where files are that are no notebooks
    exports  tables from an LMS to be filled in, with the points of `lessons`, or of all if none is named

    Raises OverrideError for a line of open.csv that cannot be understood.
    """
    readings = questions.read_points(folder, secret, entries)
    rows = grades(entries, overrides, readings)
    known = {(entry["slug"], entry["lesson"]): entry for entry in entries}
    write_csv(folder / "grades.csv", GRADES, [*map(_row, rows), *_rows_of_refused(refused)])
    write_csv(folder / "exercises.csv", EXERCISES, _exercise_rows(entries))
    for grade in rows:
        entry = known[grade.slug, grade.lesson]
        feedback.write(folder, entry, grade)
        report.write_evidence(folder, entry)
    questions.write_points(folder, secret, entries)
    open_page.write(folder, secret, entries, readings)
    report.write(folder, entries, rows, refused, ignored, report.last_run(folder))
    if not (folder / "overrides.csv").exists():
        write_csv(folder / "overrides.csv", OVERRIDES, [])
    told = [
        f"overrides.csv: {one.student!r} has no submission to lesson {one.lesson}; the line does nothing."
        for one in unknown(overrides, entries)
    ]
    for table in exports:
        told += lms.export(folder, table, rows, lessons)
    return told


def forget(folder: Path, entry: Entry) -> None:
    """Take away the pages of a submission that does not count any more."""
    for address in (feedback.address(entry), report.evidence_address(entry)):
        (folder / address).unlink(missing_ok=True)


def _row(grade: Grade) -> tuple:
    """A line of grades.csv. Points are empty where the grader failed: that is nobody's zero."""
    marked = grade.outcome != "grader error"
    return (
        grade.student,
        grade.lesson,
        plain(grade.points) if marked else "",
        grade.out_of,
        grade.outcome,
        "; ".join(grade.flags),
        plain(grade.core) if marked else "",
        grade.core_out_of,
        plain(grade.stretch) if marked else "",
        grade.stretch_out_of,
        "" if grade.open is None else plain(grade.open),
        OPEN_OUT_OF if grade.counts else "",
    )


def _rows_of_refused(refused: Iterable) -> list[tuple]:
    empty = ("",) * 6
    return [(one.student or one.source, "", "", "", "not graded", one.reason, *empty) for one in refused]


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
