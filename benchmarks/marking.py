"""What it costs a learner to be told: marking alone, and marking with its display, for each exercise.

The target is 10 ms of marking and 50 ms with the display, for a right answer and for the slowest wrong one.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

from functools import partial
from timeit import repeat

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from embedcourse.catalogue import exercises
from embedcourse.marking import mark
from embedcourse.notebook import exercise as decorator


def best(function) -> float:
    return 1e3 * min(repeat(function, number=3, repeat=5)) / 3


def displayed(function) -> None:
    with capture_output():
        decorator(function)


def named(function, name):
    def answer(*args):
        return function(*args)

    answer.__name__ = name
    return answer


def main() -> None:
    InteractiveShell.instance()
    print(f"{'exercise':<20}{'right':>9}{'shown':>9}{'slowest mistake':>18}{'shown':>9}   (ms)")
    for name, known in exercises().items():
        answers = [named(known.reference, name), *(named(mistake.implementation, name) for mistake in known.mistakes)]
        right, *wrong = [(best(partial(mark, known, answer)), best(partial(displayed, answer))) for answer in answers]
        slowest = max(wrong)
        print(f"{name:<20}{right[0]:9.1f}{right[1]:9.1f}{slowest[0]:18.1f}{slowest[1]:9.1f}")


if __name__ == "__main__":
    main()
