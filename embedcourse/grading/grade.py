"""`embedcourse grade`: a folder of submissions becomes a folder of results, and goes on where it was if it is stopped."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from embedcourse import catalogue, release
from embedcourse.grading import intake, journal, lms, marker, points, questions, report, results, work
from embedcourse.grading.sandbox import MEGABYTE, Limits

WHOLE, WRONG_CALL, PARTLY, STOPPED = 0, 2, 3, 130
_GONE = "It was graded before, and is not there any more: put it back and grade again, if it is to count."


class CallError(ValueError):
    """What the command was told cannot be done; the text says why."""


@dataclass(frozen=True)
class Options:
    """What an instructor may say on the command line.

    lessons, only  grade these lessons, these students; all if none is named
    jobs           submissions at a time
    scheduler      the address of a Dask cluster that marks them, in place of this machine
    trust          run strangers' code without walls
    dry            say what would be done
    canvas, moodle tables exported from an LMS, to be filled in
    class_seed     whose numbers the lessons were handed out with; where it is None, as in these results before
    """

    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    lessons: Sequence[int] = ()
    only: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    scheduler: str = ""
    trust: bool = False
    dry: bool = False
    canvas: Path | None = None
    moodle: Path | None = None
    class_seed: int | None = None


def limits(told: Sequence[str]) -> Limits:
    """The limits of a submission with some of them set, each as NAME=NUMBER. Raises CallError."""
    chosen: dict[str, float | int] = {}
    for text in told:
        name, _, number = text.partition("=")
        if name not in _LIMITS or not re.fullmatch(r"[1-9][0-9]{0,8}", number):
            raise CallError(f"--limit {text}: say NAME=NUMBER, a whole number above 0, for one of {', '.join(_LIMITS)}")
        fields, unit, least = _LIMITS[name]
        if int(number) < least:
            raise CallError(f"--limit {text}: with less than {least} no notebook can be run at all")
        chosen.update(dict.fromkeys(fields, int(number) * unit))
    return replace(Limits(), **chosen)


_LIMITS = {  # as an instructor says it: the fields, what one of it is there, and the least that makes sense
    "cell": (("cell",), 1, 1),
    "call": (("call",), 1, 1),
    "exercise": (("exercise",), 1, 1),
    "notebook": (("seconds",), 1, 1),
    "memory": (("memory",), MEGABYTE, 256),
    "scratch": (("scratch", "file"), MEGABYTE, 1),
    "processes": (("processes",), 1, 8),
}


def grade(submissions: Path, folder: Path, options: Options) -> int:
    """Grade what is in `submissions` into `folder`; the exit status.

    Raises CallError, OverrideError for a line that cannot be understood, TableError for a table of an LMS that cannot, Busy if
    another grader is at work in the folder, Damaged, GraderError if nothing can be run here, OSError if nothing can be written.
    """
    named = (("canvas", options.canvas), ("moodle", options.moodle))
    exports = [lms.read(path, name) for name, path in named if path is not None]
    if options.class_seed:
        release.check(options.class_seed)
    options = replace(options, class_seed=journal.class_seed(folder, options.class_seed, keep=False))
    taken = _collected(submissions, folder, options)
    if options.dry:
        _todo(taken, journal.Journal(folder), options, dry=True)
        return WHOLE
    with journal.held(folder):
        journal.class_seed(folder, options.class_seed or None, keep=True)
        return _grade(taken, submissions.resolve(), folder, options, exports)


def _collected(submissions: Path, folder: Path, options: Options) -> intake.Intake:
    """What is in `submissions`. Raises CallError where that cannot be what was meant."""
    try:
        root = submissions.resolve(strict=True)
        if root.is_dir() and folder.resolve().is_relative_to(root):
            raise CallError(
                f"{folder} is in {submissions}: choose a folder beside it, or results will be taken for submissions"
            )
        taken = intake.collect(submissions, options.class_seed)
    except (FileNotFoundError, NotADirectoryError):
        raise CallError(f"{submissions}: there is nothing here to grade") from None
    if not taken.submissions and not taken.refused:
        raise CallError(f"{submissions}: there is nothing here to grade: no notebook, and no folder of a student")
    known = {name for one in taken.submissions for name in (one.student, one.slug)}
    known |= {one.student for one in taken.refused}
    for name in options.only:
        if name not in known:
            raise CallError(f"nobody in {submissions} is called {name!r}: say the name as it stands in grades.csv")
    for number in options.lessons:
        if number not in [lesson.number for lesson in catalogue.lessons()]:
            raise CallError(f"the course has no lesson {number}")
    return taken


def _todo(
    taken: intake.Intake, kept: journal.Journal, options: Options, dry: bool = False
) -> list[tuple[intake.Submission, tuple[str, ...]]]:
    """The submissions that must be marked, each with its exercises; what is told before."""
    chosen = [one for one in taken.submissions if _chosen(one, options)]
    todo = [(one, names) for one in chosen if (names := _stale(one, kept, options))]
    _say(f"{_many(len(chosen), 'submission')}, of which {len(todo)} new or changed.")
    for refused in taken.refused:
        _say(f"  not graded: {refused.source}: {refused.reason}")
    for one, names in todo if dry else ():
        _say(f"  {one.student}, lesson {one.lesson}: {', '.join(names)}")
    return todo


def _grade(taken: intake.Intake, root: Path, folder: Path, options: Options, exports: Sequence[lms.Table]) -> int:
    """Mark what must be marked, and write all results anew; the exit status."""
    kept, secret = journal.Journal(folder), journal.secret(folder)
    overrides = points.read_overrides(folder)
    questions.read_points(folder, secret, kept.entries())  # what is wrong there should be heard before the work
    todo = _todo(taken, kept, options)
    lessons = tuple(sorted({one.lesson for one, _ in todo}))
    setting = work.Setting(secret, options.limits, lessons, options.trust, options.class_seed)
    failed = _mark(todo, kept, root, folder, options, setting) if todo else 0
    present = {(one.slug, one.lesson): one for one in taken.submissions}
    entries, gone = [], []
    for entry in kept.entries():
        one = present.get((entry["slug"], entry["lesson"]))
        if one is not None and entry["sha256"] == one.sha256:
            entry = _found_again(entry, one, root, kept)
        # whoever grades lesson after lesson, each from a folder of its own, loses none of them
        (entries if one is not None or entry["root"] != str(root) else gone).append(entry)
    refused = [*taken.refused, *(intake.Refused(entry["student"], entry["source"], _GONE) for entry in gone)]
    told = results.write(folder, secret, entries, refused, overrides, exports, options.lessons, taken.ignored)
    for entry in gone:
        results.forget(folder, entry)
        _say(f"  withdrawn: {entry['source']}: {_GONE}")
    for sentence in told:
        _say(f"  {sentence}")
    _say(f"The results are in {folder}.")
    return PARTLY if failed or taken.refused else WHOLE


def _found_again(entry: journal.Entry, one: intake.Submission, root: Path, kept: journal.Journal) -> journal.Entry:
    """The entry of a notebook that is as it was, by the name and the place that it has now."""
    now = {**entry, "student": one.student, "lms_id": one.lms_id, "source": one.source, "root": str(root)}
    if now != entry:
        kept.write(now)
    return now


def _mark(
    todo: Sequence[tuple[intake.Submission, tuple[str, ...]]],
    kept: journal.Journal,
    root: Path,
    folder: Path,
    options: Options,
    setting: work.Setting,
) -> int:
    """Mark the submissions that need it, and journal each as it is done; how many the grader itself failed in."""
    jobs = max(1, min(options.jobs, len(todo)))
    by_task = {(one.slug, one.lesson): (one, names) for one, names in todo}
    tasks = [work.Task(one.slug, one.lesson, one.cells, names) for one, names in todo]
    tasks.sort(key=lambda task: (task.libraries, task.lesson))

    def begin(isolation: str) -> None:
        _say(isolation)
        report.keep_run(folder, report.Run(f"{datetime.now():%Y-%m-%d %H:%M}", isolation))

    failed, start = 0, time.monotonic()
    far = options.scheduler
    outcomes = work.run_on_cluster(tasks, setting, far, begin) if far else work.run(tasks, setting, jobs, begin)
    with closing(outcomes):  # whatever ends the loop ends the processes that mark
        for done, outcome in enumerate(outcomes, start=1):
            one, _ = by_task[outcome.task.student, outcome.task.lesson]
            kept.write(_entry(one, root, outcome, kept.find(one.slug, one.lesson), options))
            failed += bool(outcome.error)
            if outcome.error:
                _say(f"  grader error: {one.source}: {outcome.error}")
            _progress(done, len(todo), time.monotonic() - start)
    return failed


def _entry(
    one: intake.Submission, root: Path, outcome: work.Done, before: journal.Entry | None, options: Options
) -> journal.Entry:
    """What the journal keeps of a submission: marks of the exercises that were marked now, the others as they were."""
    found = {} if before is None or before["sha256"] != one.sha256 else {r["exercise"]: r for r in before["results"]}
    marked = outcome.marked or marker.Marked(one.lesson)
    for result in marked.results:
        marks = result.report
        found[marks.exercise] = {
            "exercise": marks.exercise,
            "definition": journal.definition(marks.exercise, options.class_seed or 0),
            "limits": asdict(options.limits),
            "outcome": result.outcome,
            "points": marks.points,
            "out_of": marks.max_points,
            "parts": [(part.points, part.max_points) for part in marks.parts],
            "mistake": marks.mistake,
            "seconds": round(result.seconds, 3),
            "notes": result.notes,
            "flag": result.flag,
            "skeleton": result.skeleton,
            "size": result.size,
            "report": marks.to_dict(),
        }
    order = catalogue.lesson(one.lesson).exercises
    return {
        "student": one.student,
        "slug": one.slug,
        "lms_id": one.lms_id,
        "lesson": one.lesson,
        "sha256": one.sha256,
        "source": one.source,
        "root": str(root),
        "notes": [*one.notes, *marked.notes],
        "flags": list(dict.fromkeys([*marked.flags, *(one["flag"] for one in found.values() if one.get("flag"))])),
        "cells": marked.cells,
        "open": questions.answer(one.lesson, one.cells),
        "error": outcome.error,
        "seconds": round(outcome.seconds, 3),
        "results": [found[name] for name in order if name in found],
    }


def _chosen(one: intake.Submission, options: Options) -> bool:
    lesson = not options.lessons or one.lesson in options.lessons
    return lesson and (not options.only or one.student in options.only or one.slug in options.only)


def _stale(one: intake.Submission, kept: journal.Journal, options: Options) -> tuple[str, ...]:
    """The exercises of a submission that must be marked: all of a new one, else those whose definition has changed.

    And those that did not pass, if the limits are others now.
    """
    names = catalogue.lesson(one.lesson).exercises
    found = kept.find(one.slug, one.lesson)
    if found is None or found["sha256"] != one.sha256 or found["error"]:
        return names
    before = {result["exercise"]: result for result in found["results"]}
    return tuple(name for name in names if name not in before or _outdated(before[name], options))


def _outdated(result: dict, options: Options) -> bool:
    otherwise = result.get("limits", asdict(Limits())) != asdict(options.limits)
    if otherwise and result["outcome"] != "passed":  # a limit shows as any failure: MemoryError, a name not defined
        return True
    return result["definition"] != journal.definition(result["exercise"], options.class_seed or 0)


def _progress(done: int, total: int, seconds: float) -> None:
    """A line that is written over, in a terminal; elsewhere a line now and then."""
    rate = done / seconds if seconds else 0.0
    left = (total - done) / rate if rate else 0.0
    text = f"{done} of {total}, {rate:.1f} a second, {left:.0f} s left"
    if sys.stderr.isatty():
        print(f"\r{text:<60}", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or done % 100 == 0:
        print(text, file=sys.stderr, flush=True)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _say(text: str) -> None:
    """A line for the terminal, in which nothing of a stranger's can move the cursor."""
    print("".join(sign if sign.isprintable() else "?" for sign in text), flush=True)
