"""A class's own numbers: what is handed out, what the notebook marks, and what the grader does; and limits of one's own."""

import json
import re
import sys

import nbformat
import pytest

import embedcourse
from embedcourse import catalogue, cli, lab, release
from embedcourse.grading import grade, journal
from embedcourse.grading.sandbox import Limits
from embedcourse.notebook import state
from tests.grading.test_grade import LESSON, hand_in, run, solved, table, with_answer

OWN = [name for name in catalogue.exercises() if catalogue.exercises()[name].others]
SEED = 4711


def test_a_class_gets_its_lessons_and_every_number_in_them_is_its_own(tmp_path, capsys):
    assert cli.main(["release", str(tmp_path / "class"), "--class-seed", str(SEED)]) == 0
    assert f"--class-seed {SEED}" in capsys.readouterr().out
    changed = set()
    for lesson in catalogue.lessons():
        made = nbformat.read(tmp_path / "class" / f"{lesson.name}.ipynb", as_version=4)
        nbformat.validate(made)
        printed = release.notebook(lesson.number)
        assert made.metadata == printed["metadata"]
        if not any(name in OWN for name in lesson.exercises):
            assert json.loads((tmp_path / "class" / f"{lesson.name}.ipynb").read_text(encoding="utf-8")) == printed
            continue
        setup = next(cell for cell in made.cells if "setup" in cell.metadata.get("tags", []))
        assert setup.source.endswith(f"\nfor_class({SEED})  # some numbers of this edition are your class's own")
        for new, old in zip(made.cells, printed["cells"], strict=True):
            text, told = "".join(old["source"]), old["metadata"].get("embedcourse")
            if told is None:
                assert new.source == text or new is setup
                continue
            changed.add(told["exercise"])
            for at, number, expression in told["numbers"]:
                assert text[at : at + len(number)] == number
                assert release.said(expression, number, catalogue.exercises()[told["exercise"]].numbers) == number
            assert release.written_with(text, told["numbers"], catalogue.exercises()[told["exercise"]].numbers) == text
            assert (
                release.written_with(text, told["numbers"], catalogue.exercises(SEED)[told["exercise"]].numbers)
                == new.source
            )
    assert changed == set(OWN)
    assert len(OWN) >= 6


def test_a_class_opens_its_lessons_as_everybody_does(tmp_path):
    release.write(tmp_path, SEED)
    assert lab.lay_out(tmp_path, say=lambda text: None) == []


def test_no_work_is_written_over_and_a_seed_is_a_number_from_1_on(tmp_path, capsys):
    (tmp_path / f"{LESSON.name}.ipynb").write_text("my work", encoding="utf-8")
    assert cli.main(["release", str(tmp_path), "--class-seed", "1"]) == 2
    assert "name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [f"{LESSON.name}.ipynb"]
    assert cli.main(["release", str(tmp_path / "new"), "--class-seed", "0"]) == 2
    assert "a whole number from 1 on" in capsys.readouterr().err
    with pytest.raises(release.SeedError):
        release.check(10**18)
    assert cli.main(["release", str(tmp_path / f"{LESSON.name}.ipynb"), "--class-seed", "1"]) == 2
    assert "name a new folder where you may write" in capsys.readouterr().err


def test_seeds_give_different_numbers_and_one_seed_always_the_same():
    for name in OWN:
        found = {str(catalogue.exercises(seed)[name].numbers) for seed in range(1, 600)}
        assert len(found) == len(catalogue.exercises()[name].others)
        assert str(dict(catalogue.exercises()[name].numbers)) not in found


def test_the_notebook_marks_with_the_numbers_of_the_class(capsys, monkeypatch):
    monkeypatch.setattr(state, "class_seed", 0)
    monkeypatch.setattr(state, "reports", {})
    embedcourse.for_class(SEED)
    for name in OWN:
        for seed, status in ((0, "failed"), (SEED, "passed")):
            answer = catalogue.exercises(seed)[name].reference
            answer.__name__ = name
            embedcourse.exercise(answer)
            assert state.reports[name].status == status


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="submissions are locked in on Linux alone")


def of_class(seed):
    """The solved first lesson of a class, its first cell as handed out."""
    notebook, handed_out = solved(), release.notebook(1, seed)
    for cell in notebook["cells"]:
        told = cell["metadata"].get("embedcourse")
        if told:
            numbers = catalogue.exercises(seed)[told["exercise"]].numbers
            cell["source"] = release.written_with("".join(cell["source"]), told["numbers"], numbers)
        if "setup" in cell["metadata"].get("tags", []):
            cell["source"] = next(c["source"] for c in handed_out["cells"] if "setup" in c["metadata"].get("tags", []))
    return notebook


def test_a_class_is_graded_with_its_numbers_from_the_first_call_on(tmp_path, capsys):
    hand_in(tmp_path / "in", "ada", of_class(SEED))
    hand_in(tmp_path / "in", "bob")
    out = tmp_path / "out"
    assert run(tmp_path / "in", out, "--class-seed", str(SEED)) == grade.WHOLE
    ada, bob = table(out / "grades.csv")
    assert (ada["points"], ada["flags"]) == ("24", "")
    assert (bob["points"], bob["flags"]) == ("21", "other numbers")
    page = (out / "feedback" / "bob" / f"{LESSON.name}.html").read_text(encoding="utf-8")
    assert f"has the numbers of the printed course; it was marked with those of class seed {SEED}" in page
    before = (out / "journal.jsonl").read_bytes()
    assert run(tmp_path / "in", out) == grade.WHOLE  # it is kept
    assert (out / "journal.jsonl").read_bytes() == before
    capsys.readouterr()
    assert run(tmp_path / "in", out, "--class-seed", "5") == grade.WRONG_CALL
    assert f"of class seed {SEED}, not 5" in capsys.readouterr().err
    assert (out / "journal.jsonl").read_bytes() == before


def test_who_forgot_the_seed_says_it_later_and_only_those_exercises_are_marked_again(tmp_path):
    hand_in(tmp_path / "in", "ada", of_class(SEED))
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    (ada,) = table(tmp_path / "out" / "grades.csv")
    assert (ada["points"], ada["flags"]) == ("21", "other numbers")
    (entry,) = journal.Journal(tmp_path / "out").entries()
    seconds = {result["exercise"]: result["seconds"] for result in entry["results"]}
    assert run(tmp_path / "in", tmp_path / "out", "--class-seed", str(SEED)) == grade.WHOLE
    (ada,) = table(tmp_path / "out" / "grades.csv")
    assert (ada["points"], ada["flags"]) == ("24", "")
    (entry,) = journal.Journal(tmp_path / "out").entries()
    assert {r["exercise"] for r in entry["results"] if r["seconds"] != seconds[r["exercise"]]} <= {"one_hot_cost"}


def test_a_folder_of_results_whose_seed_is_damaged_says_so(tmp_path, capsys):
    hand_in(tmp_path / "in", "ada")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "class-seed").write_text("none of your business", encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WRONG_CALL
    assert "write the seed of the class into it" in capsys.readouterr().err


SLOW = """
waited = []

@exercise
def lookup(E, ids):
    import time
    if not waited:
        waited.append(time.sleep(1.5))
    return np.asarray(E)[np.asarray(ids)].copy()
"""


def test_limits_can_be_set_and_what_was_lost_by_them_is_marked_again(tmp_path, capsys):
    notebook = with_answer("lookup", SLOW.strip().replace("@exercise\n", "", 1))
    cell = next(c for c in notebook["cells"] if "def lookup(" in "".join(c["source"]) and c["cell_type"] == "code")
    cell["source"] = SLOW.strip()
    hand_in(tmp_path / "in", "ada", notebook)
    assert run(tmp_path / "in", tmp_path / "out", "--limit", "call=1") == grade.WHOLE
    (row,) = [row for row in table(tmp_path / "out" / "exercises.csv") if row["exercise"] == "lookup"]
    assert row["outcome"] == "error"
    capsys.readouterr()
    assert run(tmp_path / "in", tmp_path / "out", "--limit", "call=1") == grade.WHOLE
    assert "of which 0 new or changed" in capsys.readouterr().out
    assert run(tmp_path / "in", tmp_path / "out", "--limit", "call=5", "--limit", "memory=1024") == grade.WHOLE
    assert "of which 1 new or changed" in capsys.readouterr().out
    (row,) = [row for row in table(tmp_path / "out" / "exercises.csv") if row["exercise"] == "lookup"]
    assert row["outcome"] == "failed"  # it lets negative ids through, and it came back


def test_what_the_time_was_too_short_for_is_no_missing_function_and_gets_its_time(tmp_path):
    notebook = solved()
    first = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    first["source"] = ["".join(first["source"]), "\nimport time; time.sleep(1.5)"]
    hand_in(tmp_path / "in", "ada", notebook)
    assert run(tmp_path / "in", tmp_path / "out", "--limit", "notebook=1") == grade.WHOLE
    (row,) = table(tmp_path / "out" / "grades.csv")
    assert (row["points"], row["flags"]) == ("0", "out of time")
    outcomes = {row["outcome"] for row in table(tmp_path / "out" / "exercises.csv")}
    assert outcomes == {"error"}
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    (row,) = table(tmp_path / "out" / "grades.csv")
    assert (row["points"], row["flags"]) == ("24", "")


@pytest.mark.parametrize("told", ["call", "call=", "call=0", "call=1.5", "call=-1", "calls=3", "=3", "memory=2GB"])
def test_a_limit_that_is_none_is_a_wrong_call(told):
    with pytest.raises(grade.CallError, match=re.escape(f"--limit {told}: say NAME=NUMBER")):
        grade.limits([told])


@pytest.mark.parametrize("told", ["memory=100", "processes=2"])
def test_a_limit_under_which_nothing_runs_is_a_wrong_call(told):
    with pytest.raises(grade.CallError, match="no notebook can be run at all"):
        grade.limits([told])


def test_limits_are_said_in_seconds_and_mebibytes():
    assert grade.limits([]) == Limits()
    told = grade.limits(["cell=60", "notebook=600", "memory=4096", "scratch=64", "processes=8", "exercise=90"])
    assert told == Limits(
        cell=60, seconds=600, memory=4 << 30, scratch=64 << 20, file=64 << 20, processes=8, exercise=90
    )
    assert json.loads(json.dumps(told.__dict__)) == told.__dict__
