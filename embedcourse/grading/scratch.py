"""What a submission sees of the course: a folder put together per lesson, never the installed package.

References of earlier lessons are in it, texts, and the table of models; in place of what belongs to the lesson
under grading, or to a later one, stand names that say so when they are used. Figures, explorers and the scorecard do nothing.
"""

import ast
import compileall
import shutil
from functools import cache
from pathlib import Path
from py_compile import PycInvalidationMode

from embedcourse import catalogue
from embedcourse.files import package
from embedcourse.marking import Exercise, call

_MARKING = ("model", "running", "values", "wire")  # what runs an answer; not what judges one
_NO_ANSWERS = {"embedcourse.counting.models"}  # data that a lesson of the same topic reads in its first cell


def lay_out(folder: Path, lessons: list[int]) -> None:
    """Write into `folder` what every submission shares, and `01/`, `02/` … for the lessons asked for."""
    _copy(Path(__file__).parent / "inside", folder / "inside", "*.py")
    common = folder / "embedcourse"
    common.mkdir(parents=True)
    shutil.copy(Path(__file__).parent / "inside" / "stand_in.py", common / "__init__.py")
    (common / "marking").mkdir()
    (common / "marking" / "__init__.py").write_text('"""What runs an answer. What marks it is not here."""\n')
    for name in _MARKING:
        shutil.copy(package() / "marking" / f"{name}.py", common / "marking")
    _copy(package() / "text", common / "text", "*")
    for number in lessons:
        _lay_out_lesson(folder / f"{number:02}" / "embedcourse", number)
    compileall.compile_dir(
        folder, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )  # once, not in each fork


def _lay_out_lesson(folder: Path, number: int) -> None:
    there = kept(number)
    for topic in {lesson.topic for lesson in catalogue.lessons()}:
        room = folder / topic
        room.mkdir(parents=True)
        for path in sorted((package() / topic).iterdir()):
            module = f"embedcourse.{topic}.{path.stem}"
            if path.suffix == ".py" and module in there:
                shutil.copy(path, room)
            elif path.suffix == ".py" and path.stem != "__init__":
                (room / path.name).write_text(_stand_in(module))
            elif path.suffix != ".py" and (topic in _finished(number) or module in _NO_ANSWERS):
                _copy(path, room / path.name, "*") if path.is_dir() else shutil.copy(path, room)
        (room / "__init__.py").write_text(_offered(topic, there))
    showing = folder / "showing"
    showing.mkdir()
    (showing / "__init__.py").write_text(_stand_in("embedcourse.showing"))


def _finished(number: int) -> set[str]:
    """The topics all of whose lessons come before lesson `number`."""
    return {lesson.topic for lesson in catalogue.lessons()} - {
        lesson.topic for lesson in catalogue.lessons() if lesson.number >= number
    }


@cache
def homes() -> dict[str, int]:
    """The modules that hold references, each with the first lesson that is answered by one in it.

    They are read, not imported: torch takes seconds, and a process that marks a lesson without it needs none.
    """
    answers = {name: lesson.number for lesson in catalogue.lessons() for name in lesson.exercises}
    found: dict[str, int] = {}
    for topic in {lesson.topic for lesson in catalogue.lessons()}:
        for path in sorted((package() / topic).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            defined = [answers[node.name] for node in tree.body if getattr(node, "name", "") in answers]
            if defined and not path.stem.endswith("exercises"):
                found[f"embedcourse.{topic}.{path.stem}"] = min(defined)
    return found


@cache
def kept(number: int) -> frozenset[str]:
    """The modules of topics that a submission to lesson `number` may import.

    Of topics that are finished all but exercises and pictures; of the others, references of earlier lessons and data. None
    that needs a module which is not there.
    """
    finished, there = _finished(number), set()
    for lesson in catalogue.lessons():
        for path in sorted((package() / lesson.topic).glob("*.py")):
            module = f"embedcourse.{lesson.topic}.{path.stem}"
            drawn = path.stem.endswith(("exercises", "figures", "explore")) or path.stem == "__init__"
            earlier = homes().get(module, number) < number
            if not drawn and (lesson.topic in finished or earlier or module in _NO_ANSWERS):
                there.add(module)
    while missing := {module for module in there if not _needs(module) <= there}:
        there -= missing
    return frozenset(there | {f"embedcourse.{lesson.topic}.probes" for lesson in catalogue.lessons()})


def references() -> list[Path]:
    """The files with the course's own answers."""
    return sorted(map(_file, homes()))


def sources(exercise: Exercise) -> dict[str, str]:
    """What the exercise's probe imports and a submission may not: broken specimens for a hunt. By module, as source text.

    It is sent into the fork in which that exercise is tried, and nowhere else.
    """
    probe = exercise.probe.__module__
    if probe == call.__module__:
        return {}
    found, waiting = {}, _needs(probe) - kept(exercise.lesson)
    while waiting:
        module = waiting.pop()
        found = {module: _file(module).read_text(encoding="utf-8"), **found}
        waiting |= _needs(module) - kept(exercise.lesson) - found.keys()
    return found


@cache
def _needs(module: str) -> set[str]:
    """The modules of topics that a module imports, those behind names that a topic offers included."""
    needed = set()
    for node in ast.walk(ast.parse(_file(module).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("embedcourse."):
            continue
        if node.module.count(".") == 1:
            homes_of = _offers(node.module.split(".")[1])
            names = [alias.name for alias in node.names]
            needed |= {homes_of.get(name, f"{node.module}.{name}") for name in names}
        else:
            needed.add(node.module)
    rooms = {lesson.topic for lesson in catalogue.lessons()}
    return {name for name in needed if name.split(".")[1] in rooms}


@cache
def _offers(topic: str) -> dict[str, str]:
    """The names that a topic offers, each with the module it comes from."""
    path = package() / topic / "__init__.py"
    if not path.exists():
        return {}
    return {
        alias.name: node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _offered(topic: str, there: frozenset[str]) -> str:
    """The `__init__.py` of a topic in the scratch: what is there as in the course, else a stand-in of the same name."""
    lines = ["import embedcourse"]
    for name, module in _offers(topic).items():
        if module in there or module.startswith("embedcourse.text"):
            lines.append(f"from {module} import {name}")
        else:
            lines.append(f"{name} = embedcourse._absent({f'embedcourse.{topic}.{name}'!r}, {module in homes()})")
    return "\n".join([*lines, ""])


def _stand_in(module: str) -> str:
    guarded = module in homes() or module.endswith("exercises")
    return f"import embedcourse\n__getattr__ = embedcourse._module({module!r}, {guarded})\n"


def _file(module: str) -> Path:
    return package().parent.joinpath(*module.split(".")).with_suffix(".py")


def _copy(source: Path, target: Path, pattern: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob(pattern):
        if path.is_file():
            shutil.copy(path, target)
