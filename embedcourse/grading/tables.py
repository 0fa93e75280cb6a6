"""The results as tables: grades, exercises, the open questions, what an LMS wants; and the instructor's own word, last.

Every cell is text that no spreadsheet takes for a formula. A file is replaced whole or not at all.
"""

import csv
import io
import os
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

GRADES = "student,lesson,points,out_of,outcome,flags,core,core_out_of,stretch,stretch_out_of,open,open_out_of".split(
    ","
)
EXERCISES = "student,lesson,exercise,outcome,points,out_of,parts,mistake,seconds".split(",")
OPEN = "code,lesson,points,comment".split(",")
OVERRIDES = "student,lesson,exercise,points,reason".split(",")


_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet takes a cell for a formula by


def guarded(value: object) -> str:
    """A cell's text. What a spreadsheet would take for a formula begins with an apostrophe."""
    text = "".join(sign if sign.isprintable() else " " for sign in str(value)).strip()
    first = unicodedata.normalize("NFKC", text[:1])  # some take the wide signs of Chinese and Japanese for the same
    return f"'{text}" if first in _FORMULA and not _is_number(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given, or a person wrote, in place of a cell's text."""
    first = unicodedata.normalize("NFKC", text[1:2])
    return text[1:] if text[:1] == "'" and first in _FORMULA else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == "-"  # what an LMS writes for no number
    return True


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    replace(path, text.getvalue())


def replace(path: Path, text: str) -> None:
    """Write a file so that whoever reads it finds the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with new.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
