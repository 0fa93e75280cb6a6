"""The lessons as a class gets them: `embedcourse release --class-seed N` gives some exercises numbers of the class's own.

A value exercise asks for numbers that one works out on paper, so last year's answers fit this year too. Where such numbers
stand in a lesson, and what they are in the exercise's terms, is written in the cells' metadata by `embedcourse build`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedcourse import catalogue, files

SETUP = "\n\nfrom embedcourse import for_class\n\nfor_class({})  # some numbers of this edition are your class's own\n"

_NUMBER = re.compile(r"\{\{([^{}\n]+)=([^{}=\n]+)\}\}")


class SeedError(ValueError):
    """A seed that a class cannot have; the text says what to do."""


class InTheWayError(ValueError):
    """A file that stands where a lesson is to be written; the text says what to do."""


@dataclass(frozen=True)
class Number:
    """A number that a class may have otherwise: where it stands in a text, as what, and what it is in the exercise's terms."""

    at: int
    printed: str
    expression: str


def check(class_seed: int) -> None:
    """Raises SeedError for a seed that is no whole number from 1 on, or a very long one."""
    if not 1 <= class_seed < 10**18:
        raise SeedError(
            f"the seed of a class is a whole number from 1 on, not {class_seed}: take any short one, and keep it"
        )


def write(folder: Path, class_seed: int) -> list[Path]:
    """Write all lessons with a class's numbers into `folder`; the files written.

    Raises SeedError, and InTheWayError, before anything is written, where a lesson stands there already; OSError where
    nothing can be written.
    """
    check(class_seed)
    made = {folder / f"{lesson.name}.ipynb": notebook(lesson.number, class_seed) for lesson in catalogue.lessons()}
    for path in made:
        if path.exists():
            raise InTheWayError(f"{path} is there already: name a new folder, so that no work is lost")
    folder.mkdir(parents=True, exist_ok=True)
    for path, lesson in made.items():
        path.write_text(json.dumps(lesson, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return list(made)


def notebook(lesson: int, class_seed: int = 0) -> dict[str, Any]:
    """A lesson as it is handed out to a class; with seed 0, or where nothing in it is a class's own, as it is printed."""
    name = catalogue.lesson(lesson).name
    made = json.loads((files.course_files() / "lessons" / f"{name}.ipynb").read_text(encoding="utf-8"))
    marked = [cell for cell in made["cells"] if "embedcourse" in cell["metadata"]]
    if not class_seed or not marked:
        return made
    known = catalogue.exercises(class_seed)
    for cell in marked:
        told = cell["metadata"]["embedcourse"]
        text = written_with("".join(cell["source"]), told["numbers"], known[told["exercise"]].numbers)
        cell["source"] = text.splitlines(keepends=True)
    setup = next(cell for cell in made["cells"] if "setup" in cell["metadata"].get("tags", []))
    setup["source"] = [*setup["source"], *SETUP.format(class_seed).rstrip().splitlines(keepends=True)]
    return made


def as_printed(marked: str) -> tuple[str, tuple[Number, ...]]:
    """A text of the source without its marks, and what they say: `{{vocab=128,000}}` is the exercise's number `vocab`."""
    text, numbers, end = "", [], 0
    for match in _NUMBER.finditer(marked):
        text += marked[end : match.start()]
        numbers.append(Number(len(text), match[2], match[1].strip()))
        text, end = text + match[2], match.end()
    return text + marked[end:], tuple(numbers)


def written_with(text: str, places: list, numbers: Mapping[str, Any]) -> str:
    """A cell's text with other numbers at its places, triples of where, what is printed there, and what that is."""
    for at, printed, expression in sorted(places, reverse=True):
        text = text[:at] + said(expression, printed, numbers) + text[at + len(printed) :]
    return text


def said(expression: str, printed: str, numbers: Mapping[str, Any]) -> str:
    """What an expression over an exercise's numbers is, written in the way of what is printed: 128,000, 128_000 or 128000."""
    reckoned, _, separator = expression.partition(":")  # `dim:,` where what is printed is too small to have a comma
    value = eval(reckoned, {"__builtins__": {}}, dict(numbers))  # written by us, in the source of a lesson
    if isinstance(value, str):
        return value
    return f"{value:{separator or next((sign for sign in ',_' if sign in printed), '')}}"
