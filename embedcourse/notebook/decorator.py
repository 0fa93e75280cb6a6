"""`@exercise`: running the cell is the check.

The decorator finds the exercise by the function's name, marks it, shows the feedback under the cell and hands back the
learner's own function if it passed, else the course's, so that no later cell is ever blocked.
"""

import difflib
import dis
import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

from embedcourse import catalogue
from embedcourse.marking import Exercise, Report, mark, unmarked
from embedcourse.notebook import feedback, state
from embedcourse.showing import screen


def exercise(function: Callable | None = None) -> Callable:
    """Mark the exercise that has this function's name, show the feedback, and return the function that now goes by it.

    That is the learner's own if it passed, else the reference. While it is marked, the global name is the learner's
    function: recursion works, and a second attempt that calls the name it was handed calls itself.
    """
    if function is None:  # written as `@exercise()`
        return exercise
    name = getattr(function, "__name__", None)
    known = catalogue.exercises(state.class_seed)
    if name not in known:
        _say_unknown(str(name), list(known))
        return function
    marked = known[name]
    namespace = getattr(function, "__globals__", None) or vars(sys.modules[function.__module__])
    namespace[name] = function
    try:
        with screen.quiet():
            report = mark(marked, function)
    except KeyboardInterrupt:  # it arrived between two cases
        report = unmarked(marked, "error", "interrupted", "it was stopped while it was being marked")
    except BaseException:
        namespace[name] = marked.reference
        raise
    _settle(marked, report, function)
    return function if report.status == "passed" else marked.reference


def _settle(marked: Exercise, report: Report, answer: Callable | None = None) -> None:
    before = state.reports.get(marked.name)
    state.reports[marked.name] = report
    _decided.add(marked.name)
    notes = []
    for other in sorted(_names_in(getattr(answer, "__code__", None)) & set(catalogue.exercises()) - {marked.name}):
        notes.append(f"Your answer calls `{other}`, another exercise. When it is graded it stands alone: do without.")
    if before is not None and before.status == "passed" != report.status:
        notes.append("An earlier answer of yours had passed; this one has taken its place.")
    screen.put(feedback.as_html(marked, report, notes), feedback.as_text(marked, report, notes))


def _names_in(code: CodeType | None) -> set[str]:
    """The global names that a function uses, also inside its comprehensions and inner functions."""
    if code is None:
        return set()
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    own = {step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    return own.union(*map(_names_in, inner))


def _say_unknown(name: str, known: list[str]) -> None:
    if name in ("<lambda>", "wrapper", "None"):
        text = "`@exercise` finds the exercise by the name of the function: write `def` and the name directly below it."
        screen.put(f"<p>{feedback.inline(text)}</p>", text)
        return
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known
    names = ", ".join(f"`{other}`" for other in near)
    text = f"No exercise is called `{name}`, so it was not marked. Exercises with a similar name: {names}."
    screen.put(f"<p>{feedback.inline(text)}</p>", text)


# A cell that Python cannot even compile never reaches the decorator. A hook after each cell sees that an exercise stood
# in it and was not decided, binds the name to the reference and says so: later cells are not blocked by that either.
_decided: set[str] = set()


def watch() -> None:
    """Set up the hook, once, in the IPython shell that runs here; in plain Python there is nothing to watch."""
    shell = screen.shell()
    if shell is None or getattr(shell, "_embedcourse_watched", False):
        return
    shell._embedcourse_watched = True
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)


def _before_cell(info: Any) -> None:
    _decided.clear()


def _after_cell(result: Any) -> None:
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return
    known = catalogue.exercises(state.class_seed)
    for name in catalogue.exercises_in(result.info.raw_cell or ""):
        if name in known and name not in _decided:
            screen.shell().user_ns[name] = known[name].reference
            syntax = isinstance(error, SyntaxError)
            what = f"in line {error.lineno}: {error.msg}" if syntax else f"was raised: {error}"
            kind = type(error).__name__
            kind = "SyntaxError" if syntax and kind.startswith("_") else kind  # Python 3.13: _IncompleteInputError
            _settle(known[name], unmarked(known[name], "error", "unreadable", f"{kind} {what}"))
