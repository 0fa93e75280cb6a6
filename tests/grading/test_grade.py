"""`embedcourse grade` from the command to the tables: what is marked, what is kept, what goes on after a stop."""

import csv
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from embedcourse import catalogue, cli, files
from embedcourse.grading import grade, intake, journal, similar, work
from embedcourse.grading.marker import Cell, seed_of
from embedcourse.grading.points import Override, grades
from embedcourse.grading.sandbox import Limits
from embedcourse.grading.tables import guarded, write_csv

ROOT = files.repository()
LESSON = catalogue.lessons()[0]
FULL = 24

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="strangers' code is locked in by means that only Linux has"
)


def solved(lesson=LESSON):
    return json.loads((ROOT / "solutions" / f"{lesson.name}.ipynb").read_text(encoding="utf-8"))


def hand_in(folder, student, notebook=None, lesson=LESSON):
    path = folder / student / f"{lesson.name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook or solved(lesson)), encoding="utf-8")
    return path


def with_answer(name, code, notebook=None):
    """The solved lesson with another answer to one exercise."""
    notebook = notebook or solved()
    cell = next(
        cell for cell in notebook["cells"] if f"def {name}(" in "".join(cell["source"]) and cell["cell_type"] == "code"
    )
    cell["source"] = f"@exercise\n{code}"
    return notebook


def descendants(pid):
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        for child in map(int, (thread / "children").read_text().split()):
            found += [child, *descendants(child)]
    return found


def living(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(submissions, out, *more):
    return cli.main(["grade", str(submissions), "--out", str(out), "--jobs", "1", *more])


@pytest.fixture(scope="module", autouse=True)
def _one_sandbox():
    yield
    work.close()


@pytest.fixture
def marked(monkeypatch):
    """The tasks that were really marked, as (student, exercises)."""
    seen = []
    mark_one = work.mark_one

    def noting(task, setting):
        seen.append((task.student, task.only))
        return mark_one(task, setting)

    monkeypatch.setattr(work, "mark_one", noting)
    return seen


def test_a_class_becomes_grades_and_what_cannot_be_graded_is_said(tmp_path, capsys):
    hand_in(tmp_path / "in", "ada")
    hand_in(
        tmp_path / "in", "bob", with_answer("lookup", "def lookup(E, ids):\n    return np.asarray(E)[np.asarray(ids)]")
    )
    (tmp_path / "in" / "cyd").mkdir()
    (tmp_path / "in" / "cyd" / f"{LESSON.name}.ipynb").write_text("{", encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "out") == grade.PARTLY
    ada, bob, cyd = table(tmp_path / "out" / "grades.csv")
    assert (ada["student"], ada["points"], ada["out_of"], ada["outcome"]) == ("ada", "24", "24", "passed")
    assert (bob["points"], bob["outcome"]) == ("23", "graded")
    assert (cyd["student"], cyd["outcome"]) == ("cyd", "not graded")
    assert "cyd" in capsys.readouterr().out
    rows = {(row["student"], row["exercise"]): row for row in table(tmp_path / "out" / "exercises.csv")}
    assert len(rows) == 2 * len(LESSON.exercises)
    assert rows["bob", "lookup"]["mistake"] == "negative ids wrap"
    assert rows["bob", "lookup"]["parts"] == "1/1 1/1 0/1"


def test_answers_that_differ_in_names_alone_are_seen_on_the_way_through_the_sandbox(tmp_path):
    code = (
        "def rows_that_move(ids):\n    seen = []\n    for one in ids:\n        if one in seen:\n            continue\n"
    )
    code += "        seen = [*seen, one]\n    return sorted(seen, key=lambda one: one * 1)"
    hand_in(tmp_path / "in", "ada", with_answer("rows_that_move", code))
    hand_in(tmp_path / "in", "bob", with_answer("rows_that_move", re.sub(r"\bseen\b", "found", code)))
    hand_in(tmp_path / "in", "cyd", with_answer("rows_that_move", "def rows_that_move(ids):\n    return 0"))
    run(tmp_path / "in", tmp_path / "out")
    entries = journal.Journal(tmp_path / "out").entries()
    assert ("ada", "bob") in [
        match.students for match in similar.matches(entries) if "rows_that_move" in match.exercises
    ]
    own = {student: set(exercises) for student, _, exercises in similar.like_the_course(entries)}
    assert {"encode", "lookup", "lookup_gradient"} <= own["ada"] <= set(LESSON.exercises) - {"rows_that_move"}
    assert not [entry["flags"] for entry in entries if entry["flags"]]


def test_what_is_unchanged_is_not_marked_again_and_what_changed_is(tmp_path, marked):
    ada = hand_in(tmp_path / "in", "ada")
    hand_in(tmp_path / "in", "bob")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    assert [student for student, _ in marked] == ["ada", "bob"]
    del marked[:]
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    assert marked == []
    ada.write_text(json.dumps(with_answer("lookup", "def lookup(E, ids):\n    return 0")), encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    assert [student for student, _ in marked] == ["ada"]
    assert table(tmp_path / "out" / "grades.csv")[0]["points"] == "21"


def test_an_exercise_that_is_defined_anew_is_marked_anew_and_no_other(tmp_path, marked, monkeypatch):
    hand_in(tmp_path / "in", "ada")
    run(tmp_path / "in", tmp_path / "out")
    del marked[:]
    before = journal.definition
    monkeypatch.setattr(journal, "definition", lambda name, *seed: "new" if name == "encode" else before(name, *seed))
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    assert marked == [("ada", ("encode",))]
    assert table(tmp_path / "out" / "grades.csv")[0]["points"] == str(FULL)
    (entry,) = journal.Journal(tmp_path / "out").entries()
    assert [result["exercise"] for result in entry["results"]] == list(LESSON.exercises)


def test_a_definition_depends_on_what_an_exercise_says_and_does():
    known = {name: journal.definition(name) for name in LESSON.exercises}
    assert len(set(known.values())) == len(known)
    journal.definition.cache_clear()
    assert {name: journal.definition(name) for name in LESSON.exercises} == known


def test_the_same_student_gets_the_same_cases_and_another_gets_others(tmp_path):
    one, other = (journal.secret(tmp_path / name) for name in ("a", "b"))
    assert one == journal.secret(tmp_path / "a") != other
    assert (tmp_path / "a" / "secret").stat().st_mode & 0o077 == 0
    seed = seed_of(one, "ada", 1, "lookup")
    assert seed == seed_of(one, "ada", 1, "lookup")
    assert seed not in (seed_of(other, "ada", 1, "lookup"), seed_of(one, "bob", 1, "lookup"))


def test_an_answer_that_knows_the_cases_of_the_notebook_fails(tmp_path):
    """The lesson marks with seed 0; the cases of a class are others."""
    import numpy as np

    exercise = catalogue.exercises()["build_vocabulary"]
    known = {}
    for number, part in enumerate(exercise.parts, start=1):
        for case in part.cases(np.random.default_rng([0, number])):
            known[repr(list(case.args[0]))] = exercise.reference(*case.args)
    code = f"def build_vocabulary(tokens):\n    return {known!r}[repr(list(tokens))]"
    hand_in(tmp_path / "in", "ada", with_answer("build_vocabulary", code))
    run(tmp_path / "in", tmp_path / "out")
    assert table(tmp_path / "out" / "exercises.csv")[0]["points"] == "0"


def test_a_fault_of_the_grader_is_no_zero_and_is_tried_again(tmp_path, marked, monkeypatch):
    hand_in(tmp_path / "in", "ada")
    with monkeypatch.context() as broken:
        broken.setattr(work, "mark_submission", lambda *_: 1 / 0)
        assert run(tmp_path / "in", tmp_path / "out") == grade.PARTLY
    (row,) = table(tmp_path / "out" / "grades.csv")
    assert (row["points"], row["outcome"]) == ("", "grader error")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WHOLE
    assert table(tmp_path / "out" / "grades.csv")[0]["points"] == str(FULL)


def test_a_grader_that_is_killed_goes_on_where_it_was(tmp_path):
    students = [f"student{number}" for number in range(8)]
    for student in students:
        hand_in(tmp_path / "in", student)
    command = [
        sys.executable,
        "-m",
        "embedcourse.cli",
        "grade",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
        "--jobs",
        "2",
    ]
    lines = tmp_path / "out" / "journal.jsonl"
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    while killed.poll() is None and (not lines.exists() or lines.read_bytes().count(b"\n") < 2):
        time.sleep(0.005)
    below = descendants(killed.pid)
    assert len(below) >= 4, "two jobs, each with a process for submissions"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    for _ in range(1_000):
        if not any(map(living, below)):
            break
        time.sleep(0.01)
    assert not any(map(living, below)), "they die with it"
    done = lines.read_bytes()
    assert 2 <= done.count(b"\n") < len(students)
    lines.write_bytes(done[:-20])  # as if the last line had not quite been written
    again = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert again.returncode == grade.WHOLE, again.stderr
    assert lines.read_bytes().startswith(done[: done[:-20].rfind(b"\n") + 1])
    entries = [json.loads(line) for line in lines.read_text().splitlines()]
    assert sorted(entry["student"] for entry in entries) == students
    assert [row["points"] for row in table(tmp_path / "out" / "grades.csv")] == [str(FULL)] * len(students)


def test_lessons_and_students_can_be_chosen_and_a_dry_run_does_nothing(tmp_path, marked, capsys):
    hand_in(tmp_path / "in", "ada")
    hand_in(tmp_path / "in", "bob", lesson=catalogue.lessons()[2])
    assert run(tmp_path / "in", tmp_path / "out", "--dry-run") == grade.WHOLE
    assert "ada, lesson 1: build_vocabulary" in capsys.readouterr().out
    assert marked == []
    run(tmp_path / "in", tmp_path / "out", "--lesson", "3")
    run(tmp_path / "in", tmp_path / "out", "--only", "ada")
    assert [student for student, _ in marked] == ["bob", "ada"]


def test_a_wrong_call_is_told_what_is_wrong(tmp_path, capsys):
    assert run(tmp_path / "nothing", tmp_path / "out") == grade.WRONG_CALL
    assert "nothing here to grade" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stopped:
        cli.main(["grade"])
    assert stopped.value.code == grade.WRONG_CALL


def test_pages_are_among_the_results_and_stay_right_when_there_is_nothing_to_mark(tmp_path, marked):
    notebook = with_answer("lookup", "def lookup(E, ids):\n    return 1 / 0")
    next(cell for cell in notebook["cells"] if "open" in cell["metadata"].get("tags", []))["source"] = "My words."
    hand_in(tmp_path / "in", "ada", notebook)
    run(tmp_path / "in", tmp_path / "out")
    page = (tmp_path / "out" / "feedback" / "ada" / f"{LESSON.name}.html").read_text(encoding="utf-8")
    assert "return 1 / 0" in page
    assert "array of shape" in page
    report, opened = ((tmp_path / "out" / f"{name}.html").read_text(encoding="utf-8") for name in ("report", "open"))
    assert "Walls: " in report
    assert "My words." in opened
    (row,) = table(tmp_path / "out" / "open.csv")
    (tmp_path / "out" / "open.csv").write_text(
        f"code,lesson,points,comment\n{row['code']},1,2,good\n", encoding="utf-8"
    )
    del marked[:]
    run(tmp_path / "in", tmp_path / "out")
    assert marked == []
    assert table(tmp_path / "out" / "grades.csv")[0]["points"] == "23"
    assert "Walls: " in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


OVERRIDDEN = [
    ("ada,1,lookup,0,", "21"),
    ("ada,1,lookup,-1,", "23"),
    ("ada,1,,*0.5,late", "12"),
    ("ada,1,,+2,", "26"),
    ("ada,01,,20,agreed", "20"),
    ("ada,1,lookup,0,\nada,1,,*0.5,late", "10.5"),
    ("bob,1,lookup,0,", "24"),
]


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graded")
    hand_in(folder / "in", "ada")
    run(folder / "in", folder / "out")
    return folder


@pytest.mark.parametrize(("lines", "points"), OVERRIDDEN)
def test_the_instructor_has_the_last_word(graded, tmp_path, lines, points):
    shutil.copytree(graded, tmp_path / "copy")
    path = tmp_path / "copy" / "out" / "overrides.csv"
    path.write_text(f"student,lesson,exercise,points,reason\n{lines}\n", encoding="utf-8")
    before = path.read_bytes()
    assert run(tmp_path / "copy" / "in", tmp_path / "copy" / "out") == grade.WHOLE
    (row,) = table(tmp_path / "copy" / "out" / "grades.csv")
    assert row["points"] == points
    assert ("override" in row["flags"]) == (points != "24")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("student,lesson,points\nada,1,2\n", "no column 'exercise'"),
        ("student,lesson,exercise,points\nada,99,,2\n", "line 2: lesson '99'"),
        ("student,lesson,exercise,points\nada,1,look,2\n", "line 2: lesson 1 has no exercise 'look'"),
        ("student,lesson,exercise,points\nada,1,,2\nada,1,,many\n", "line 3: 'many' are no points"),
        ("student,lesson,exercise,points\nada,1,,nan\n", "line 2: 'nan' are no points"),
        ("student,lesson,exercise,points\nada,1,,*-1\n", "line 2: '*-1' are no points"),
    ],
)
def test_an_override_that_cannot_be_understood_is_told_with_its_line(tmp_path, capsys, text, say):
    hand_in(tmp_path / "in", "ada")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "overrides.csv").write_text(text, encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WRONG_CALL
    assert say in capsys.readouterr().err
    assert not (tmp_path / "out" / "grades.csv").exists()


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-x", "@sum", "\t=1", "\r=1", "\uff1d1+1", "\uff0bcmd", "\uff0dx", "\uff20sum"]
)
def test_no_cell_is_a_formula(tmp_path, text):
    assert guarded(text).startswith("'")
    write_csv(tmp_path / "a.csv", ["student"], [[text]])
    assert re.fullmatch(r"student\n'[^\x00-\x1f]+\n", (tmp_path / "a.csv").read_text(encoding="utf-8"))


def test_a_number_stays_a_number():
    assert [guarded(-2), guarded(1.5), guarded("-0.5")] == ["-2", "1.5", "-0.5"]


def test_a_student_whose_name_is_a_formula_is_overridden_by_that_name(tmp_path):
    hand_in(tmp_path / "in", "=cmd()")
    run(tmp_path / "in", tmp_path / "out")
    (row,) = table(tmp_path / "out" / "grades.csv")
    path = tmp_path / "out" / "overrides.csv"
    path.write_text(f"student,lesson,exercise,points,reason\n{row['student']},1,,1,\n", encoding="utf-8")
    run(tmp_path / "in", tmp_path / "out")
    assert table(tmp_path / "out" / "grades.csv")[0]["points"] == "1"


def test_an_override_is_kept_in_numbers():
    assert Override("ada", 1, "", "-5", "").applied(3.0) == 0.0


# what may go wrong around it


@pytest.fixture
def copied(graded, tmp_path):
    """One student who was graded: where the submissions are, and where the results."""
    shutil.copytree(graded, tmp_path / "copy")
    given, out = tmp_path / "copy" / "in", tmp_path / "copy" / "out"
    assert run(given, out) == grade.WHOLE
    lines = out / "journal.jsonl"
    lines.write_bytes(lines.read_bytes().splitlines(keepends=True)[-1])  # without the line of the folder before
    return given, out


def listed(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_submission_that_was_taken_away_does_not_count_until_it_is_back(copied, marked, capsys):
    given, out = copied
    hand_in(given, "bob")
    run(given, out)
    page = out / "feedback" / "ada" / f"{LESSON.name}.html"
    assert page.exists()
    (given / "ada").rename(given.parent / "away")
    assert run(given, out, "--only", "bob") == grade.WHOLE
    rows = {row["student"]: row for row in table(out / "grades.csv")}
    assert rows["bob"]["points"] == str(FULL)
    assert (rows["ada"]["points"], rows["ada"]["outcome"]) == ("", "not graded")
    assert "not there any more" in rows["ada"]["flags"]
    assert "withdrawn: ada/" in capsys.readouterr().out
    assert not page.exists()
    assert [row["student"] for row in table(out / "exercises.csv")] == ["bob"] * len(LESSON.exercises)
    (given.parent / "away").rename(given / "ada")
    run(given, out)
    assert [row["points"] for row in table(out / "grades.csv")] == [str(FULL)] * 2
    assert page.exists()
    assert [student for student, _ in marked] == ["bob"]


def test_what_came_from_another_folder_stays(copied, tmp_path):
    _, out = copied
    hand_in(tmp_path / "next", "ada", lesson=catalogue.lessons()[2])
    assert run(tmp_path / "next", out) == grade.WHOLE
    assert [(row["lesson"], row["outcome"]) for row in table(out / "grades.csv")] == [("1", "passed"), ("3", "passed")]


def test_a_notebook_replaced_by_one_that_cannot_be_read_has_one_grade_no_more(copied):
    given, out = copied
    (given / "ada" / f"{LESSON.name}.ipynb").write_text("{", encoding="utf-8")
    assert run(given, out) == grade.PARTLY
    assert {row["outcome"] for row in table(out / "grades.csv")} == {"not graded"}


def test_runs_of_a_part_keep_what_the_others_found(copied, marked):
    given, out = copied
    hand_in(given, "bob")
    hand_in(given, "cyd", lesson=catalogue.lessons()[2])
    run(given, out, "--only", "bob")
    assert [row["student"] for row in table(out / "grades.csv")] == ["ada", "bob"]
    run(given, out, "--lesson", "3")
    run(given, out)
    assert [row["outcome"] for row in table(out / "grades.csv")] == ["passed"] * 3
    assert [student for student, _ in marked] == ["bob", "cyd"]


@pytest.mark.parametrize(
    ("more", "say"),
    [
        (["--only", "Ada"], "nobody in"),
        (["--lesson", "99"], "no lesson 99"),
        (["--canvas", "nowhere.csv"], "nowhere.csv cannot be read"),
    ],
)
def test_a_call_that_names_what_is_not_there_is_told_so(copied, capsys, more, say):
    given, out = copied
    before = listed(out)
    assert run(given, out, *more) == grade.WRONG_CALL
    assert say in capsys.readouterr().err
    assert listed(out) == before


def test_nothing_to_grade_is_a_wrong_call_and_leaves_nothing(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("?", encoding="utf-8")
    assert run(tmp_path / "in", tmp_path / "out") == grade.WRONG_CALL
    assert "no notebook" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_results_among_the_submissions_are_refused(tmp_path, capsys):
    hand_in(tmp_path / "in", "ada")
    for out in (tmp_path / "in" / "results", tmp_path / "in"):
        assert run(tmp_path / "in", out) == grade.WRONG_CALL
        assert "choose a folder beside it" in capsys.readouterr().err
    assert os.listdir(tmp_path / "in") == ["ada"]


def test_a_dry_run_writes_nothing(tmp_path):
    hand_in(tmp_path / "in", "ada")
    assert run(tmp_path / "in", tmp_path / "out", "--dry-run") == grade.WHOLE
    assert not (tmp_path / "out").exists()


def test_results_that_cannot_be_written_are_told(tmp_path, copied, capsys):
    given, out = copied
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run(given, tmp_path / "file") == grade.PARTLY
    assert "make it writable" in capsys.readouterr().err
    (out / "report.html").unlink()
    (out / "report.html").mkdir()
    assert run(given, out) == grade.PARTLY
    assert "report.html: Is a directory" in capsys.readouterr().err
    (out / "report.html").rmdir()
    assert run(given, out) == grade.WHOLE


def test_a_full_disk_loses_nothing_that_was_kept(copied, marked, monkeypatch, capsys):
    given, out = copied
    hand_in(given, "bob")
    hand_in(given, "cyd")
    with monkeypatch.context() as full:

        def fsync(number):
            os.truncate(number, os.fstat(number).st_size - 30)
            raise OSError(28, "No space left on device")

        full.setattr(journal.os, "fsync", fsync)
        assert run(given, out) == grade.PARTLY
    assert "No space left on device" in capsys.readouterr().err
    assert run(given, out) == grade.WHOLE
    assert [student for student, _ in marked] == ["bob", "bob", "cyd"]
    assert len(journal.Journal(out).entries()) == 3
    assert [row["points"] for row in table(out / "grades.csv")] == [str(FULL)] * 3


def test_one_grader_at_a_time_has_a_folder_of_results(copied, capsys):
    given, out = copied
    before = listed(out)
    with journal.held(out):
        assert run(given, out) == grade.WRONG_CALL
        assert run(given, out, "--dry-run") == grade.WHOLE
    assert "another grader" in capsys.readouterr().err
    assert listed(out) == before
    assert run(given, out) == grade.WHOLE


def test_a_damaged_line_costs_no_other_line(copied, marked):
    given, out = copied
    hand_in(given, "bob")
    run(given, out)
    lines = out / "journal.jsonl"
    first, rest = lines.read_bytes().split(b"\n", 1)
    lines.write_bytes(b"?" + first + b"\n" + rest)
    assert [entry["student"] for entry in journal.Journal(out).entries()] == ["bob"]
    del marked[:]
    run(given, out)
    assert [student for student, _ in marked] == ["ada"]
    assert len(table(out / "grades.csv")) == 2


def test_a_line_without_its_end_was_never_written(copied):
    _, out = copied
    lines = out / "journal.jsonl"
    (entry,) = journal.Journal(out).entries()
    lines.write_bytes(lines.read_bytes()[:-1])
    kept = journal.Journal(out)
    assert kept.entries() == []
    kept.write(entry)
    assert journal.Journal(out).entries() == [entry]


def test_what_an_older_course_found_is_marked_anew_and_what_the_course_lost_is_left_out(copied, marked):
    given, out = copied
    lines = out / "journal.jsonl"
    (entry,) = journal.Journal(out).entries()
    old = {key: value for key, value in entry.items() if key not in ("form", "open", "cells")}
    gone = {**entry, "results": [*entry["results"], {"exercise": "no_more", "definition": "x"}]}
    lines.write_text(f"{json.dumps(old)}\n{json.dumps({**entry, 'lesson': 99})}\n", encoding="utf-8")
    assert run(given, out) == grade.WHOLE
    assert [student for student, _ in marked] == ["ada"]
    lines.write_text(f"{json.dumps(gone)}\n", encoding="utf-8")
    assert run(given, out) == grade.WHOLE
    assert len(marked) == 1
    assert len(table(out / "exercises.csv")) == len(LESSON.exercises)


def test_who_lacks_a_core_exercise_has_not_passed(copied):
    _, out = copied
    (entry,) = journal.Journal(out).entries()
    assert [one.outcome for one in grades([entry], [])] == ["passed"]
    assert [one.outcome for one in grades([{**entry, "results": entry["results"][1:]}], [])] == ["graded"]


def test_a_student_who_is_called_otherwise_now_keeps_the_marks(copied, monkeypatch, marked):
    """The same folder, of which the intake says another name, since somebody else's looks like it."""
    given, out = copied
    found = intake.collect(given)
    named = replace(found.submissions[0], student="ada (12345)", lms_id="7")
    monkeypatch.setattr(intake, "collect", lambda path, seed: replace(found, submissions=(named,)))
    assert run(given, out) == grade.WHOLE
    assert marked == []
    assert [row["student"] for row in table(out / "grades.csv")] == ["ada (12345)"]


def test_a_secret_that_is_cut_off_is_no_secret(copied, capsys):
    given, out = copied
    (out / "secret").write_text("", encoding="utf-8")
    assert run(given, out) == grade.WRONG_CALL
    assert "is no secret any more" in capsys.readouterr().err


def test_nobody_else_on_the_machine_can_read_the_results(tmp_path):
    hand_in(tmp_path / "in", "ada")
    run(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_a_file_has_the_rights_that_its_writer_wants(tmp_path):
    before = os.umask(0o077)
    try:
        write_csv(tmp_path / "a.csv", ["student"], [])
    finally:
        os.umask(before)
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_line_of_overrides_that_is_nobodys_is_told(copied, capsys):
    given, out = copied
    (out / "overrides.csv").write_text("student,lesson,exercise,points,reason\nadda,1,,3,\n", encoding="utf-8")
    assert run(given, out) == grade.WHOLE
    assert "'adda' has no submission to lesson 1" in capsys.readouterr().out


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_it_and_keeps_what_was_marked(tmp_path, jobs):
    looping = solved()
    cell = {"cell_type": "code", "metadata": {}, "source": "import time\ntime.sleep(1_000)"}
    looping["cells"].append({**cell, "outputs": [], "execution_count": None})
    hand_in(tmp_path / "in", "ada")
    for student in ("bob", "cyd", "dan", "eve", "fay", "gus"):
        hand_in(tmp_path / "in", student, looping)
    lines = tmp_path / "out" / "journal.jsonl"
    command = [sys.executable, "-m", "embedcourse.cli", "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    started = subprocess.Popen(
        [*command, "--jobs", jobs],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    while started.poll() is None and (not lines.exists() or lines.read_bytes().count(b"\n") < 1):
        time.sleep(0.01)
    below = descendants(started.pid)
    assert below
    os.killpg(started.pid, signal.SIGINT)
    _, told = started.communicate(timeout=20)  # a looping cell alone would take 30
    assert started.returncode == grade.STOPPED, told
    assert "Stopped." in told
    assert "Traceback" not in told
    for _ in range(1_000):
        if not any(map(living, below)):
            break
        time.sleep(0.01)
    assert not any(map(living, below))
    entries = journal.Journal(tmp_path / "out").entries()
    assert [(entry["student"], entry["error"]) for entry in entries] == [("ada", "")]


def test_without_walls_too_a_submission_ends_with_the_grader(tmp_path):
    there = tmp_path / "there"
    code = f"""
import os, time
from embedcourse.grading.sandbox import Sandbox
cell = b"import time; open({str(there)!r}, 'w').close(); time.sleep(100)"
with Sandbox([1], trust=True, libraries=()) as sandbox, sandbox.session(1) as session:
    session.begin()
    session._channel.send(("cell", "a cell", cell), time.monotonic() + 5)
    while not os.path.exists({str(there)!r}):
        time.sleep(0.01)
    print(*open(f"/proc/{{sandbox._process.pid}}/task/{{sandbox._process.pid}}/children").read().split(), flush=True)
    os.kill(os.getpid(), 9)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    below = list(map(int, told.stdout.split()))
    assert below, told.stderr
    try:
        for _ in range(1_000):
            if not any(map(living, below)):
                break
            time.sleep(0.01)
        assert not any(map(living, below))
    finally:
        for pid in filter(living, below):
            os.kill(pid, signal.SIGKILL)


def test_threads_of_one_process_mark_one_after_the_other():
    """A worker of a cluster may have several, and one sandbox."""
    setting = work.Setting(b"s" * 32, Limits(), (1,))
    cells = tuple(
        Cell(number, cell["cell_type"], "".join(cell["source"])) for number, cell in enumerate(solved()["cells"], 1)
    )
    with ThreadPoolExecutor(3) as threads:
        tasks = [work.Task(f"student{number}", 1, cells) for number in range(6)]
        found = list(threads.map(lambda task: work.mark_one(task, setting), tasks))
    assert [done.error for done in found] == [""] * 6
    assert {sum(result.report.points for result in done.marked.results) for done in found} == {FULL}


def test_a_process_that_marks_is_replaced_when_it_is_killed():
    """What it was at is a fault of the grader; what comes after it is marked."""

    def tasks():
        for number in range(20):
            if number == 7:
                multiprocessing.active_children()[0].kill()
            yield work.Task(f"student{number}", 1, (), ("lookup",))

    setting = work.Setting(b"s" * 32, Limits(), (1,))
    found = {done.task.student: done for done in work.run(tasks(), setting, 2)}
    assert len(found) == 20
    assert any(done.error for done in found.values())
    assert not found["student19"].error
