"""A second process that runs answers, for tests: values travel there and back as bytes, marking stays here.

Run as a script it serves requests on its standard streams. The names of answers are "reference", a mistake's name,
"solution" (the notebook's own) and "stub".
"""

import re
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import cache

from embedcourse import catalogue
from embedcourse.authoring import notebooks, source
from embedcourse.files import repository
from embedcourse.marking import LocalAnswer, Outcome, decode, decode_outcome, encode, encode_outcome
from embedcourse.marking.running import undisturbed
from tests import hostile


@cache
def answer(exercise: str, name: str) -> Callable:
    """The function behind an answer's name. It is made once, as a learner's cell is run once."""
    known = catalogue.exercises()[exercise]
    if name == "reference":
        return known.reference
    if name.startswith("hostile: "):
        return hostile.answers(exercise)[name.removeprefix("hostile: ")]
    if name in ("solution", "stub"):
        return from_notebook(exercise, stub=name == "stub")
    return next(mistake.implementation for mistake in known.mistakes if mistake.name == name)


def from_notebook(exercise: str, stub: bool) -> Callable:
    """The answer that stands in the lesson's source, or the stub that is handed out in its place."""
    code = code_of(exercise)
    namespace: dict = {"exercise": lambda function: function}
    exec(_imports_of(exercise), namespace)
    exec(compile(notebooks.without_solution(code) if stub else code, f"<{exercise}>", "exec"), namespace)
    return namespace[exercise]


def code_of(exercise: str) -> str:
    """The code of an exercise's cell in the lesson's source, solution included."""
    return next(cell.text for cell in _cells(exercise) if exercise in cell.exercises)


def _imports_of(exercise: str) -> str:
    """What the lesson's setup cell imports of Python, NumPy, torch, earlier topics, and earlier lessons' references.

    That is all that an answer may use beside its own cell.
    """
    lines = next(cell.text for cell in _cells(exercise) if "setup" in cell.tags).splitlines()
    number = catalogue.exercises()[exercise].lesson
    from_here_on = {lesson.topic for lesson in catalogue.lessons() if lesson.number >= number}
    before = {lesson.topic for lesson in catalogue.lessons() if lesson.number < number}
    earlier = {f"embedcourse.{topic}" for topic in before - from_here_on}
    earlier |= {f"embedcourse.{topic}.reference" for topic in before}  # of a topic's first lesson
    allowed = {"numpy", "torch", *sys.stdlib_module_names}
    imported = [re.match(r"(?:import|from) ((\w+)[\w.]*)", line) for line in lines]
    return "\n".join(found.string for found in imported if found and (found[2] in allowed or found[1] in earlier))


def _cells(exercise: str) -> list:
    return _cells_of(next(lesson.name for lesson in catalogue.lessons() if exercise in lesson.exercises))


@cache
def _cells_of(lesson: str) -> list:
    return source.read(repository() / "solutions" / f"{lesson}.md").cells


class Server:
    """The other process, started once for many answers."""

    def __enter__(self) -> "Server":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.remote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=repository()
        )
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def answer(self, exercise: str, name: str) -> "RemoteAnswer":
        return RemoteAnswer(self, exercise, name)

    def ask(self, request: bytes) -> bytes:
        self.process.stdin.write(struct.pack(">I", len(request)) + request)
        self.process.stdin.flush()
        (length,) = struct.unpack(">I", self.process.stdout.read(4))
        return self.process.stdout.read(length)


class RemoteAnswer:
    """An answer in the other process. `mark` takes it like a local one."""

    def __init__(self, server: Server, exercise: str, name: str) -> None:
        self.server, self.exercise, self.name = server, exercise, name

    def run(self, probe: Callable, args: tuple) -> Outcome:
        return decode_outcome(self.server.ask(encode((self.exercise, self.name, args))))


def serve() -> None:
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while size := requests.read(4):
        exercise, name, args = decode(requests.read(struct.unpack(">I", size)[0]))
        with undisturbed():
            outcome = LocalAnswer(answer(exercise, name)).run(catalogue.exercises()[exercise].probe, args)
        reply = encode_outcome(outcome)
        replies.write(struct.pack(">I", len(reply)) + reply)
        replies.flush()


if __name__ == "__main__":
    serve()
