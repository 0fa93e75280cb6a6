"""open.html: the open question of each lesson with its rubric, and the answers under their codes, for a person to read."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading import questions
from embedcourse.grading.journal import Entry
from embedcourse.grading.markup import keep, page, text
from embedcourse.grading.points import OPEN_OUT_OF, Reading, plain


def write(folder: Path, secret: bytes, entries: Sequence[Entry], readings: Mapping[tuple[str, int], Reading]) -> None:
    """Write open.html."""
    keep(folder / "open.html", page("Open questions", _body(secret, entries, readings)))


def _body(secret: bytes, entries: Sequence[Entry], readings: Mapping[tuple[str, int], Reading]) -> Iterator[str]:
    yield "<h1>Open questions</h1>"
    yield (
        '<p class="warn"><strong>For those who grade.</strong> The rubrics are not handed out. The answers are in the order of '
        "their codes, which say nothing of the students.</p>"
        f"<p>Write the points, 0 to {OPEN_OUT_OF}, into the column <code>points</code> of <code>open.csv</code>, and run the "
        "same command again. As soon as one answer to a question has points, the question counts for the whole class.</p>"
    )
    present = [lesson for lesson in catalogue.lessons() if any(one["lesson"] == lesson.number for one in entries)]
    links = "".join(
        f'<li><a href="#lesson-{one.number}">Lesson {one.number}: {text(one.title)}</a></li>' for one in present
    )
    yield f"<nav aria-label='Lessons'><ul>{links}</ul></nav>"
    for lesson in present:
        yield from _question(lesson, secret, [one for one in entries if one["lesson"] == lesson.number], readings)


def _question(
    lesson: catalogue.Lesson,
    secret: bytes,
    entries: Sequence[Entry],
    readings: Mapping[tuple[str, int], Reading],
) -> Iterator[str]:
    answered = [entry for entry in entries if entry.get("open")]
    read = sum(readings.get((one["slug"], one["lesson"]), Reading(None)).points is not None for one in answered)
    yield f'<section class="leaf" id="lesson-{lesson.number}"><h2>Lesson {lesson.number}: {text(lesson.title)}</h2>'
    yield _markdown(questions.question(lesson.number))
    yield f'<div class="card">{_markdown(questions.rubric(lesson.number))}</div>'
    empty = len(entries) - len(answered)
    yield f"<p>Answers: {len(answered)}, of which {read} have points. No answer: {empty}.</p>"
    coded = {questions.code_of(secret, entry["slug"], lesson.number): entry for entry in answered}
    for code, entry in sorted(coded.items(), key=lambda pair: pair[0]):
        reading = readings.get((entry["slug"], lesson.number), Reading(None))
        given = "" if reading.points is None else f", {plain(reading.points)} of {OPEN_OUT_OF} points"
        yield f'<h3 id="{code}">{code}{given}</h3><div class="answer">{text(entry["open"])}</div>'
    yield "</section>"


def _markdown(source: str) -> str:
    """The course's own Markdown as HTML; what HTML is in it is shown, not followed."""
    import mistune

    return mistune.create_markdown(escape=True)(source)
