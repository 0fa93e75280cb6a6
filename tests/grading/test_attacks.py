"""Every hostile notebook of tests/attacks: no undeserved point, nothing harmed, the class goes on.

The whole corpus is graded once, behind the fence of fence.py; each test then looks at one notebook. What is no notebook
but a matter of the grader's own code is tried below, with honest code alone.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.grading import fence

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="submissions are locked in on Linux alone")
ATTACKS = {attack.name: attack for attack in fence.corpus()}
# Who gets through one wall must meet the next: what is tried again where one of them is missing.
FILES = ("09", "11", "12", "13", "14", "15", "39", "59")
PROCESSES = ("17", "18", "36", "37", "42", "49", "50", "51", "52", "57", "65", "66", "67", "69", "71")


@pytest.fixture(scope="module")
def graded():
    return _graded(list(ATTACKS))


def _graded(names, mode="", nobody=False):
    with tempfile.TemporaryDirectory(prefix="fence-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        return {row["name"]: row for row in fence.run(names, Path(folder), mode, nobody=nobody)}


def _numbered(*numbers):
    return [name for name in ATTACKS if name[:2] in numbers]


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gains_nothing_and_harms_nobody(name, graded):
    _check(ATTACKS[name], graded[name])


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
    command = [sys.executable, "-m", "tests.grading.fence", "/tmp", "", next(iter(ATTACKS))]
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
