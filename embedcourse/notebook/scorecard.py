"""The scorecard at the end of a lesson: each exercise, how it went, its points."""

from html import escape

from embedcourse import catalogue
from embedcourse.marking import Report
from embedcourse.notebook import state
from embedcourse.notebook.feedback import LOOK
from embedcourse.showing import screen


def scorecard(lesson: int | None = None) -> None:
    """Show each exercise of a lesson with its outcome and points, core and stretch apart.

    Without a number: the lessons of which an exercise was run in this notebook. Raises ValueError for a number that
    no lesson has.
    """
    numbers = [one.number for one in catalogue.lessons()]
    if lesson is not None and lesson not in numbers:
        raise ValueError(f"there is no lesson {lesson!r}; the course has lessons {', '.join(map(str, numbers))}")
    shown = [
        one
        for one in catalogue.lessons()
        if one.number == lesson or (lesson is None and any(name in state.reports for name in one.exercises))
    ]
    if not shown:
        text = "No exercise was run in this notebook yet. Run the cells from the top, then this one again."
        screen.put(f"<p>{text}</p>", text)
        return
    tables = [_Table(one) for one in shown]
    screen.put("".join(table.html() for table in tables), "\n\n".join(table.text() for table in tables))


class _Table:
    def __init__(self, lesson: catalogue.Lesson) -> None:
        self.lesson = lesson
        known = catalogue.exercises()
        self.groups = [
            (title, [_row(name) for name in lesson.exercises if known[name].core is core])
            for title, core in (("Core", True), ("Stretch", False))
            if core or not all(known[name].core for name in lesson.exercises)
        ]

    def verdict(self) -> str:
        core, stretch = self.groups[0][1], [row for _, rows in self.groups[1:] for row in rows]
        left = [row[0] for row in core if row[1] != "passed"]
        if left:
            return f"Still open in the core: {', '.join(left)}."
        if not stretch:
            return "You passed this lesson."
        more = sum(row[1] == "passed" for row in stretch)
        return f"You passed the core of this lesson, and {more} of {len(stretch)} stretch exercises."

    def text(self) -> str:
        lines = [f"Scorecard, lesson {self.lesson.number}: {self.lesson.title}"]
        for title, rows in self.groups:
            points, out_of = sum(row[2] for row in rows), sum(row[3] for row in rows)
            lines.append(f"{title}: {points} of {out_of} points")
            lines += [f"  {_word(status):<24} {name:<20} {got} of {most}" for name, status, got, most in rows]
        return "\n".join([*lines, self.verdict()])

    def html(self) -> str:
        cell = "text-align:left;padding:.15em .9em .15em 0"
        heads = "".join(f"<th scope='col' style='{cell}'>{head}</th>" for head in ("Exercise", "Outcome", "Points"))
        body = [f"<thead><tr>{heads}</tr></thead>"]
        for title, rows in self.groups:
            points, out_of = sum(row[2] for row in rows), sum(row[3] for row in rows)
            body.append(
                f"<tbody><tr><th scope='rowgroup' colspan='3' style='{cell}'>{title}: {points} of {out_of} points</th></tr>"
            )
            body += [
                f"<tr><th scope='row' style='{cell};font-weight:normal'><code>{escape(name)}</code></th>"
                f"<td style='{cell}'>{_word(status)}</td><td style='{cell}'>{got} of {most}</td></tr>"
                for name, status, got, most in rows
            ]
            body.append("</tbody>")
        title = f"Scorecard, lesson {self.lesson.number}: {escape(self.lesson.title)}"
        return (
            f"<table style='border-collapse:collapse;margin:.3em 0'>"
            f"<caption style='text-align:left;font-weight:600;white-space:nowrap'>{title}</caption>{''.join(body)}</table>"
            f"<p>{escape(self.verdict())}</p>"
        )


def _row(name: str) -> tuple[str, str, int, int]:
    report: Report | None = state.reports.get(name)
    if report is not None:
        return name, report.status, report.points, report.max_points
    return name, "not run", 0, sum(part.points for part in catalogue.exercises()[name].parts)


def _word(status: str) -> str:
    symbol, word, _ = LOOK.get(status, ("·", "Not run yet", ""))
    return f"{symbol} {word}"
