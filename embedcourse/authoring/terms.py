"""The words of the course and the order in which they are explained. The one list is `terms.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

# What is not prose: code blocks, code spans, formulas, HTML tags, the addresses of links.
_NO_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$(?! )[^$\n]+(?<! )\$|<[^<>\n]+>|\]\([^)\n]*\)", re.DOTALL)


@dataclass(frozen=True)
class Term:
    """A word with its other forms, the number of the lesson that explains it, and its meaning in one sentence."""

    term: str
    lesson: int
    meaning: str = ""
    forms: tuple[str, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the term and its forms as whole words, whatever their case and line breaks."""
        forms = sorted((self.term, *self.forms), key=len, reverse=True)
        words = "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in forms)
        return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)


def terms() -> list[Term]:
    """The terms of the course, in the order in which they are explained."""
    data = tomllib.loads(files("embedcourse.authoring").joinpath("terms.toml").read_text(encoding="utf-8"))
    return [Term(**{**entry, "forms": tuple(entry.get("forms", ()))}) for entry in data["term"]]


def prose(markdown: str) -> str:
    """`markdown` with what is not prose blanked out, each character in its place, so that places keep their line."""
    return _NO_PROSE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), markdown)


def uses(term: Term, markdown: str) -> Iterator[int]:
    """The places at which the prose of `markdown` uses the term."""
    text = markdown if term.term.startswith("`") else prose(markdown)
    return (match.start() for match in term.pattern.finditer(text))


def glossary(last_lesson: int) -> str:
    """GLOSSARY.md: the terms explained up to a lesson, by alphabet."""
    explained = [term for term in terms() if term.lesson <= last_lesson]
    lines = [
        "# Glossary",
        "",
        "The words of the course, each with the lesson that explains it.",
        "Written by `make lessons` from `embedcourse/authoring/terms.toml`.",
        "",
        *(
            f"- **{term.term}** (lesson {term.lesson}): {term.meaning}"
            for term in sorted(explained, key=lambda term: term.term.strip("`<>").lower())
        ),
    ]
    return "\n".join(lines) + "\n"
