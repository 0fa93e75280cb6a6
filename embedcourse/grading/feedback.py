"""What a student reads: points, what to do next, and for each exercise what went wrong, without the inputs it was tried on.

Of the evidence in a report only the form of the failing input is told, and the learner's own lines. What an answer returned,
raised or printed may quote a hidden input, and so does the sentence with the case's data.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading.journal import Entry
from embedcourse.grading.markup import keep, name, page, said, table, text
from embedcourse.grading.points import OPEN_OUT_OF, Grade, Override, plain
from embedcourse.marking.model import LOST
from embedcourse.notebook.feedback import LOOK

# What happened, by the kind of a failure.
_WHAT = {
    "value": "what comes back is not right",
    "pairing": "keys and values are there, but paired wrongly",
    "shape": "the shape of what comes back is not right",
    "dtype": "the values are right, and their dtype is not",
    "container": "what comes back is another kind of thing than it should be",
    "law": "a property that must always hold does not hold",
    "raised": "your code stopped with an exception",
    "not raised": "your function accepts an input that it must refuse",
    "wrong exception": "your function refuses the input with another exception than it should",
    "not implemented": "your function raises NotImplementedError",
    "input changed": "your function changes its input",
    "another answer": "called again with the same input, your function gives another answer",
    "secret": "the value is not right",
    "interrupted": "it was interrupted",
    "not callable": "the name is bound to something that cannot be called",
    "unreadable": "the cell stopped before the function was there",
    **LOST,
}
# What is said of a flag to the student.
_NEUTRAL = {
    "unreadable cell": "The cells could not be looked through before they were run.",
    **{kind: f"Somewhere in the notebook this happened: {what}." for kind, what in LOST.items()},
}
MAX_SAID = 600  # characters of what a cell raised
MAX_CELLS = 60


def write(folder: Path, entry: Entry, grade: Grade) -> None:
    """Write the page of one submission, `feedback/<student>/<lesson>.html`."""
    keep(folder / address(entry), build(entry, grade))


def address(entry: Entry) -> str:
    """Where a submission's page is, from the folder of results."""
    return f"feedback/{entry['slug']}/{catalogue.lesson(entry['lesson']).name}.html"


def build(entry: Entry, grade: Grade) -> str:
    """The page."""
    lesson = catalogue.lesson(entry["lesson"])
    title = f"Lesson {lesson.number}: {lesson.title}"
    return page(f"{title}, feedback for {entry['student']}", _body(title, lesson, entry, grade))


def _body(title: str, lesson: catalogue.Lesson, entry: Entry, grade: Grade) -> Iterator[str]:
    yield f'<p class="soft">{text(title)}</p><h1>Feedback for {name(entry["student"])}</h1>'
    if entry["error"]:
        yield '<p class="next">Your notebook could not be graded yet. That is no fault of yours, and costs no points.</p>'
        return
    yield _summary(entry, grade)
    yield f'<p class="next"><strong>Next:</strong> {said(_next(lesson, entry, grade))}</p>'
    yield from _changes(grade)
    known = catalogue.exercises()
    for head, core in (("Core", True), ("Stretch", False)):
        results = [result for result in entry["results"] if known[result["exercise"]].core is core]
        if results:
            yield f"<h2>{head}</h2>"
            for result in results:
                yield from _exercise(result, grade)
    yield from _open_question(entry, grade)
    yield from _cells(entry)


def _summary(entry: Entry, grade: Grade) -> str:
    facts = [("Core", _of(grade.core, grade.core_out_of))]
    if grade.stretch_out_of:
        facts.append(("Stretch", _of(grade.stretch, grade.stretch_out_of)))
    if grade.counts:
        unread = grade.open is None and entry.get("open")
        facts.append(("Open question", "not read yet" if unread else _of(grade.open or 0, OPEN_OUT_OF)))
    facts.append(("Together", _of(grade.points, grade.out_of)))
    return f'<dl class="facts">{"".join(f"<div><dt>{what}</dt><dd>{told}</dd></div>" for what, told in facts)}</dl>'


def _of(points: float, out_of: int) -> str:
    return f"{plain(points)} of {out_of} points"


def _next(lesson: catalogue.Lesson, entry: Entry, grade: Grade) -> str:
    known, points = catalogue.exercises(), grade.exercises
    todo = [result for result in entry["results"] if result["outcome"] != "passed"]
    todo = [
        result for result in todo if points[result["exercise"]] < result["out_of"]
    ]  # whoever got all by hand is done
    core = [result for result in todo if known[result["exercise"]].core]
    following = next((one for one in catalogue.lessons() if one.number == lesson.number + 1), None)
    on = (
        f"lesson {following.number}, {following.title}"
        if following
        else "what you make of it: this was the last lesson"
    )
    if core:
        first = core[0]
        verb = "write" if first["outcome"] in ("missing", "not attempted") else "mend"
        more = f", the first of {len(core)} core exercises that do not pass yet" if len(core) > 1 else ""
        last = "" if len(core) > 1 else ", the only core exercise that does not pass yet"
        return f"{verb} `{first['exercise']}`{more}{last}. What is said below is meant for that."
    if todo:
        return f"you passed the core. If you like, try `{todo[0]['exercise']}` once more; otherwise go on with {on}."
    return f"every exercise passes. Go on with {on}."


def _changes(grade: Grade) -> Iterator[str]:
    if grade.overrides:
        lines = "".join(f"<li>{said(_change(override))}</li>" for override in grade.overrides)
        yield f"<p>Whoever graded this changed points by hand:</p><ul>{lines}</ul>"


def _change(override: Override) -> str:
    what = f"`{override.exercise}`" if override.exercise else "the whole lesson"
    sign, number = override.points[:1], override.points.lstrip("+-*")
    how = {"+": f"{number} more", "-": f"{number} fewer", "*": f"times {number}"}.get(sign, f"{number} points")
    return f"{what}: {how}" + (f" ({override.reason})" if override.reason else "")


def _exercise(result: Entry, grade: Grade) -> Iterator[str]:
    report, exercise = result["report"], catalogue.exercises()[result["exercise"]]
    symbol, word, _ = LOOK[report["status"]]
    word = "Not in the notebook" if result["outcome"] == "missing" else word
    points = f"{plain(grade.exercises[exercise.name])} of {result['out_of']} points"
    kind = report["status"] if report["status"] in ("passed", "failed", "error") else "none"
    yield (
        f'<section class="card {kind}"><h3><span aria-hidden="true">{symbol}</span> {word}: <code>{exercise.name}</code>, '
        f"{points}</h3>"
    )
    if grade.exercises[exercise.name] != result["points"]:
        yield f'<p class="soft">Marked: {result["points"]} of {result["out_of"]}; changed by hand.</p>'
    lost = (report["failure"] or {}).get("kind") == "protocol"  # what is to be asked is for a person to ask
    yield f"<p>{said('What came back could not be read as an answer.' if lost else report['message'])}</p>"
    yield from _evidence(report["failure"], len(report["parts"]))
    if len(report["parts"]) > 1 and report["status"] in ("failed", "error"):
        rows = (
            (
                said(part["label"]),
                f"{part['points']} of {part['max_points']}",
                "✓ right" if part["passed"] else "✗ not yet",
            )
            for part in report["parts"]
        )
        yield table("Points by part", ("Part", "Points", "Outcome"), rows, {1})
    for note in result["notes"]:
        yield f"<p>{said(note)}</p>"
    yield "</section>"


def _evidence(failure: Entry | None, parts: int) -> Iterator[str]:
    if failure is None or failure["kind"] == "missing":
        return
    part = f" in part {failure['part_number']} of {parts}, {failure['part']}" if failure["part"] and parts > 1 else ""
    yield f"<p>What happened{said(part)}: {said(_WHAT.get(failure['kind'], 'it does not pass'))}.</p>"
    forms = "; ".join(f"<code>{text(parameter)}</code>: {text(form)}" for parameter, form in failure.get("shapes", ()))
    if forms:
        yield f"<p>It was tried on {forms}.</p>"
    if failure["lines"]:
        lines = "\n".join(text(line) for line in failure["lines"])
        yield f"<p>In your code:</p><pre>{lines}</pre>"


def _open_question(entry: Entry, grade: Grade) -> Iterator[str]:
    yield "<h2>Open question</h2>"
    if grade.open is not None:
        yield f"<p>{plain(grade.open)} of {OPEN_OUT_OF} points.</p>"
    elif entry.get("open"):
        yield "<p>Your answer is there. A person reads it.</p>"
    else:
        yield "<p>There is no answer in the cell below the question.</p>"
    if grade.comment:
        yield f"<p>{text(grade.comment)}</p>"


def _cells(entry: Entry) -> Iterator[str]:
    notes = [*entry["notes"], *(_NEUTRAL[flag] for flag in entry["flags"] if flag in _NEUTRAL)]
    if not notes and not entry["cells"]:
        return
    yield "<h2>About the notebook</h2><ul>"
    for note in notes:
        yield f"<li>{said(note)}</li>"
    yield from map(_cell, entry["cells"][:MAX_CELLS])
    if len(entry["cells"]) > MAX_CELLS:
        yield f"<li>So it went in {len(entry['cells']) - MAX_CELLS} more cells.</li>"
    yield "</ul>"


def _cell(told: Sequence) -> str:
    number, what = told
    what = what if len(what) <= MAX_SAID else what[:MAX_SAID] + "…"
    return f"<li>Cell {number}: {text(what)}</li>" if number else f"<li>The first cell of the lesson: {text(what)}</li>"
