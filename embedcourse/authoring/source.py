"""The source of a lesson, `solutions/NN_name.md`, read into cells that know their line in the file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from embedcourse import catalogue
from embedcourse.release import Number, as_printed

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


@dataclass(frozen=True)
class Cell:
    """A cell of the source: "markdown" or "code", its text, its tags, the line where the text begins, a class's numbers."""

    kind: str
    text: str
    tags: tuple[str, ...]
    line: int
    numbers: tuple[Number, ...] = ()

    @property
    def exercises(self) -> list[str]:
        """The names of the exercises that are defined in this cell."""
        return catalogue.exercises_in(self.text) if self.kind == "code" else []


@dataclass(frozen=True)
class Source:
    """A lesson's source: its file, name (`01_lookup_matrix`), cells, and the hash of the file's text."""

    path: Path
    name: str
    cells: tuple[Cell, ...]
    hash: str


class SourceError(ValueError):
    """A source that cannot be read at all: the message says where and why."""


def read(path: Path) -> Source:
    """The source at `path`. Raises SourceError if it is no MyST notebook."""
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook

    text = path.read_text(encoding="utf-8")
    try:
        notebook = myst_to_notebook(text)
    except MystMetadataParsingError as error:
        raise SourceError(f"{path}: {error}") from error
    lines = [line.rstrip() for line in text.splitlines()]
    cells, cursor = [], 0
    for cell in notebook.cells:
        wanted = [line.rstrip() for line in cell.source.splitlines()]
        places = (i for i in range(cursor, len(lines) + 1) if lines[i : i + len(wanted)] == wanted)
        cursor = next(places, -1)
        if cursor < 0:
            raise SourceError(f"{path}: cannot find this cell's text in the file: {cell.source[:60]!r}")
        tags = tuple(cell.metadata.get("tags", ()))
        printed, numbers = as_printed(cell.source)
        cells.append(Cell(cell.cell_type, printed, tags, cursor + 1, numbers))
        cursor += len(wanted)
    return Source(path, path.stem, tuple(cells), hashlib.sha256(text.encode()).hexdigest())


def sources(folder: Path) -> list[Path]:
    """The lesson sources in `folder`, in the order of their numbers."""
    return sorted(folder.glob("[0-9][0-9]_*.md"))
