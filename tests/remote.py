"""Answers by their names, here and in the process that runs strangers' code.

The names are "reference", a mistake's name, "solution" (the notebook's own), "stub" and "hostile: " with a name of `hostile`.
"""

import re
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from embedcourse import catalogue
from embedcourse.authoring import notebooks, source
from embedcourse.files import package, repository
from embedcourse.grading import scratch
from embedcourse.grading.sandbox import Limits, Sandbox
from embedcourse.marking import Report
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


def whole_course(folder: Path, lessons: list[int]) -> None:
    """What a submission sees, but with every reference and the hostile answers in it."""
    scratch.lay_out(folder, [])
    for lesson in lessons:
        (folder / f"{lesson:02}").mkdir()
    inside = folder / "embedcourse"
    for compiled in list(inside.rglob("__pycache__")):
        shutil.rmtree(compiled)
    top = (inside / "__init__.py").read_text(encoding="utf-8")
    shutil.copytree(package(), inside, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (inside / "__init__.py").write_text(top, encoding="utf-8")
    shutil.copy(hostile.__file__, inside)


_UNDER_ITS_OWN_NAME = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
if "tests.hostile" not in sys.modules:
    spec = spec_from_file_location("tests.hostile", embedcourse.__path__[-1] + "/hostile.py")
    sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules[spec.name])
hostile = sys.modules["tests.hostile"]
"""


class Stranger:
    """A stranger's process that holds the whole course: any answer that has a name is marked as a submission's would be."""

    def __enter__(self) -> "Stranger":
        limits = Limits(seconds=3_000, exercise=60)
        self._later = ExitStack()
        sandbox = self._later.enter_context(Sandbox([1], limits, lay_out=whole_course))
        self._session = self._later.enter_context(sandbox.session(1))
        return self

    def __exit__(self, *exception: object) -> None:
        self._later.close()

    def mark(self, exercise: str, name: str, seed: int) -> Report:
        """The report on the answer of this name."""
        if not self._session.living:
            self._session.begin()
        ran = self._session.run_cell(name, self._cell(exercise, name))
        assert ran.raised is None, ran
        return self._session.mark(catalogue.exercises()[exercise], seed)

    def _cell(self, exercise: str, name: str) -> str:
        if name in ("solution", "stub"):
            code = code_of(exercise)
            code = notebooks.without_solution(code) if name == "stub" else code
            return f"from embedcourse import exercise\n{_imports_of(exercise)}\n{code}"
        lines = [
            "import embedcourse",
            "from embedcourse import catalogue",
            f"known = catalogue.exercises()[{exercise!r}]",
        ]
        if name == "reference":
            answer = "known.reference"
        elif name.startswith("hostile: "):
            lines.append(_UNDER_ITS_OWN_NAME)
            answer = f"hostile.answers({exercise!r})[{name.removeprefix('hostile: ')!r}]"
        else:
            answer = f"next(one.implementation for one in known.mistakes if one.name == {name!r})"
        return "\n".join([*lines, f"embedcourse._answers[{exercise!r}] = {answer}"])
