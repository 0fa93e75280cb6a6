"""The open question of each lesson: what a student answered, and what a person gave for it. No machine marks it.

The answers are put under codes, so that whoever reads them does not know whose they are. A code says nothing without the
secret of the results, and stays the same from run to run.
"""

from __future__ import annotations

import base64
import hmac
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import takewhile
from pathlib import Path

from embedcourse import catalogue, files
from embedcourse.grading.journal import Entry
from embedcourse.grading.marker import Cell, defined_in, digest, notebook
from embedcourse.grading.points import OPEN_OUT_OF, OverrideError, Reading, plain, read_table
from embedcourse.grading.tables import OPEN, unguarded, write_csv

MAX_ANSWER = 20_000  # characters that are kept of an answer
_HEADING = "## One open question"
_RUBRIC = re.compile(r'^\+\+\+ \{"tags": \["rubric"\]\}\n(.*?)^\+\+\+', re.MULTILINE | re.DOTALL)


def code_of(secret: bytes, slug: str, lesson: int) -> str:
    """The code of a student's answer: eight letters and digits, first a letter, so that no spreadsheet reads 2E345672."""
    mac = hmac.digest(secret, json.dumps(["open", slug, lesson]).encode(), "sha256")
    code = base64.b32encode(mac)[:8].decode()
    return code[0].translate(str.maketrans("234567", "UVWXYZ")) + code[1:]


@cache
def question(lesson: int) -> str:
    """The open question of a lesson as Markdown, without its heading."""
    return _handed_out(lesson)[0].partition(_HEADING)[2].strip()


@cache
def rubric(lesson: int) -> str:
    """What a person gives how many points for, as Markdown."""
    path = files.course_files() / "solutions" / f"{catalogue.lesson(lesson).name}.md"
    return _RUBRIC.search(path.read_text(encoding="utf-8"))[1].strip()


def answer(lesson: int, cells: Sequence[Cell]) -> str:
    """What a student wrote below the open question, before the next cell of the lesson; "" where that is nothing.

    Cells are known by the text that was handed out, and never by what they say of themselves. What stands in the question's
    own cell, below it, counts too; a cell of code only where there is no text. Where the question's cell is gone, what stands
    before the next one is taken.
    """
    asked, placeholder, following = _handed_out(lesson)
    start = _last(index for index, cell in enumerate(cells) if _asks(cell.source, asked))
    if start is not None:
        below = Cell(0, "markdown", _below(cells[start].source, lesson))
        taken = [below, *takewhile(partial(_own, lesson), cells[start + 1 :])]
    else:
        end = _last(index for index, cell in enumerate(cells) if digest(cell.source) == following)
        taken = [*takewhile(partial(_own, lesson), reversed(cells[: end or 0]))][::-1]
    texts = [(cell.kind, cell.source.replace(placeholder, "").strip()) for cell in taken]
    written = [text for kind, text in texts if text and kind != "code"] or [text for _, text in texts if text]
    return "\n\n".join(written)[:MAX_ANSWER]


def _below(source: str, lesson: int) -> str:
    """What stands below the question in its own cell; all below the heading where the question was written over."""
    _, heading, rest = _lines(source).rpartition(_HEADING)
    asked = _lines(question(lesson))
    return rest.partition(asked)[2] if asked in rest else rest if heading else ""


def _own(lesson: int, cell: Cell) -> bool:
    """Whether a cell is neither as it was handed out nor one of an exercise."""
    return digest(cell.source) not in _known(lesson) and not _exercise(lesson, cell)


def _asks(source: str, asked: str) -> bool:
    text = _lines(source)
    return text.startswith(asked) or _HEADING in text.splitlines()


def _exercise(lesson: int, cell: Cell) -> bool:
    return not defined_in(cell.source).isdisjoint(catalogue.lesson(lesson).exercises)


def _last(found: Iterable[int]) -> int | None:
    return max(found, default=None)


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@cache
def _handed_out(lesson: int) -> tuple[str, str, str]:
    """The cell that ends with the open question, the line to write over, and the digest of the cell after it."""
    cells = notebook(lesson)["cells"]
    place = next(index for index, cell in enumerate(cells) if "open" in cell["metadata"].get("tags", []))
    asked, placeholder, following = ("".join(cell["source"]) for cell in cells[place - 1 : place + 2])
    return _lines(asked), placeholder.strip(), digest(following)


@cache
def _known(lesson: int) -> frozenset[str]:
    """The digests of all cells that are handed out but the one to write into."""
    cells = notebook(lesson)["cells"]
    return frozenset(
        digest("".join(cell["source"])) for cell in cells if "open" not in cell["metadata"].get("tags", [])
    )


# what a person gave


def read_points(folder: Path, secret: bytes, entries: Sequence[Entry]) -> dict[tuple[str, int], Reading]:
    """What stands in open.csv, by slug and lesson. Raises OverrideError for a line that cannot be understood."""
    written = _written(folder)
    codes = {(entry["slug"], entry["lesson"]): code_of(secret, entry["slug"], entry["lesson"]) for entry in entries}
    return {key: written[code][1] for key, code in codes.items() if code in written}


def write_points(folder: Path, secret: bytes, entries: Sequence[Entry]) -> None:
    """Write open.csv: a line for each answer. What an instructor has written into it is kept, also of answers that are gone."""
    lines = {
        code_of(secret, entry["slug"], entry["lesson"]): (str(entry["lesson"]), Reading(None))
        for entry in entries
        if entry.get("open")
    }
    for code, (lesson, reading) in _written(folder).items():
        if code in lines or reading != Reading(None):
            lines[code] = (lesson, reading)
    rows = [
        (code, lesson, "" if reading.points is None else plain(reading.points), reading.comment)
        for code, (lesson, reading) in sorted(lines.items(), key=lambda line: (line[1][0].zfill(3), line[0]))
    ]
    write_csv(folder / "open.csv", OPEN, rows)


def _written(folder: Path) -> Mapping[str, tuple[str, Reading]]:
    path = folder / "open.csv"
    if not path.exists():
        return {}
    found: dict[str, tuple[str, Reading]] = {}
    for number, line in enumerate(read_table(path, OPEN[:3]), start=2):
        if not any(line.values()):
            continue
        points = _points(line["points"], f"open.csv, line {number}")
        code = line["code"].upper()
        if code in found and found[code][1] != Reading(None):
            raise OverrideError(f"open.csv, line {number}: the code {code} stands in an earlier line too")
        found[code] = (
            line["lesson"],
            Reading(points, unguarded(line.get("comment", ""))),
        )
    return found


def _points(text: str, where: str) -> float | None:
    if not text:
        return None
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= OPEN_OUT_OF:
        raise OverrideError(f"{where}: {text!r} are no points; write a number from 0 to {OPEN_OUT_OF}, or nothing")
    return points
