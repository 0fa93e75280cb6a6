"""Which answers of different students have one skeleton. A match is a question for a person, never evidence.

Small answers are alike because there is one good way to write them. So only answers that few wrote the same way count, and what
half the class has is not told. Answers like the course's own are told apart from those: they say little, since it is public.
"""

import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from embedcourse import catalogue, files
from embedcourse.grading.inside.outline import outline
from embedcourse.grading.journal import Entry
from embedcourse.release import as_printed

SMALLEST = 20  # steps of an answer, below which two good answers are easily the same
COMMON = 0.3  # the share of the class that may have written it without its being told any more


@dataclass(frozen=True)
class Match:
    """Students whose answers to these exercises of a lesson do the same by other names."""

    students: tuple[str, ...]
    lesson: int
    exercises: tuple[str, ...]


def matches(entries: Sequence[Entry]) -> list[Match]:
    """The groups of students with answers of one skeleton, those with most exercises first, then the smallest."""
    classes: dict[tuple[int, str, str], set[str]] = defaultdict(set)
    handed_in: dict[int, int] = defaultdict(int)
    for entry in entries:
        handed_in[entry["lesson"]] += 1
        for result in entry["results"]:
            if result["size"] >= SMALLEST:
                classes[entry["lesson"], result["exercise"], result["skeleton"]].add(entry["student"])
    shared: dict[tuple[int, tuple[str, ...]], list[str]] = defaultdict(list)
    for (lesson, exercise, _), who in classes.items():
        if 2 <= len(who) <= max(2, COMMON * handed_in[lesson]):
            shared[lesson, tuple(sorted(who))].append(exercise)
    found = [Match(students, lesson, tuple(names)) for (lesson, students), names in shared.items()]
    return sorted(found, key=lambda match: (-len(match.exercises), len(match.students), match.students))


def like_the_course(entries: Sequence[Entry]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Whose answers have the skeleton of the course's own: (student, lesson, exercises), those with most of them first."""
    found = []
    for entry in entries:
        public = _public(entry["lesson"])
        results = [result for result in entry["results"] if result["size"] >= SMALLEST]
        names = tuple(r["exercise"] for r in results if (r["exercise"], r["skeleton"]) in public)
        if names:
            found.append((entry["student"], entry["lesson"], names))
    return sorted(found, key=lambda one: (-len(one[2]), one[0], one[1]))


@cache
def _public(lesson: int) -> frozenset[tuple[str, str]]:
    """The skeletons of what the course itself answers, in the package and in the solved lesson."""
    name, known = catalogue.lesson(lesson).name, catalogue.exercises()
    solved = (files.course_files() / "solutions" / f"{name}.md").read_text(encoding="utf-8")
    texts = re.findall(r"^```\{code-cell\}.*?\n(.*?)^```$", solved, re.MULTILINE | re.DOTALL)
    texts = [re.sub(r"\A(?::.*\n)+", "", as_printed(source)[0]) for source in texts if "@exercise" in source]
    for exercise in catalogue.lesson(lesson).exercises:
        texts.append(textwrap.dedent(inspect.getsource(known[exercise].reference)))
    return frozenset((function, skeleton) for source in texts for function, skeleton, _ in outline(source))
