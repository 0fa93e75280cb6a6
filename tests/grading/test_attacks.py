"""Every hostile notebook of tests/attacks: no undeserved point, nothing harmed, the class goes on.

The whole corpus is graded once, behind the fence of fence.py; each test then looks at one notebook. What is no notebook
but a matter of the grader's own code is tried below, with honest code alone.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from embedcourse.grading.inside import jail
from embedcourse.grading.marker import Cell, _Marker, _without_fence, mark_submission
from embedcourse.grading.sandbox import GraderError, Limits, Sandbox
from embedcourse.marking.model import LOST
from embedcourse.marking.wire import outcome_of
from tests.grading import fence

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="submissions are locked in on Linux alone")
ATTACKS = {attack.name: attack for attack in fence.corpus()}
NOBODY = "nobody" if sys.platform == "linux" and os.geteuid() == 0 else ""  # else the tests themselves are nobody's
# Who gets through one wall must meet the next: what is tried again where one of them is missing.
FILES = ("09", "11", "12", "13", "14", "15", "39", "59")
PROCESSES = ("17", "18", "36", "37", "42", "49", "50", "51", "52", "57", "65", "66", "67", "69", "71")


def _graded(names, mode="", who=""):
    with tempfile.TemporaryDirectory(prefix="fence-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        return {row["name"]: row for row in fence.run(names, Path(folder), mode, who=who)}


def _numbered(*numbers):
    return [name for name in ATTACKS if name[:2] in numbers]


def test_no_attack_gains_anything_or_harms_anybody():
    """All in one test: they are graded in one go, and a test for each would keep two processes waiting for it."""
    _check_all(list(ATTACKS))


def _check_all(names, mode="", who=""):
    """Grade attacks and look at each; which of them went wrong, and how."""
    rows, wrong = _graded(names, mode, who), {}
    assert set(rows) == set(names)
    for name, row in rows.items():
        try:
            _check(ATTACKS[name], row)
        except AssertionError as error:
            wrong[name] = str(error)[:1_000]
    assert not wrong, "\n\n".join(f"{name}: {said}" for name, said in wrong.items())


def _check(attack, row):
    exercises = row["exercises"]
    undeserved = {name: exercises[name]["points"] for name in attack.aims if exercises[name]["points"]}
    assert not undeserved
    beside = set(exercises) - set(attack.aims) if attack.keeps is None else attack.keeps
    assert {name: exercises[name]["failure"] for name in beside if not _full(exercises[name])} == {}
    assert {name: result["failure"] for name, result in row["honest"].items() if not _full(result)} == {}
    assert set(row["honest"]) == set(fence.AFTERWARDS)
    assert set(attack.flags) <= set(row["flags"])
    assert (row["left"], row["files"], row["canaries"]) == ([], [], [])
    assert row["memory"] < 700
    text = json.dumps(row, ensure_ascii=False)
    assert fence.SECRET not in text
    assert "done: ['" not in text
    assert len(text) < 20_000
    text.encode()


def _full(result):
    return result["points"] == result["out of"]


def test_the_corpus_is_what_it_says():
    assert len(ATTACKS) >= 40
    for attack in ATTACKS.values():
        assert attack.threat.endswith(".")
        assert attack.aims
        assert set(attack.aims) <= {name for cell in attack.cells for name in fence.defined(cell)}


def test_nothing_hostile_is_run_without_the_fence():
    command = [sys.executable, "-m", "tests.grading.fence", tempfile.gettempdir(), "", next(iter(ATTACKS))]
    ended = subprocess.run(command, cwd=fence.REPOSITORY, capture_output=True, text=True)
    assert ended.returncode != 0
    assert "NoFenceError" in ended.stderr
    assert ended.stdout == ""


def test_landlock_and_another_user_hold_where_there_are_no_namespaces():
    names = _numbered(*FILES, *PROCESSES)
    for name, row in _graded(names, "no namespaces").items():
        assert row["walls"] == ["landlock", "seccomp"]
        _check(ATTACKS[name], row)


def test_namespaces_hold_where_there_is_no_landlock():
    names = _numbered(*FILES)
    for name, row in _graded(names, "no landlock").items():
        assert row["walls"] == ["namespaces", "seccomp"]
        _check(ATTACKS[name], row)


def test_without_either_nothing_is_run(tmp_path):
    with pytest.raises(fence.NoFenceError, match=r"after 0 attacks(.|\n)*strangers' code could not be locked in"):
        fence.run(_numbered("01"), tmp_path, "neither")


@pytest.mark.parametrize("who", [NOBODY, "root of nothing"])
def test_a_user_without_rights_is_as_safe(who):
    names = _numbered("11", "12", "14", "15", "36", "51", "66", "71")
    for name, row in _graded(names, who=who).items():
        assert row["walls"][0] == "namespaces"
        _check(ATTACKS[name], row)


def test_a_user_without_rights_or_namespaces_is_as_safe():
    names = _numbered("11", "12", "14", "15", "36", "51", "66", "67")
    for name, row in _graded(names, "no namespaces", who=NOBODY).items():
        assert row["walls"] == ["landlock", "seccomp"]
        _check(ATTACKS[name], row)


# below here all code is honest


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox([1], Limits(cell=5, call=2, exercise=5, seconds=30)) as running:
        yield running


def _honest(sandbox, *more):
    setup, *exercises = fence.honest_cells(1, ["rows_that_move"])
    sources = [setup.source, *more, *(cell.source for cell in exercises)]
    cells = [Cell(number, "code", source) for number, source in enumerate(sources, start=1)]
    return mark_submission(sandbox, 1, cells, b"secret", "ada", ["rows_that_move"])


def test_cells_are_searched_in_a_time_that_grows_with_their_length():
    lines = "\n" * 150_000
    marker = _Marker(None, 1, [Cell(1, "markdown", "```" + lines), Cell(2, "code", lines + "x")], b"", "ada", (), 0)
    assert [cell.number for cell in marker.cells] == [0, 2]
    fenced = "Text\n```python\ndef lookup(E, ids):\n    pass\n```\nmore"
    assert _without_fence(fenced) == "def lookup(E, ids):\n    pass"


def test_cells_that_end_the_process_when_run_again_are_left_out_a_few_and_no_more(sandbox):
    # that each process is another one, the memory of the machine's clock alone can tell
    late = f"import os, time\nif time.time() > {time.time() + 1.0}: os._exit(1)"
    marked = _honest(sandbox, *[late + f"  # {number}" for number in range(1200)], "time.sleep(1.1)\nos._exit(1)")
    assert "died" in marked.flags
    assert len(marked.results) == 1


def test_long_cells_travel_whatever_they_are_written_in(sandbox):
    marked = _honest(sandbox, *["# " + "\N{GRINNING FACE}" * 190_000] * 5, "lone = '\ud800'")
    assert marked.results[0].outcome == "passed"
    assert marked.flags == []


def test_a_submission_ends_with_the_grader(sandbox):
    with Sandbox([1], Limits(seconds=30)) as other, other.session(1) as session:
        session.begin()
        with pytest.raises(GraderError):
            other._told(0.05)  # an answer that came later would be taken for that to another question
        with pytest.raises(GraderError):
            other._ask(None, "clear")
        runner = _children(other._process.pid)
        assert len(runner) == 1
        os.kill(other._process.pid, signal.SIGKILL)
        other._process.wait()
        _wait_for(lambda: not Path(f"/proc/{runner[0]}").exists())
        for ask in (session.end, session.begin):
            with pytest.raises(GraderError):
                ask()


def test_a_runner_never_dies_of_its_own_beginning(sandbox):
    for _ in range(15):
        with sandbox.session(1) as session:
            session.begin()
            assert session.run_cell("cell", "1").lost == ""


def test_two_graders_never_share_a_limit_on_processes():
    users = {jail.a_stranger() for _ in range(50)}
    assert len(users) == 50 or users == {None}
    assert not jail.known(2**32 - 1)


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("reason", ["out of memory", "too many processes"])
def test_what_the_watchman_says_is_a_word_that_the_marker_knows(reason):
    assert reason in LOST
    assert f'self.lost = "{reason}"' in (fence.REPOSITORY / "embedcourse/grading/inside/zygote.py").read_text()


def test_texts_from_over_there_are_cut_and_can_be_written_down():
    long = "\ud800" * 100_000
    outcome = outcome_of((None, (long, ("ValueError",), long, (long,) * 9), (), long))
    texts = [outcome.printed, outcome.raised.type_name, outcome.raised.text, *outcome.raised.lines]
    assert max(map(len, texts)) <= 2_000
    assert len(outcome.raised.lines) == 3
    "".join(texts).encode()
