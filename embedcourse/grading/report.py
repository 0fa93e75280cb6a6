"""What the instructor reads: the class at a glance, and for each submission the evidence. None of it is to be handed out."""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading import feedback, similar
from embedcourse.grading.journal import Entry
from embedcourse.grading.markup import keep, name, page, said, table, text, wide
from embedcourse.grading.points import NOT_READ, Grade, plain
from embedcourse.grading.tables import replace
from embedcourse.notebook.feedback import LOOK

MOST = 200  # lines of a list; the tables in CSV have all
WARNING = (
    '<p class="warn"><strong>For the instructor alone.</strong> {} Hand out what is in <code>feedback/</code>, and nothing '
    "else of this folder.</p>"
)


@dataclass(frozen=True)
class Run:
    """How submissions were marked: when, as text, and what kept strangers' code in, as it was tried out."""

    when: str
    isolation: str


def keep_run(folder: Path, run: Run) -> None:
    """Keep how submissions are marked now, for reports of runs that have nothing to mark."""
    replace(folder / "run.json", json.dumps(asdict(run)) + "\n")


def last_run(folder: Path) -> Run | None:
    """The last run that marked something."""
    try:
        return Run(**json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


# the evidence of one submission


def evidence_address(entry: Entry) -> str:
    """Where the evidence of a submission is, from the folder of results."""
    return f"evidence/{entry['slug']}/{catalogue.lesson(entry['lesson']).name}.html"


def write_evidence(folder: Path, entry: Entry) -> None:
    """Write what failed with which input; where nothing failed, take an older page away."""
    path = folder / evidence_address(entry)
    if not has_evidence(entry):
        path.unlink(missing_ok=True)
        return
    lesson = catalogue.lesson(entry["lesson"])
    title = f"Evidence, lesson {lesson.number}: {lesson.title}"
    keep(path, page(f"{title}, {entry['student']}", _evidence(title, entry)))


def has_evidence(entry: Entry) -> bool:
    """Whether there is something that failed."""
    return bool(entry["error"]) or any(result["report"]["failure"] for result in entry["results"])


def _evidence(title: str, entry: Entry) -> Iterator[str]:
    yield f'<p class="soft">{text(title)}</p><h1>{name(entry["student"])}</h1>'
    yield WARNING.format("Here stand the hidden inputs and the wanted answers.")
    yield f'<p class="soft">From {text(entry["source"])}, sha256 {text(entry["sha256"])}, {entry["seconds"]} s.</p>'
    if entry["error"]:
        yield f"<h2>Grader error</h2><pre>{text(entry['error'])}</pre>"
    yield "<h2>What does not pass</h2>"
    for result in entry["results"]:
        failure = result["report"]["failure"]
        if failure is None:
            continue
        symbol, word, _ = LOOK[result["report"]["status"]]
        yield f'<section class="card {text(result["report"]["status"])}"><h3>{symbol} {word}: '
        yield f"<code>{result['exercise']}</code>, {result['points']} of {result['out_of']} points</h3>"
        if failure["part"]:
            yield f"<p>Part {failure['part_number']}, {said(failure['part'])}; kind: {text(failure['kind'])}.</p>"
        yield f"<p>{text(failure['detail'])}</p>"
        rows = [
            *failure["inputs"],
            ("got", failure["got"]),
            ("wanted", failure["wanted"]),
            ("printed", failure["printed"]),
        ]
        rows += [("in the code", "\n".join(failure["lines"]))]
        told = "".join(f"<p>{text(what)}</p><pre>{text(value)}</pre>" for what, value in rows if value)
        yield f"{told}<p>Said to the student: {said(result['report']['message'])}"
        yield f" ({text(failure['mistake'])})</p></section>" if failure["mistake"] else "</p></section>"


# the class


def write(
    folder: Path,
    entries: Sequence[Entry],
    grades: Sequence[Grade],
    refused: Sequence,
    ignored: Sequence[str],
    run: Run | None,
) -> None:
    """Write report.html."""
    keep(folder / "report.html", page("Report on the class", _report(entries, grades, refused, ignored, run)))


def _report(
    entries: Sequence[Entry], grades: Sequence[Grade], refused: Sequence, ignored: Sequence[str], run: Run | None
) -> Iterator[str]:
    students = len({entry["slug"] for entry in entries})
    failed = sum(bool(entry["error"]) for entry in entries)
    yield "<h1>Report on the class</h1>"
    yield WARNING.format("Here stand names and points of all students, and links to hidden inputs.")
    facts = [
        ("Submissions", len(entries)),
        ("Students", students),
        ("Graded", len(entries) - failed),
        ("Grader errors", failed),
        ("Could not be graded", len(refused)),
    ]
    yield f'<dl class="facts">{"".join(f"<div><dt>{what}</dt><dd>{number}</dd></div>" for what, number in facts)}</dl>'
    if run is not None:
        yield f"<p>Marked last: {text(run.when)}. {text(run.isolation)}</p>"
    yield (
        "<p>The course is public, with a reference answer to each exercise. Points from a machine tell who practised; the "
        '<a href="open.html">open questions</a> and a short talk tell who understood.</p>'
    )
    yield from _not_graded(entries, refused)
    by_lesson: dict[int, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_lesson[grade.lesson].append(grade)
    for lesson in catalogue.lessons():
        if lesson.number in by_lesson:
            own = [entry for entry in entries if entry["lesson"] == lesson.number]
            yield from _lesson(lesson, own, by_lesson[lesson.number])
    yield from _similar(entries)
    yield from _flags(grades)
    yield from _overrides(grades)
    yield from _everybody(entries, grades)
    if ignored:
        yield "<h2>Files that are no notebooks</h2><ul>"
        yield from (f"<li>{text(source)}</li>" for source in ignored[:MOST])
        yield f"<li>and {len(ignored) - MOST} more</li></ul>" if len(ignored) > MOST else "</ul>"


def _not_graded(entries: Sequence[Entry], refused: Sequence) -> Iterator[str]:
    broken = [entry for entry in entries if entry["error"]]
    if refused:
        yield "<h2>What could not be graded</h2>"
        rows = ((name(one.student or "?"), text(one.source), text(one.reason)) for one in refused[:MOST])
        yield table(_cut("Not graded, and why", refused), ("Student", "Where", "Why"), rows, long={2})
    if broken:
        yield "<h2>Grader errors</h2><p>A fault of the grader, not of the student. Run it again; report what stays.</p>"
        rows = ((name(one["student"]), str(one["lesson"]), f"<pre>{text(one['error'])}</pre>") for one in broken[:MOST])
        yield table(_cut("Grader errors", broken), ("Student", "Lesson", "Error"), rows, long={2})


def _lesson(lesson: catalogue.Lesson, entries: Sequence[Entry], grades: Sequence[Grade]) -> Iterator[str]:
    yield f"<h2>Lesson {lesson.number}: {text(lesson.title)}</h2>"
    graded = [grade for grade in grades if grade.outcome != "grader error"]
    if graded:
        yield _distribution([grade.points for grade in graded], graded[0].out_of)
        core, stretch = (
            statistics.median(values) for values in zip(*((one.core, one.stretch) for one in graded), strict=True)
        )
        passed = sum(grade.outcome == "passed" for grade in graded)
        most = graded[0].core_out_of, graded[0].stretch_out_of
        words = f"Core passed by {passed} of {len(graded)}. Half have at least {plain(core)} of {most[0]} core points"
        yield f"<p>{words}{f', and at least {plain(stretch)} of {most[1]} stretch points' if most[1] else ''}.</p>"
    yield from _hardest(lesson, entries)
    yield from _mistakes(lesson, entries)


def _distribution(points: Sequence[float], out_of: int) -> str:
    """How many have how many points, as a picture and in words."""
    counts = Counter(min(out_of, int(one)) for one in points)
    most, left, width, height = max(counts.values()), 30, 640, 150
    step, every = (width - left - 10) / (out_of + 1), max(1, out_of // 8)
    bars, labels = [], []
    for value in range(out_of + 1):
        x, tall = left + value * step, counts[value] / most * (height - 40)
        if counts[value]:
            bars.append(
                f'<rect class="bar" x="{x + 1:.1f}" y="{height - 20 - tall:.1f}" width="{step - 2:.1f}" height="{tall:.1f}"/>'
                f'<text x="{x + step / 2:.1f}" y="{height - 24 - tall:.1f}" text-anchor="middle">{counts[value]}</text>'
            )
        if value == out_of or (value % every == 0 and out_of - value >= every):
            labels.append(f'<text x="{x + step / 2:.1f}" y="{height - 4}" text-anchor="middle">{value}</text>')
    words = (
        f"{len(points)} graded. Half have at least {plain(statistics.median(points))} of {out_of} points; "
        f"the lowest is {plain(min(points))}, the highest {plain(max(points))}."
    )
    listed = ", ".join(f"{value}: {counts[value]}" for value in sorted(counts))
    picture = (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="How many students have '
        f'how many points. {words} Students by whole points: {listed}.">{"".join(bars)}'
        f'<line class="axis" x1="{left}" x2="{width - 10}" y1="{height - 20}" y2="{height - 20}"/>{"".join(labels)}</svg>'
    )
    caption = f"Students by points, fractions cut off. {words}"
    return f"<figure>{wide(picture, 'Students by points')}<figcaption>{caption}</figcaption></figure>"


def _hardest(lesson: catalogue.Lesson, entries: Sequence[Entry]) -> Iterator[str]:
    """Each exercise, the one with the smallest share of points first."""
    found: dict[str, list[Entry]] = {name: [] for name in lesson.exercises}
    for entry in entries:
        for result in entry["results"]:
            found[result["exercise"]].append(result)
    rows = []
    for exercise, results in found.items():
        if results:
            share = sum(result["points"] for result in results) / sum(result["out_of"] for result in results)
            outcomes = Counter(result["outcome"] for result in results)
            rows.append((share, exercise, len(results), outcomes))
    if not rows:
        return
    rows.sort(key=lambda row: row[0])
    kinds = ("passed", "failed", "error", "not attempted", "missing")
    known = catalogue.exercises()
    yield table(
        "Exercises, the hardest first, with how many answers went how",
        ("Exercise", "", "Share of points", "Passed", "Not yet", "Error", "Not attempted", "Missing"),
        (
            (
                f"<code>{exercise}</code>",
                "core" if known[exercise].core else "stretch",
                f"{_bar(share)} {share:.0%}",
                *(str(outcomes[kind]) for kind in kinds),
            )
            for share, exercise, _, outcomes in rows
        ),
        range(2, 8),
    )


def _bar(share: float) -> str:
    return (
        '<svg viewBox="0 0 60 10" width="60" height="10" aria-hidden="true">'
        f'<rect class="bar" width="{60 * share:.1f}" height="10"/></svg>'
    )


def _mistakes(lesson: catalogue.Lesson, entries: Sequence[Entry]) -> Iterator[str]:
    """Which named mistakes were made how often."""
    made = [result for entry in entries for result in entry["results"] if result["mistake"]]
    counts = Counter((result["exercise"], result["mistake"]) for result in made)
    told = {(result["exercise"], result["mistake"]): result["report"]["message"] for result in made}
    rows = [
        (f"<code>{exercise}</code>", str(count), text(mistake), said(told[exercise, mistake]))
        for (exercise, mistake), count in counts.most_common()
    ]
    if rows:
        heads = ("Exercise", "How often", "Mistake", "What the students were told")
        yield table(_cut("Mistakes that were recognised", rows), heads, rows[:MOST], {1}, {3})


def _similar(entries: Sequence[Entry]) -> Iterator[str]:
    found = similar.matches(entries)
    public = similar.like_the_course(entries)
    if not found and not public:
        return
    yield (
        "<h2>Similar submissions</h2><p>What is alike but for names, comments and the like is a question, never evidence: "
        "friends who learned together, a book, or an assistant can be why. Ask each to explain a line.</p>"
    )
    rows = (
        (
            ", ".join(map(name, match.students)),
            str(match.lesson),
            ", ".join(f"<code>{exercise}</code>" for exercise in match.exercises),
        )
        for match in found[:MOST]
    )
    if found:
        yield table(_cut("Groups with answers of one skeleton", found), ("Students", "Lesson", "Exercises"), rows)
    if public:
        yield (
            "<p>These are like the course's own answers, which are public, and often the shortest: who has many of them may have "
            "read before trying.</p>"
        )
        rows = (
            (name(student), str(lesson), ", ".join(f"<code>{exercise}</code>" for exercise in exercises))
            for student, lesson, exercises in public[:MOST]
        )
        yield table(_cut("Answers like the course's own", public), ("Student", "Lesson", "Exercises"), rows)


def _flags(grades: Sequence[Grade]) -> Iterator[str]:
    rows = []
    for grade in grades:
        flags = [flag for flag in grade.flags if flag not in ("override", NOT_READ)]
        if flags:
            rows.append((name(grade.student), str(grade.lesson), text("; ".join(flags))))
    if rows:
        yield "<h2>Flags</h2><p>What to look at. A loop that never ends is mostly just that.</p>"
        yield table(_cut("Flags", rows), ("Student", "Lesson", "Flags"), rows[:MOST])


def _overrides(grades: Sequence[Grade]) -> Iterator[str]:
    rows = [
        (name(grade.student), str(one.lesson), text(one.exercise or "whole lesson"), text(one.points), text(one.reason))
        for grade in grades
        for one in grade.overrides
    ]
    if rows:
        yield "<h2>Changed by hand</h2>"
        heads = ("Student", "Lesson", "What", "Points", "Reason")
        yield table(_cut("Lines of overrides.csv that were applied", rows), heads, rows[:MOST])


def _everybody(entries: Sequence[Entry], grades: Sequence[Grade]) -> Iterator[str]:
    """Everybody, with links; all of them, since from here one goes to their pages."""
    known = {(entry["slug"], entry["lesson"]): entry for entry in entries}
    rows = []
    for grade in grades:
        entry = known[grade.slug, grade.lesson]
        links = f'<a href="{feedback.address(entry)}">feedback</a>'
        if has_evidence(entry):
            links += f' <a href="{evidence_address(entry)}">evidence</a>'
        points = "" if entry["error"] else f"{plain(grade.points)} of {grade.out_of}"
        core, stretch = (plain(one) for one in (grade.core, grade.stretch))
        opened = "" if grade.open is None else plain(grade.open)
        rows.append((name(grade.student), str(grade.lesson), points, core, stretch, opened, text(grade.outcome), links))
    heads = ("Student", "Lesson", "Points", "Core", "Stretch", "Open", "Outcome", "Pages")
    yield "<h2>Everybody</h2>"
    yield table("Submissions", heads, rows, {2, 3, 4, 5})


def _cut(what: str, rows: Sequence) -> str:
    return what if len(rows) <= MOST else f"{what} (the first {MOST} of {len(rows)})"
