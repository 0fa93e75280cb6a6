"""Points for an LMS: a table that was exported from Canvas or Moodle comes back with the points of each lesson filled in.

- Canvas, "Export Entire Gradebook": columns Student, ID, SIS User ID, SIS Login ID, Section, and one for each assignment, its
  number behind its name; below the header a row "Points Possible", and above that one may say "Manual Posting". Written are
  the columns that Canvas needs to know a student by, and those of lessons.
- Moodle, "Export, Plain text file" of the grades: First name, Last name, ID number, Email address, and one for each assignment.
- Moodle, "Download grading worksheet" of one assignment: Identifier ("Participant 123"), Full name, Email address, Grade,
  Maximum Grade and others, all of which it wants back.

A student is known by the number of the LMS where the submissions came from it; else by a name that only one student has: what
the folder or file is called may be the name in either order, the login, the e-mail address, or what stands before its @.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading.points import Grade, plain
from embedcourse.grading.tables import write_csv

_CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
_MOODLE = ("First name", "Last name", "Surname", "Full name", "ID number", "Email address", "Username", "Institution")
_MOODLE += ("Department", "Last downloaded from this course")
_MOST = 20  # students who are named in one sentence


class TableError(ValueError):
    """A table that is none of those that are known; the text says what is missing."""


@dataclass(frozen=True)
class Table:
    """A table from an LMS. `kind` is "canvas", "moodle" or "worksheet"; `above` are rows that are no students."""

    kind: str
    heads: tuple[str, ...]
    above: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]


def read(path: Path, lms: str) -> Table:
    """The table in a file from "canvas" or "moodle". Raises TableError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise TableError(
            f"{path.name} is not in UTF-8: export it from the LMS again, and do not open it before"
        ) from None
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(line)]
    if not lines:
        raise TableError(f"{path.name} is empty")
    heads = tuple(cell.strip() for cell in lines[0])
    rows = [(*line, *[""] * len(heads))[: len(heads)] for line in lines[1:]]
    if lms == "canvas":
        _demand(path, heads, ("Student", "ID"))
        first = next((number for number, row in enumerate(rows[:3], start=1) if _is_above(row)), 0)
        return Table("canvas", heads, tuple(rows[:first]), tuple(rows[first:]))
    if "Identifier" in heads:
        _demand(path, heads, ("Identifier", "Grade"))
        return Table("worksheet", heads, (), tuple(rows))
    if not {"Email address", "ID number", "Username"} & set(heads):
        _demand(path, heads, ("Email address",))
    return Table("moodle", heads, (), tuple(rows))


def _is_above(row: Sequence[str]) -> bool:
    return row[0].strip().casefold() == "points possible"


def _demand(path: Path, heads: Sequence[str], needed: Sequence[str]) -> None:
    for head in needed:
        if head not in heads:
            say = "export it while the LMS speaks English" if heads else "export it again"
            raise TableError(f"{path.name} has no column {head!r}; {say}")


def export(folder: Path, table: Table, grades: Sequence[Grade], lessons: Sequence[int] = ()) -> list[str]:
    """Write canvas.csv or moodle.csv, and say what an instructor should hear."""
    grades = [grade for grade in grades if not lessons or grade.lesson in lessons]
    return list(_Filling(table, grades).write(folder))


class _Filling:
    def __init__(self, table: Table, grades: Sequence[Grade]) -> None:
        self.table, self.grades = table, grades
        self.numbers = sorted({grade.lesson for grade in grades})
        self.name = "canvas.csv" if table.kind == "canvas" else "moodle.csv"
        self.by_number, self.by_name = self._students()

    def write(self, folder: Path) -> Iterator[str]:
        heads, rows, above = (
            list(self.table.heads),
            [list(row) for row in self.table.rows],
            list(map(list, self.table.above)),
        )
        columns: dict[int, int] = {}
        found = {(grade.slug, grade.lesson): self._row_of(grade) for grade in self.grades}
        if self.table.kind == "worksheet":
            matched = {grade.lesson for grade in self.grades if found[grade.slug, grade.lesson] is not None}
            if len(matched) > 1:
                yield f"{self.name} was not written: a grading worksheet is of one lesson; say which with --lesson."
                return
            columns = dict.fromkeys(matched, heads.index("Grade"))
            self.grades = [grade for grade in self.grades if grade.lesson in matched or len(self.numbers) == 1]
        else:
            for number in self.numbers:
                fitting = self._columns_of(number)
                if len(fitting) > 1:
                    told = " and ".join(repr(heads[column]) for column in fitting)
                    yield f"{self.name}: {told} may both be lesson {number}; neither was filled in."
                elif fitting:
                    columns[number] = fitting[0]
                else:
                    columns[number] = len(heads)
                    heads.append(self._new_head(number))
                    for row in (*rows, *above):
                        row.append("")
                    yield f"{self.name}: no column is lesson {number}; there is a new one, {heads[-1]!r}."
        yield from self._fill(rows, columns, found)
        yield from self._compare_maxima(rows, above, columns)
        kept = self._kept(heads, columns)
        write_csv(
            folder / self.name,
            [heads[column] for column in kept],
            [[row[column] for column in kept] for row in (*above, *rows)],
        )

    def _fill(
        self, rows: list[list[str]], columns: dict[int, int], found: dict[tuple[str, int], int | None]
    ) -> Iterator[str]:
        strangers, twice = [], []
        filled: set[tuple[int, int]] = set()
        for grade in self.grades:
            place = found[grade.slug, grade.lesson]
            if place is None:
                strangers.append(grade.student)
            elif grade.lesson in columns and grade.outcome != "grader error":
                if (place, grade.lesson) in filled:
                    twice.append(grade.student)
                filled.add((place, grade.lesson))
                rows[place][columns[grade.lesson]] = plain(grade.points)
        if strangers:
            yield f"{self.name}: {_names(strangers)}: not in the table, or not the only one of that name; nothing was filled in."
        if twice:
            yield f"{self.name}: {_names(twice)}: the same line as another submission to this lesson; the last one counts."

    def _compare_maxima(self, rows: list[list[str]], above: list[list[str]], columns: dict[int, int]) -> Iterator[str]:
        """Say where the LMS expects other points than the lesson has, and fill in what it expects in a new column."""
        most = {grade.lesson: grade.out_of for grade in self.grades}
        for number, column in columns.items():
            expected = set()
            if self.table.kind == "canvas" and above:
                if column >= len(self.table.heads):
                    above[-1][column] = str(most[number])
                expected = {above[-1][column]}
            elif self.table.kind == "worksheet" and "Maximum Grade" in self.table.heads:
                expected = {row[self.table.heads.index("Maximum Grade")] for row in rows}
            for points in sorted(expected):
                if _float(points) not in (None, float(most[number])):
                    yield (
                        f"{self.name}: lesson {number} is out of {most[number]} points, and the LMS says {points}; "
                        "points are written as they are, so change it there."
                    )

    def _kept(self, heads: Sequence[str], columns: dict[int, int]) -> list[int]:
        if self.table.kind == "worksheet":
            return list(range(len(heads)))
        known = _CANVAS if self.table.kind == "canvas" else _MOODLE
        return [column for column, head in enumerate(heads) if head in known or column in columns.values()]

    def _new_head(self, number: int) -> str:
        return f"Lesson {number}: {catalogue.lesson(number).title}"

    def _columns_of(self, number: int) -> list[int]:
        """The columns that may be a lesson: by its file's name, else by its title, else by its number."""
        lesson = catalogue.lesson(number)
        known = _CANVAS if self.table.kind == "canvas" else _MOODLE
        heads = {
            column: re.sub(r"\s*\((?:\d+|Real|Percentage|Letter)\)$", "", head).casefold()
            for column, head in enumerate(self.table.heads)
            if head not in known
        }
        for pattern in (
            rf"(?<![a-z0-9]){re.escape(lesson.name)}(?![a-z0-9])",
            rf"(?<![a-z0-9]){re.escape(lesson.title.casefold())}(?![a-z0-9])",
            rf"\b(?:lesson|notebook|week|lab|assignment|exercise)s?\W*0*{number}\b",
            rf"^0*{number}$",
        ):
            found = [column for column, head in heads.items() if re.search(pattern, head)]
            if found:
                return found
        return []

    # who is who

    def _students(self) -> tuple[dict[str, int], dict[str, int | None]]:
        """The rows by the number of the LMS, and by each name; None where several students have it."""
        numbers: dict[str, int] = {}
        names: dict[str, set[int]] = defaultdict(set)
        heads = {head: column for column, head in enumerate(self.table.heads)}
        for place, row in enumerate(self.table.rows):
            told = {head: row[column].strip() for head, column in heads.items()}
            if self.table.kind != "moodle":
                digits = re.search(r"(\d+)$", told["ID" if self.table.kind == "canvas" else "Identifier"])
                if digits:
                    numbers[digits[1]] = place
            for text in _called(told):
                names[_key(text)].add(place)
        return numbers, {key: next(iter(places)) if len(places) == 1 else None for key, places in names.items() if key}

    def _row_of(self, grade: Grade) -> int | None:
        if grade.lms_id and self.by_number:
            return self.by_number.get(grade.lms_id)
        return self.by_name.get(_key(grade.student))


def _called(told: dict[str, str]) -> Iterator[str]:
    """What a student of a table may be called."""
    first, last = told.get("First name", ""), told.get("Last name", "") or told.get("Surname", "")
    yield from (f"{first} {last}", f"{last} {first}", told.get("Full name", ""))
    student = told.get("Student", "")
    yield student
    if student.count(",") == 1:
        yield " ".join(reversed(student.split(",")))
    for head in ("SIS User ID", "SIS Login ID", "Integration ID", "ID number", "Email address", "Username"):
        yield told.get(head, "")
        yield told.get(head, "").partition("@")[0]


def _key(text: str) -> str:
    """The same for spellings of a name that differ in case, blanks and signs."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _names(students: Sequence[str]) -> str:
    shown = ", ".join(sorted(set(students), key=str.casefold)[:_MOST])
    return shown if len(set(students)) <= _MOST else f"{shown} and {len(set(students)) - _MOST} more"
