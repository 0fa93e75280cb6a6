"""One submission from its cells to its marks: what is run, what is skipped, which answer counts, and why.

The grader decides here; what happens to be true over there is asked of a `Session`, one message at a time.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from embedcourse import catalogue, release
from embedcourse.grading.sandbox import CellResult, Function, Lost, Sandbox, Session
from embedcourse.marking import Exercise, Report, unmarked
from embedcourse.marking.model import LOST

MAX_LOSSES = 4  # after so many deaths of the process only the setup and the exercises are run
MAX_AGAIN = 8  # and so many cells that go well once and not again are left out
MAX_CELL = 200_000


@dataclass(frozen=True)
class Cell:
    """A cell of a submission: its number in the notebook from 1 on, its kind ("code", "markdown", …) and its text."""

    number: int
    kind: str
    source: str


@dataclass(frozen=True)
class ExerciseResult:
    """How one exercise went. `outcome` is a report's status, or "missing" where no cell has it; `flag`, what was lost by it."""

    report: Report
    outcome: str
    seconds: float
    notes: tuple[str, ...] = ()
    skeleton: str = ""
    size: int = 0
    flag: str = ""


@dataclass
class Marked:
    """What marking a submission found. `flags` are for the instructor: a question, never evidence."""

    lesson: int
    results: list[ExerciseResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    cells: list[tuple[int, str]] = field(default_factory=list)  # what became of the cells that did not run to their end


def seed_of(secret: bytes, student: str, lesson: int, exercise: str) -> int:
    """The seed of an exercise's cases for one student: always the same, and nobody's guess who lacks the secret."""
    text = json.dumps([student, lesson, exercise]).encode()
    return int.from_bytes(hmac.digest(secret, text, "sha256")[:4], "big")


def mark_submission(
    sandbox: Sandbox,
    lesson: int,
    cells: Sequence[Cell],
    secret: bytes,
    student: str,
    only: Sequence[str] = (),
    class_seed: int = 0,
) -> Marked:
    """Run the cells of a submission and mark its exercises, all or those named in `only`. Raises GraderError."""
    return _Marker(sandbox, lesson, cells, secret, student, only, class_seed).mark()


notebook = cache(release.notebook)


@cache
def released(lesson: int, class_seed: int = 0) -> tuple[str, frozenset[str]]:
    """The setup cell of a lesson as it is handed out, and the digests of its code cells that are no exercises."""
    setup, demonstrations = "", set()
    for cell in notebook(lesson, class_seed)["cells"]:
        source, tags = "".join(cell["source"]), cell["metadata"].get("tags", [])
        if cell["cell_type"] != "code" or "exercise" in tags:
            continue
        if "setup" in tags:
            setup = source
        demonstrations.add(digest(source))
    return setup, frozenset(demonstrations)


# What is slow to import, and slows each fork of who has it.
LIBRARIES = ("asyncio", "jaxtyping", "matplotlib", "tokenizers", "torch", "tqdm")


def libraries(lesson: int, cells: Sequence[Cell]) -> tuple[str, ...]:
    """Those of `LIBRARIES` that a submission speaks of in a cell that will run, the lesson's first one included."""
    setup, demonstrations = released(lesson)
    names = catalogue.lesson(lesson).exercises
    will_run = [cell for cell in cells if cell.kind == "code" or not defined_in(cell.source).isdisjoint(names)]
    code = [cell.source for cell in will_run if digest(cell.source) not in demonstrations]
    return tuple(name for name in LIBRARIES if any(re.search(rf"\b{name}\b", source) for source in [setup, *code]))


def digest(source: str) -> str:
    """The same for cells that differ in blank space at the ends of lines alone."""
    text = "\n".join(line.rstrip() for line in source.strip().splitlines())
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def defined_in(source: str) -> set[str]:
    """The names that lines of a text define, as functions or classes."""
    # blank space of one line alone: \s would go over the ends of lines, and search blank cells for hours
    return set(re.findall(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", source, re.M))


class _Marker:
    def __init__(
        self,
        sandbox: Sandbox,
        lesson: int,
        cells: Sequence[Cell],
        secret: bytes,
        student: str,
        only: Sequence[str],
        class_seed: int,
    ) -> None:
        self.sandbox, self.lesson, self.secret, self.student = sandbox, lesson, secret, student
        self.names = catalogue.lesson(lesson).exercises
        self.wanted = [name for name in self.names if not only or name in only]
        self.marked = Marked(lesson)
        self.class_seed = class_seed
        self.setup, self.demonstrations = released(lesson, class_seed)
        self.notes: dict[str, list[str]] = {name: [] for name in self.names}
        self.cells = self._to_run(cells)
        self.survived: list[Cell] = []
        self.broken: dict[str, tuple[int, CellResult]] = {}  # exercises whose cell did not get as far as the function
        self.home: dict[str, Function] = {}
        self.losses = 0

    def mark(self) -> Marked:
        with self.sandbox.session(self.lesson) as session:
            session.begin()
            self._outline(session)
            if not session.living:
                session.begin()
            self._run_all(session)
            for name in self.wanted:
                self.marked.results.append(self._exercise(session, catalogue.exercises(self.class_seed)[name]))
        return self.marked

    # which cells run

    def _to_run(self, cells: Sequence[Cell]) -> list[Cell]:
        code = [cell for cell in cells if cell.kind == "code" and cell.source.strip()]
        for cell in cells:
            if cell.kind != "code" and self._defined_in(cell.source):
                code.append(Cell(cell.number, "code", _without_fence(cell.source)))
                for name in self._defined_in(cell.source):
                    self.notes[name].append(f"Cell {cell.number} had been turned into text; it was run all the same.")
        code.sort(key=lambda cell: cell.number)
        for cell in code:
            if len(cell.source) > MAX_CELL:
                self._say(cell, f"not run: it has {len(cell.source):,} characters")
        code = [cell for cell in code if len(cell.source) <= MAX_CELL]
        digests = [digest(cell.source) for cell in code]
        if digest(self.setup) not in digests:
            self.marked.notes.append(
                "The first code cell of the lesson was missing or changed; the course's own ran before."
            )
        self._look_for_other_numbers(code)
        kept = [cell for cell, known in zip(code, digests, strict=True) if known not in self.demonstrations]
        return [Cell(0, "code", self.setup), *kept]

    def _look_for_other_numbers(self, code: Sequence[Cell]) -> None:
        """Whether the notebook was handed out to another class, or as the course is printed."""
        told = [
            int(number) for cell in code for number in re.findall(r"^for_class\(([0-9]{1,18})\)", cell.source, re.M)
        ]
        theirs = told[-1] if told else 0
        known = catalogue.exercises()
        if theirs != self.class_seed and any(known[name].others for name in self.names):
            ours, handed_out = (
                f"class seed {seed}" if seed else "the printed course" for seed in (self.class_seed, theirs)
            )
            self.marked.notes.append(
                f"The notebook has the numbers of {handed_out}; it was marked with those of {ours}."
            )
            self._flag("other numbers")

    def _defined_in(self, source: str) -> list[str]:
        found = defined_in(source)
        return [name for name in self.names if name in found]

    # running them

    def _outline(self, session: Session) -> None:
        """Find the exercises in the cells, before any stranger's code has run."""
        try:
            outlines = session.outline([cell.source for cell in self.cells])
        except Lost:
            session.end()
            self.marked.flags.append("unreadable cell")
            outlines = [[] for _ in self.cells]
        self.outlines = dict(zip((cell.number for cell in self.cells), outlines, strict=True))

    def _run_all(self, session: Session) -> None:
        for cell in self.cells:
            if time.monotonic() > session.deadline:
                self._not_run(cell, "out of time", "the time for the whole notebook was over")
                continue
            if self.losses >= MAX_LOSSES and cell.number and not self._defined_in(cell.source):
                self._not_run(cell, "died", "too many cells before it had ended the process")
                continue
            if not session.living and not self._again(session):
                self._not_run(cell, "died", "the cells before it did not run again")
                continue
            result = session.run_cell(f"cell {cell.number}", cell.source)
            for name in self._defined_in(cell.source):
                if name in result.defined or (not result.raised and not result.lost):
                    self._settle(name, cell)
                else:
                    self.broken[name] = (cell.number, result)
            if result.note:
                self._say(cell, result.note)
            if result.lost:
                self.losses += 1
                self._say(cell, f"not run to its end: {LOST[result.lost]}")
                self._flag(result.lost)
                continue
            self.survived.append(cell)
            if result.raised:
                told = f"{result.raised.type_name}: {result.raised.text}".rstrip(": ")
                self._say(cell, f"raised {told}")

    def _not_run(self, cell: Cell, lost: str, why: str) -> None:
        self._say(cell, f"not run: {why}")
        self._flag(lost)
        for name in self._defined_in(cell.source):
            self.broken[name] = (cell.number, CellResult(lost=lost))

    def _settle(self, name: str, cell: Cell) -> None:
        if name in self.home:
            self.notes[name].append(f"It stands in several cells; the last one that runs, cell {cell.number}, counts.")
            self.notes[name] = list(dict.fromkeys(self.notes[name]))
        self.broken.pop(name, None)
        outlined = {function.name: function for function in self.outlines.get(cell.number, [])}
        self.home[name] = outlined.get(name, Function(name))

    def _again(self, session: Session) -> bool:
        """A new process, in which the cells that went well run once more; whether there is one."""
        while self.losses < MAX_LOSSES + MAX_AGAIN and time.monotonic() < session.deadline:
            session.begin()
            for cell in self.survived:
                lost = session.run_cell(f"cell {cell.number}", cell.source).lost
                if lost:
                    break
            else:
                return True
            self.losses += 1
            self._flag(lost)
            if cell.number:
                self.survived.remove(cell)
                self._say(cell, "went well once and not again")
        session.end()
        return False

    # the exercises

    def _exercise(self, session: Session, exercise: Exercise) -> ExerciseResult:
        start = time.monotonic()
        session.ended_by = ""
        report = self._report(session, exercise)
        outcome = "missing" if report.failure and report.failure.kind == "missing" else report.status
        lost = report.failure.kind if report.failure and report.failure.kind in LOST else session.ended_by
        if lost:
            self._flag(lost)
        function = self.home.get(exercise.name, Function(exercise.name))
        seconds = time.monotonic() - start
        return ExerciseResult(
            report, outcome, seconds, tuple(self.notes[exercise.name]), function.skeleton, function.size, lost
        )

    def _report(self, session: Session, exercise: Exercise) -> Report:
        name = exercise.name
        if name not in self.home:
            if name in self.broken:
                number, result = self.broken[name]
                if result.lost:
                    return unmarked(exercise, "error", result.lost, f"in cell {number}, {LOST[result.lost]}")
                told = f"{result.raised.type_name} in cell {number}: {result.raised.text}"
                return unmarked(exercise, "error", "unreadable", told)
            return unmarked(exercise, "not attempted", "missing", f"no cell defines a function called {name}")
        if time.monotonic() > session.deadline:
            return unmarked(exercise, "error", "out of time", "the time for the whole notebook was over")
        if not session.living and not self._again(session):
            return unmarked(exercise, "error", "died", "no process was left to try it in")
        report = session.mark(exercise, seed_of(self.secret, self.student, self.lesson, name))
        return self._with_own_lines(report)

    def _with_own_lines(self, report: Report) -> Report:
        """The report without lines of code that stand in no cell: a student will read them, and could tell inputs so."""
        if report.failure is None or not report.failure.lines:
            return report
        sources = [cell.source.splitlines() for cell in self.cells]
        lines = tuple(line for line in report.failure.lines if any(_stands_in(line, source) for source in sources))
        return replace(report, failure=replace(report.failure, lines=lines))

    def _flag(self, why: str) -> None:
        if why not in self.marked.flags:
            self.marked.flags.append(why)

    def _say(self, cell: Cell, what: str) -> None:
        self.marked.cells.append((cell.number, what))


def _stands_in(told: str, source: Sequence[str]) -> bool:
    """Whether "line 3: code" is what the third line of a cell says."""
    found = re.fullmatch(r"line ([1-9][0-9]{0,5}): (.*)", told, re.DOTALL)
    number = int(found[1]) if found else len(source) + 1
    return number <= len(source) and source[number - 1].strip() == found[2]


def _without_fence(source: str) -> str:
    """The code of a cell that was turned into text, of the fence around it if it has one."""
    lines = source.split("\n")
    fences = [number for number, line in enumerate(lines) if line.startswith("```")]
    if len(fences) < 2 or lines[fences[0]].strip() not in ("```", "```python"):
        return source
    return "\n".join(lines[fences[0] + 1 : fences[1]])
