"""What has been graded, line by line: the one thing that a grader killed in the middle leaves behind, and needs.

A line is written when a submission is done, and never changed. A last line that was cut off is as if it had not been written,
and so is one that an older version of the course wrote in another form: its submission is marked anew.
"""

import hashlib
import inspect
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from embedcourse import catalogue
from embedcourse.files import package
from embedcourse.grading.tables import replace
from embedcourse.marking import Exercise, LocalAnswer, encode_outcome, freeze
from embedcourse.marking.model import call

Entry = dict[str, Any]
FORM = 1  # of a line; to be raised when what an entry holds changes


class Busy(Exception):
    """Another grader is at work in the folder of results."""


class Damaged(Exception):
    """A file that only the grader writes is not as it was written; the text says what to do."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Have a folder of results to oneself. It is made if need be, and nobody else may look into it.

    Raises Busy; OSError where nothing can be written.
    """
    import fcntl  # Linux has it, and not every machine that imports this to read results

    folder.mkdir(0o700, parents=True, exist_ok=True)
    with (folder / "journal.jsonl").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the kernel lets go of it whatever ends this process
        except BlockingIOError:
            raise Busy(f"another grader is at work in {folder}: wait for it, or name another folder") from None
        yield


class Journal:
    """The lines in `RESULTS/journal.jsonl`: for every submission (student, lesson) what was last found.

    Reading changes nothing. Who writes has the folder to himself, see `held`.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "journal.jsonl"
        self._entries: dict[tuple[str, int], Entry] = {}
        self._size = 0  # bytes of the lines that are whole
        if self._path.exists():
            self._read()

    def _read(self) -> None:
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return  # cut off in the middle
                self._size += len(line)
                entry = _entry_in(line)
                if entry is not None:
                    self._entries[entry["slug"], entry["lesson"]] = entry

    def entries(self) -> list[Entry]:
        """The newest entry of every submission."""
        return list(self._entries.values())

    def find(self, student: str, lesson: int) -> Entry | None:
        """What was last found for a student's submission to a lesson."""
        return self._entries.get((student, lesson))

    def write(self, entry: Entry) -> None:
        """Add what was found; it is on the disk when this returns."""
        line = json.dumps({"form": FORM, **entry}, ensure_ascii=True).encode() + b"\n"
        with self._path.open("ab") as file:
            file.truncate(self._size)  # what was cut off before
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._size += len(line)
        self._entries[entry["slug"], entry["lesson"]] = entry


def _entry_in(line: bytes) -> Entry | None:
    """The entry in a line, with the exercises that the course still has; None where nothing can be made of it."""
    try:
        entry = json.loads(line)
        if entry["form"] != FORM:
            return None
        names = catalogue.lesson(entry["lesson"]).exercises
        return {**entry, "results": [result for result in entry["results"] if result["exercise"] in names]}
    except (ValueError, KeyError, TypeError):
        return None


def secret(folder: Path) -> bytes:
    """The secret of a folder of results, made when first asked for: it decides which random cases each student gets.

    Raises Damaged where it is not as it was made: another one would give everybody other cases.
    """
    path = folder / "secret"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=folder, prefix=".secret")  # nobody else may read it
        with os.fdopen(number, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.replace(name, path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise Damaged(f"{path} is no secret any more: put the old one back, or begin in another folder of results")
    return bytes.fromhex(text)


def class_seed(folder: Path, asked: int | None, keep: bool) -> int:
    """The seed of the class whose results these are: as asked for, else as kept, else 0. It is kept from then on.

    Raises Damaged where another one is asked for than was kept: with it everybody's answers would be wrong.
    """
    path = folder / "class-seed"
    kept = path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""
    if path.exists() and not kept.isdecimal():
        raise Damaged(f"{path} is no number any more: write the seed of the class into it")
    if kept and asked is not None and asked != int(kept):
        raise Damaged(f"these results are of class seed {kept}, not {asked}: name another folder, or delete {path}")
    if asked is not None and keep:
        replace(path, f"{asked}\n")
    return asked if asked is not None else int(kept or 0)


@cache
def definition(exercise: str, class_seed: int = 0) -> str:
    """A digest of all that decides how an exercise is marked: if it changes, answers to it are marked anew."""
    known = catalogue.exercises(class_seed)[exercise]
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
