"""A class of lesson 1 graded: submissions a second with one job and two, memory, and nbgrader on the same answers.

Run it on a quiet machine: `python benchmarks/grading.py [SUBMISSIONS]`. Read the ratios, not the times.

How it is measured. The class is made of the solved lesson with one answer in four replaced by a known mistake, a
different one for each student, so that feedback is written for right and for wrong answers. The clock runs around the
whole command, `embedcourse grade`, start of Python, feedback and report included; the rate "in full swing" leaves out what
comes before the first submission is done. Memory is the largest sum of what the grader and all processes below it hold, as
the kernel's proportional set size, so that pages shared by several count once.

nbgrader 0.9.6 gets an environment of its own (deleted afterwards) and the same answers as an assignment: one autograded
cell for each exercise, below it a test cell that compares the answer with the wanted value in every case of the exercise
that has one. It is called once for all its submissions, as is usual.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import venv
from pathlib import Path

import numpy as np

from embedcourse import catalogue
from embedcourse.files import repository
from embedcourse.marking import LocalAnswer, freeze

LESSON = catalogue.lessons()[0]
NBGRADER = "nbgrader==0.9.6"


def notebook(student: int) -> dict:
    """The solved lesson, with every fourth answer replaced by a mistake that depends on the student."""
    solved = json.loads((repository() / "solutions" / f"{LESSON.name}.ipynb").read_text(encoding="utf-8"))
    for place, name in enumerate(LESSON.exercises):
        if (place + student) % 4 == 0:
            cell = next(cell for cell in solved["cells"] if cell["id"] == f"exercise-{name}")
            cell["source"] = wrong("".join(cell["source"]), student)
    return solved


def wrong(source: str, student: int) -> str:
    """The answer with a slip: what it returns is negated, doubled, or nothing."""
    slips = ("None", "[{}]", "({}, 0)")
    return re.sub(r"return (.+)$", lambda found: f"return {slips[student % 3].format(found[1])}", source, flags=re.M)


def make_class(folder: Path, size: int) -> None:
    for student in range(size):
        home = folder / f"student{student:04}"
        home.mkdir(parents=True)
        (home / f"{LESSON.name}.ipynb").write_text(json.dumps(notebook(student)), encoding="utf-8")


class Memory:
    """Watches how much a process and all below it hold, in bytes, until it ends."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most, self.samples = pid, 0, []
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self) -> None:
        """Add what they hold now and then."""
        while Path(f"/proc/{self.pid}").exists():
            held = sum(map(proportional, [self.pid, *below(self.pid)]))
            self.samples.append(held)
            self.most = max(self.most, held)
            time.sleep(1)  # the kernel walks all pages for it, and the clock runs


def below(pid: int) -> list[int]:
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in map(int, children.read_text().split()):
                found += [child, *below(child)]
        except OSError:
            continue
    return found


def proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(number) for number in re.findall(r"^Pss:\s+(\d+)", text, re.M)) * 1024


def embedcourse(submissions: Path, out: Path, jobs: int) -> tuple[float, float, int]:
    """Seconds in all, submissions a second in full swing, and the most memory."""
    command = [
        sys.executable,
        "-m",
        "embedcourse.cli",
        "grade",
        str(submissions),
        "--out",
        str(out),
        "--jobs",
        str(jobs),
    ]
    start = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = Memory(running.pid)
    lines, first = out / "journal.jsonl", 0.0
    while running.poll() is None:
        if not first and lines.exists() and lines.stat().st_size:
            first = time.perf_counter()
        time.sleep(0.01)
    end = time.perf_counter()
    assert running.returncode == 0
    done = lines.read_bytes().count(b"\n")
    return end - start, (done - 1) / (end - first), memory.most


def for_nbgrader(student: int | None) -> dict:
    """The same answers as an assignment: the instructor's with tests, or a student's."""
    source = notebook(student) if student is not None else notebook(-(10**9) + 1)
    cells = [
        code(
            "import json\nimport numpy as np\nexercise = lambda function: function\nrng = np.random.default_rng(0)",
            "setup",
        )
    ]
    for name in LESSON.exercises:
        answer = next("".join(cell["source"]) for cell in source["cells"] if cell["id"] == f"exercise-{name}")
        cells.append(code(answer, name, solution=True))
        cells.append(code(tests_of(name), f"test-{name}", points=1))
    return {
        "cells": cells,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def code(source: str, name: str, solution: bool = False, points: int = 0) -> dict:
    nbgrader = {
        "grade": bool(points),
        "grade_id": name,
        "locked": bool(points),
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points:
        nbgrader["points"] = points
    metadata = {"nbgrader": nbgrader} if solution or points else {}
    return {
        "cell_type": "code",
        "id": name,
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def tests_of(name: str) -> str:
    """Every case of an exercise that has a wanted value, as a comparison."""
    exercise = catalogue.exercises()[name]
    lines = []
    for number, part in enumerate(exercise.parts, start=1):
        for case in part.cases(np.random.default_rng([0, number])):
            if not case.raises and case.law is None:
                args = freeze(case.args)
                wanted = LocalAnswer(exercise.reference).run(exercise.probe, args).value
                lines.append(f"assert_same({name}(*{plain(args)}), {plain(wanted)})")
    same = "def assert_same(got, wanted):\n    if isinstance(wanted, dict):\n        assert got == wanted\n    else:\n"
    return same + "        np.testing.assert_allclose(got, wanted)\n" + "\n".join(lines)


def plain(value: object) -> str:
    """A frozen value as Python that makes it."""
    if type(value) is np.ndarray:
        return f"np.array({value.tolist()!r}, dtype={value.dtype.name!r})"
    if type(value) in (list, tuple):
        inner = "".join(f"{plain(item)}, " for item in value)
        return f"[{inner}]" if type(value) is list else f"({inner})"
    if type(value) is dict:
        return "{" + ", ".join(f"{key!r}: {plain(item)}" for key, item in value.items()) + "}"
    return repr(value)


def nbgrader(folder: Path, size: int) -> float:
    """Seconds that nbgrader takes to autograde `size` submissions in one call."""
    home, course = folder / "environment", folder / "course"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run(
        [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            NBGRADER,
            f"numpy=={np.__version__}",
        ],
        check=True,
    )
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "course"\n')
    (course / "source" / "ps1" / "lesson.ipynb").write_text(json.dumps(for_nbgrader(None)))
    for student in range(size):
        handed_in = course / "submitted" / f"student{student}" / "ps1"
        handed_in.mkdir(parents=True)
        (handed_in / "lesson.ipynb").write_text(json.dumps(for_nbgrader(student)))
    environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def call(*arguments: str) -> None:
        ran = subprocess.run(
            [home / "bin" / "nbgrader", *arguments], cwd=course, env=environment, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stderr[-2000:]

    call("generate_assignment", "ps1", "--force")
    start = time.perf_counter()
    call("autograde", "ps1", "--force")
    return time.perf_counter() - start


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(folder / "class", size)
        print(f"{size} submissions of lesson 1, {len(LESSON.exercises)} exercises each, {os.cpu_count()} processors\n")
        print(f"{'':<28}{'seconds':>9}{'a second':>10}{'in full swing':>15}{'memory':>10}")
        rates = {}
        for jobs in (1, 2):
            seconds, rate, memory = embedcourse(folder / "class", folder / f"out{jobs}", jobs)
            rates[jobs] = rate
            label = f"embedcourse, {jobs} job{'s' * (jobs > 1)}"
            print(f"{label:<28}{seconds:>9.1f}{size / seconds:>10.1f}{rate:>15.1f}{memory / 2**20:>7.0f} MB")
        few = 5
        seconds = nbgrader(folder, few)
        print(f"{NBGRADER}, {few} submissions{seconds:>12.1f}{few / seconds:>10.2f}")
        print(f"\ntwo jobs : one job, in full swing   {rates[2] / rates[1]:.2f}")
        print(f"embedcourse, two jobs : nbgrader    {rates[2] / (few / seconds):.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
