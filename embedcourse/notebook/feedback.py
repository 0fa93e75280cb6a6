"""How a report looks under an exercise: HTML that is readable on light and dark ground, and the same in plain text.

Both are written from one list of lines, so they cannot say different things. Status is a word and a symbol, never a
colour alone. No JavaScript, no widget.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from embedcourse.marking import Exercise, Report

# Symbol, word, colour: the colour is for the edge only and is legible on white and on black.
LOOK = {
    "passed": ("✓", "Passed", "#1a9850"),
    "failed": ("✗", "Not yet", "#b87700"),
    "error": ("!", "Stopped by an error", "#d0482f"),
    "not attempted": ("○", "Not attempted", "#808080"),
}


@dataclass(frozen=True)
class _Line:
    """One line of feedback: `kind` is "head", "say" or "code"."""

    kind: str
    text: str
    label: str = ""


def as_text(exercise: Exercise, report: Report, notes: Sequence[str] = ()) -> str:
    """The feedback in plain words, for a terminal, a screen reader and nbval; `notes` are sentences to add."""
    lines = []
    for line in _lines(exercise, report, notes):
        if line.kind == "code":
            lines += [f"  {line.label}: " + line.text.replace("\n", "\n    ")]
        else:
            lines.append(line.text)
    return "\n".join(lines)


def as_html(exercise: Exercise, report: Report, notes: Sequence[str] = ()) -> str:
    """The feedback as HTML. It takes its text colour from the page, so that it suits both themes."""
    colour = LOOK[report.status][2]
    body = []
    for line in _lines(exercise, report, notes):
        if line.kind == "head":
            body.append(f"<p style='margin:0;font-weight:600'>{inline(line.text)}</p>")
        elif line.kind == "code":
            body.append(
                f"<div style='margin:.2em 0'><span style='opacity:.75'>{inline(line.label)}:</span> "
                f"<code style='white-space:pre-wrap;overflow-wrap:anywhere;color:inherit;background:transparent'>"
                f"{escape(line.text)}</code></div>"
            )
        else:
            body.append(f"<p style='margin:.4em 0 0'>{inline(line.text)}</p>")
    return (
        f"<div role='status' style='border-left:.4em solid {colour};padding:.5em .9em;margin:.3em 0;"
        f"background:rgba(128,128,128,.08);max-width:52em;line-height:1.45'>{''.join(body)}</div>"
    )


def inline(text: str) -> str:
    """`text` as HTML, escaped, in which what stands between backticks is code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    style = "color:inherit;background:rgba(128,128,128,.16);padding:0 .2em"
    return "".join(f"<code style='{style}'>{p}</code>" if i % 2 else p for i, p in enumerate(pieces))


def _lines(exercise: Exercise, report: Report, notes: Sequence[str]) -> Iterator[_Line]:
    yield from _verdict(exercise, report)
    for note in notes:
        yield _Line("say", note)


def _verdict(exercise: Exercise, report: Report) -> Iterator[_Line]:
    symbol, word, _ = LOOK[report.status]
    points = f"{report.points} of {report.max_points} points"
    name = f"`{exercise.name}`"
    if report.status == "passed":
        yield _Line("head", f"{symbol} {word}: {name}, {points}.")
        yield _Line("say", f"{report.message} From here on {name} is your own.")
        return
    if report.status == "not attempted":
        yield _Line("head", f"{symbol} {word}: {name}.")
        yield _Line("say", f"{report.message} Until then, later cells use the course's own {name}.")
        return
    failure = report.failure
    where = f", part {failure.part_number} of {len(report.parts)}, {failure.part}" if failure.part else ""
    yield _Line("head", f"{symbol} {word}: {name}{where}. {points}.")
    if failure.inputs:
        yield _Line("say", f"For this input, {_sentence(failure.detail)}")
    else:
        yield _Line("say", _sentence(failure.detail[:1].upper() + failure.detail[1:]))
    for parameter, value in failure.inputs:
        yield _Line("code", value, parameter)
    if failure.kind in ("value", "pairing", "shape", "dtype", "container", "law", "secret", "input changed"):
        yield _Line("code", failure.got, "yours")
    if failure.wanted and failure.kind in ("value", "pairing", "shape", "dtype", "container"):
        yield _Line("code", failure.wanted, "wanted")
    for line in failure.lines:
        yield _Line("code", line, "in your code")
    if failure.printed:
        yield _Line("code", failure.printed.rstrip(), "your prints")
    yield _Line("say", report.message)
    yield _Line("say", f"Until yours passes, later cells use the course's own {name}.")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."
