"""What has been graded, line by line: the one thing that a grader killed in the middle leaves behind, and needs.

A line is written when a submission is done, and never changed. A last line that was cut off is as if it had not been written.
"""

import hashlib
import inspect
import json
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from embedcourse import catalogue
from embedcourse.files import package
from embedcourse.marking import Exercise, LocalAnswer, encode_outcome, freeze
from embedcourse.marking.model import call

Entry = dict[str, Any]


class Journal:
    """The lines in `RESULTS/journal.jsonl`: for every submission (student, lesson) what was last found."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "journal.jsonl"
        self._entries: dict[tuple[str, int], Entry] = {}
        self._read()

    def _read(self) -> None:
        if not self._path.exists():
            return
        whole = 0
        with self._path.open("rb") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                    self._entries[entry["slug"], entry["lesson"]] = entry
                except (ValueError, KeyError, TypeError):
                    break  # cut off in the middle of a line: what follows was never written
                whole += len(line)
        if whole < self._path.stat().st_size:
            os.truncate(self._path, whole)

    def entries(self) -> list[Entry]:
        """The newest entry of every submission."""
        return list(self._entries.values())

    def find(self, student: str, lesson: int) -> Entry | None:
        """What was last found for a student's submission to a lesson."""
        return self._entries.get((student, lesson))

    def write(self, entry: Entry) -> None:
        """Add what was found; it is on the disk when this returns."""
        self._entries[entry["slug"], entry["lesson"]] = entry
        with self._path.open("ab") as file:
            file.write(json.dumps(entry, ensure_ascii=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def secret(folder: Path) -> bytes:
    """The secret of a folder of results, made when first asked for: it decides which random cases each student gets."""
    path = folder / "secret"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
    return bytes.fromhex(path.read_text().strip())


@cache
def definition(exercise: str) -> str:
    """A digest of all that decides how an exercise is marked: if it changes, answers to it are marked anew."""
    known = catalogue.exercises()[exercise]
    digest = hashlib.sha256(_judge())
    for piece in _pieces(known):
        digest.update(piece if isinstance(piece, bytes) else str(piece).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def _pieces(exercise: Exercise) -> Any:
    """What the exercise says and does, on the cases of one seed."""
    answers = [exercise.reference, *(mistake.implementation for mistake in exercise.mistakes)]
    yield from ((mistake.name, mistake.sentence) for mistake in exercise.mistakes)
    if exercise.probe is not call:
        yield inspect.getsource(inspect.getmodule(exercise.probe))
    for number, part in enumerate(exercise.parts, start=1):
        yield part.label, part.points, part.dtype, part.within
        for case in part.cases(np.random.default_rng([0, number])):
            yield case.entry, case.raises, inspect.getsource(case.law) if case.law else None
            for answer in answers:
                yield encode_outcome(LocalAnswer(answer).run(exercise.probe, freeze(case.args)))


@cache
def _judge() -> bytes:
    return b"".join(path.read_bytes() for path in sorted((package() / "marking").glob("*.py")))
