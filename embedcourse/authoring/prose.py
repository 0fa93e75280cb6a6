"""Freezes the course's prose as a text for the lessons: `python -m embedcourse.authoring.prose` writes it anew.

Do so rarely. Every stored output that was computed from it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from embedcourse import catalogue, files
from embedcourse.authoring import source

_DOCUMENTS = ("README.md", "CONTRIBUTING.md")


def course_prose(root: Path) -> str:
    """The prose of the lessons, of the feedback under their exercises, and of the documents, in this order."""
    return "\n\n".join(paragraph for text in _texts(root) for paragraph in _plain(text)) + "\n"


def _texts(root: Path) -> Iterator[str]:
    for path in source.sources(root / "solutions"):
        for cell in source.read(path).cells:
            if cell.kind == "markdown" and "rubric" not in cell.tags:
                yield cell.text
    for exercise in catalogue.exercises().values():
        for mistake in exercise.mistakes:
            yield mistake.sentence
    for name in _DOCUMENTS:
        yield (root / name).read_text(encoding="utf-8")


def _plain(text: str) -> Iterator[str]:
    """The paragraphs of a Markdown text as plain sentences, without code, formulas, tables, comments and addresses."""
    for pattern, instead in (
        (r"(?s)```.*?```|<!--.*?-->|\$\$.*?\$\$", "\n\n"),
        (r"</?(?:details|summary)>", "\n\n"),
        (r"\$[^$\n]+\$", ""),
        (r"!?\[([^\]]*)\]\([^)\s]*\)", r"\1"),
        (r"<[^>\n]+>|[*`]", ""),
        (r"(?m)^#+ (.*)$", r"\n\n\1.\n\n"),
        (r"(?m)^(?:\s*[-•]|\s*\d+\.)\s+", "\n\n"),
        (r"(?m)^(?:\||    ).*$", "\n\n"),
    ):
        text = re.sub(pattern, instead, text)
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(paragraph.split())
        if len(re.findall(r"[^\W\d_]{2,}", line)) >= 3:
            yield line


if __name__ == "__main__":
    frozen = files.repository() / "embedcourse" / "text" / "course_prose.txt"
    frozen.write_text(course_prose(files.repository()), encoding="utf-8")
    print(f"{frozen.name}: {len(frozen.read_text(encoding='utf-8').split()):,} words")
