"""`embedcourse grade`: a folder of submissions becomes a folder of results, and goes on where it was if it is stopped."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from embedcourse import catalogue
from embedcourse.grading import intake, journal, results, work
from embedcourse.grading.sandbox import GraderError, Limits, Sandbox

WHOLE, WRONG_CALL, PARTLY = 0, 2, 3


@dataclass(frozen=True)
class Options:
    """What an instructor may say on the command line.

    lessons, only  grade these lessons, these students; all if none is named
    jobs           submissions at a time
    trust          run strangers' code without walls
    dry            say what would be done
    """

    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    lessons: Sequence[int] = ()
    only: Sequence[str] = ()
    limits: Limits = Limits()
    trust: bool = False
    dry: bool = False


def grade(submissions: Path, folder: Path, options: Options) -> int:
    """Grade what is in `submissions` into `folder`; the exit status. Raises GraderError if nothing can be run here."""
    taken = intake.collect(submissions)
    chosen = [one for one in taken.submissions if _chosen(one, options)]
    kept = journal.Journal(folder)
    todo = [(one, _stale(one, kept)) for one in chosen]
    todo = [(one, names) for one, names in todo if names]
    print(f"{len(chosen)} submissions, of which {len(todo)} are new or changed; {len(taken.refused)} cannot be graded.")
    for refused in taken.refused:
        print(f"  {refused.source}: {refused.reason}")
    if options.dry:
        for one, names in todo:
            print(f"  {one.student}, lesson {one.lesson}: {', '.join(names)}")
        return WHOLE
    errors = _mark(todo, kept, folder, options) if todo else []
    results.write(folder, kept, chosen, taken, errors)
    return PARTLY if errors or taken.refused else WHOLE


def _chosen(one: intake.Submission, options: Options) -> bool:
    lesson = not options.lessons or one.lesson in options.lessons
    return lesson and (not options.only or one.student in options.only or one.slug in options.only)


def _stale(one: intake.Submission, kept: journal.Journal) -> tuple[str, ...]:
    """The exercises of a submission that must be marked: all of a new one, else those whose definition has changed."""
    names = next(lesson.exercises for lesson in catalogue.lessons() if lesson.number == one.lesson)
    found = kept.find(one.slug, one.lesson)
    if found is None or found["sha256"] != one.sha256 or found["error"]:
        return names
    before = {result["exercise"]: result["definition"] for result in found["results"]}
    return tuple(name for name in names if before.get(name) != journal.definition(name))
