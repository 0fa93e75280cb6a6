"""Which answers of different students have one skeleton. A match is a question for a person, never evidence.

Small answers are alike because there is one good way to write them, and an answer like the course's own says little, since
that is public. So only answers that few wrote the same way count, and what half the class has is not told.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from embedcourse.grading.journal import Entry

SMALLEST = 20  # steps of an answer, below which two good answers are easily the same
COMMON = 0.3  # the share of the class that may have written it without its being told any more


@dataclass(frozen=True)
class Match:
    """Two students whose answers to these exercises of a lesson differ in names and comments alone."""

    students: tuple[str, str]
    lesson: int
    exercises: tuple[str, ...]


def matches(entries: Sequence[Entry]) -> list[Match]:
    """The pairs of students with answers of one skeleton, those with most of them first."""
    classes: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    handed_in: dict[int, int] = defaultdict(int)
    for entry in entries:
        handed_in[entry["lesson"]] += 1
        for result in entry["results"]:
            if result["size"] >= SMALLEST:
                classes[entry["lesson"], f"{result['exercise']} {result['skeleton']}"].append(entry)
    shared: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for (lesson, answer), who in classes.items():
        if len(who) > max(2, COMMON * handed_in[lesson]):
            continue
        for one, other in combinations(sorted({entry["student"] for entry in who}), 2):
            shared[one, other, lesson].append(answer.split()[0])
    found = [Match((one, other), lesson, tuple(names)) for (one, other, lesson), names in shared.items()]
    return sorted(found, key=lambda match: (-len(match.exercises), match.students))
