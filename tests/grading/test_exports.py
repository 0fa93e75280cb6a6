"""Tables for an LMS: the rows of those who handed in are filled, the others stay, and whoever matches nobody is said."""

import csv

import pytest

from embedcourse import cli
from embedcourse.grading import grade, lms, results
from embedcourse.grading.lms import TableError
from tests.grading.entries import entry, grade_of

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Lesson 1: The lookup matrix (2231),Essay (2232),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,24,10,(read only)
"Lovelace, Ada",1815,u1,ada@uni.example,A,,7,50
"Babbage, Charles",1791,u2,charles,A,3,,
"Bob",7,u3,bob,A,,,
"Student, Test",99,,abc,A,,,
"""
MOODLE = """First name,Last name,ID number,Institution,Department,Email address,Assignment: Essay (Real),\
Assignment: 01_lookup_matrix (Real),Last downloaded from this course
Ada,Lovelace,1815,,,ada@uni.example,-,-,1700000000
Charles,Babbage,1791,,,charles@uni.example,5.00,3.00,1700000000
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Feedback comments
Participant 501,Ada Lovelace,ada@uni.example,Submitted for grading - ,,24.00,Yes,"Monday, 2 March 2026, 10:00 AM",
Participant 502,Charles Babbage,charles@uni.example,No submission - ,,24.00,Yes,-,
"""


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exported(folder, text, which, *entries, lessons=(), overrides=()):
    source = folder / "exported.csv"
    source.write_text(text, encoding="utf-8-sig")
    grades = [grade_of(made, overrides) for made in entries]
    told = lms.export(folder, lms.read(source, which), grades, lessons)
    path = folder / f"{which}.csv"
    return (table(path) if path.exists() else None), told


def test_canvas_rows_are_found_by_the_number_that_canvas_gave(tmp_path):
    rows, told = exported(tmp_path, CANVAS, "canvas", entry("lovelaceada", lms_id="1815"), entry("bob", lms_id="7"))
    assert told == []
    assert list(rows[0]) == [
        "Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lesson 1: The lookup matrix (2231)",
    ]  # fmt: skip
    column = "Lesson 1: The lookup matrix (2231)"
    points = {row["Student"]: row[column] for row in rows}
    assert points == {
        "": "Manual Posting",
        "Points Possible": "24",
        "Lovelace, Ada": "24",
        "Babbage, Charles": "3",
        "Bob": "24",
        "Student, Test": "",
    }


@pytest.mark.parametrize("student", ["Ada Lovelace", "lovelaceada", "LOVELACE ADA", "ada", "u1", "ada@uni.example"])
def test_canvas_rows_are_found_by_any_name_that_one_student_has(tmp_path, student):
    rows, told = exported(tmp_path, CANVAS, "canvas", entry(student))
    assert told == []
    assert rows[2]["Lesson 1: The lookup matrix (2231)"] == "24"


def test_who_matches_nobody_or_two_is_said_and_nobody_gets_the_points(tmp_path):
    twins = CANVAS + '"Bob",8,u4,robert,B,,,\n'
    rows, told = exported(
        tmp_path, twins, "canvas", entry("Zoë"), entry("Bob"), entry("Ada Lovelace", lms_id="4711", slug="ada-4711")
    )
    assert len(told) == 1
    assert told[0].startswith("canvas.csv: Ada Lovelace, Bob, Zoë: not in the table")
    assert [row["Lesson 1: The lookup matrix (2231)"] for row in rows[2:]] == ["", "3", "", "", ""]


def test_a_lesson_without_a_column_gets_one_and_two_columns_are_a_question(tmp_path):
    rows, told = exported(tmp_path, CANVAS, "canvas", entry("bob", lesson=2))
    assert told == ["canvas.csv: no column is lesson 2; there is a new one, 'Lesson 2: Learned similarity'."]
    possible, bob = rows[1], rows[4]
    assert possible["Lesson 2: Learned similarity"] == bob["Lesson 2: Learned similarity"] != ""
    both = CANVAS.replace("Essay", "The lookup matrix, late")
    rows, told = exported(tmp_path, both, "canvas", entry("bob"))
    assert "may both be lesson 1" in told[0]
    assert not any("lookup" in head for head in rows[0])


def test_lesson_1_is_not_lesson_10(tmp_path):
    text = CANVAS.replace("Lesson 1: The lookup matrix", "Lesson 10")
    _, told = exported(tmp_path, text, "canvas", entry("bob"))
    assert "no column is lesson 1;" in told[0]
    rows, told = exported(tmp_path, text.replace(",24,", ",29,"), "canvas", entry("bob", lesson=10))
    assert "no column" not in " ".join(told)
    assert rows[4]["Lesson 10 (2231)"] != ""


def test_other_points_possible_are_said(tmp_path):
    _, told = exported(tmp_path, CANVAS.replace(",24,", ",100,"), "canvas", entry("bob"))
    assert "lesson 1 is out of 24 points, and the LMS says 100" in told[0]


def test_a_fault_of_the_grader_leaves_what_is_there(tmp_path):
    rows, _ = exported(tmp_path, CANVAS, "canvas", entry("charles", error="broke"))
    assert rows[3]["Lesson 1: The lookup matrix (2231)"] == "3"


def test_moodle_grades(tmp_path):
    rows, told = exported(tmp_path, MOODLE, "moodle", entry("Ada Lovelace", lms_id="501"), entry("charles"))
    assert told == []
    assert "Assignment: Essay (Real)" not in rows[0]
    assert [row["Assignment: 01_lookup_matrix (Real)"] for row in rows] == ["24", "24"]
    assert rows[0]["Email address"] == "ada@uni.example"


def test_moodle_grades_without_a_grade_stay_as_moodle_writes_them(tmp_path):
    rows, _ = exported(tmp_path, MOODLE, "moodle", entry("charles"))
    assert rows[0]["Assignment: 01_lookup_matrix (Real)"] == "-"


def test_the_worksheet_of_moodle_is_filled_by_the_participants_number(tmp_path):
    rows, told = exported(tmp_path, WORKSHEET, "moodle", entry("Ada Lovelace", lms_id="501"), entry("Eve", lms_id="77"))
    assert [row["Grade"] for row in rows] == ["24", ""]
    assert list(rows[0]) == WORKSHEET.splitlines()[0].split(",")
    assert told == ["moodle.csv: Eve: not in the table, or not the only one of that name; nothing was filled in."]


def test_a_worksheet_is_of_one_lesson(tmp_path):
    both = entry("Ada Lovelace"), entry("Ada Lovelace", lesson=2)
    rows, told = exported(tmp_path, WORKSHEET, "moodle", *both)
    assert rows is None
    assert "say which with --lesson" in told[0]
    rows, told = exported(tmp_path, WORKSHEET, "moodle", *both, lessons=[1])
    assert rows[0]["Grade"] == "24"
    assert told == []


def test_semicolons_are_read_too(tmp_path):
    text = MOODLE.replace(",", ";")
    rows, _ = exported(tmp_path, text, "moodle", entry("charles"))
    assert rows[1]["Assignment: 01_lookup_matrix (Real)"] == "24"


def test_no_cell_of_an_export_is_a_formula(tmp_path):
    text = CANVAS.replace("Bob", "=cmd()")
    rows, _ = exported(tmp_path, text, "canvas", entry("bob"))
    assert rows[4]["Student"] == "'=cmd()"


@pytest.mark.parametrize(
    ("text", "which", "say"),
    [
        ("", "canvas", "is empty"),
        ("a,b\n1,2\n", "canvas", "no column 'Student'"),
        ("Vorname,Nachname\nAda,L\n", "moodle", "no column 'Email address'"),
        ("Identifier,Full name\n1,Ada\n", "moodle", "no column 'Grade'"),
    ],
)
def test_a_table_that_is_none_is_told(tmp_path, text, which, say):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=say):
        lms.read(path, which)
    path.write_bytes(b"Student,ID\n\xff,1\n")
    with pytest.raises(TableError, match="not in UTF-8"):
        lms.read(path, which)


def test_a_table_that_is_not_there_is_a_wrong_call_before_any_work(tmp_path, capsys):
    (tmp_path / "in").mkdir()
    call = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert cli.main([*call, "--canvas", str(tmp_path / "no.csv")]) == grade.WRONG_CALL
    assert "no.csv" in capsys.readouterr().err
    (tmp_path / "bad.csv").write_text("x\n", encoding="utf-8")
    assert cli.main([*call, "--moodle", str(tmp_path / "bad.csv")]) == grade.WRONG_CALL
    assert "no column" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_exports_are_among_the_results(tmp_path):
    path = tmp_path / "exported.csv"
    path.write_text(CANVAS, encoding="utf-8")
    told = results.write(tmp_path / "out", b"s", [entry("Zoë")], [], [], [lms.read(path, "canvas")])
    assert "Zoë" in told[0]
    assert (tmp_path / "out" / "canvas.csv").exists()
