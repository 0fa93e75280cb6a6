"""The open questions: the answer is found wherever a student put it, stays without a name, and a person's points count."""

import csv

import pytest

from embedcourse import catalogue
from embedcourse.grading import feedback, questions, results
from embedcourse.grading.marker import Cell
from embedcourse.grading.points import NOT_READ, OverrideError, Reading
from embedcourse.grading.questions import MAX_ANSWER, answer, code_of, question, rubric
from tests.grading.classroom import lesson as notebook_of
from tests.grading.entries import cells_of, entry, grade_of, read

SECRET = b"s" * 32
NUMBERS = [lesson.number for lesson in catalogue.lessons()]
WORDS = "Ids are names.\n\nNot numbers."


def handed_in(*changes, number=1):
    """The cells of a lesson after changes, each a function of the list of cells and the place of the open cell."""
    notebook = notebook_of(number, solved=False)
    cells = notebook["cells"]
    for change in changes:
        change(cells, next(place for place, cell in enumerate(cells) if "open" in cell["metadata"].get("tags", [])))
    return answer(number, cells_of(notebook))


def new(source, kind="markdown"):
    return {"cell_type": kind, "metadata": {}, "source": source}


def writing(text, kind="markdown"):
    return lambda cells, place: cells.__setitem__(place, {**new(text, kind), "metadata": cells[place]["metadata"]})


def adding(text, where, kind="markdown"):
    return lambda cells, place: cells.insert(place + where, new(text, kind))


def leaving_out(where):
    return lambda cells, place: cells.pop(place + where)


def appending(text, where):
    def change(cells, place):
        cells[place + where]["source"] = "".join(cells[place + where]["source"]) + text

    return change


def retyping(cells, place):
    cells[place - 1]["source"] = ["# My notes\n", "\n", "## One open question\n", "\n", "What goes wrong?"]


def forgetting_tags(cells, place):
    for cell in cells:
        cell["metadata"] = {}


def lying_tags(cells, place):
    for cell in cells:
        cell["metadata"] = {"tags": ["open", "rubric"]}


PLACEHOLDER = "*Your answer, in place of this line.*"
FOUND = {
    "above hundreds of thousands of blank lines": ([adding("\n" * 300_000, 1, "code"), writing(WORDS)], WORDS),
    "in place of the line": ([writing(WORDS)], WORDS),
    "below the line": ([writing(f"{PLACEHOLDER}\n\n{WORDS}")], WORDS),
    "above the line": ([writing(f"{WORDS}\n{PLACEHOLDER}")], WORDS),
    "in a cell below": ([adding(WORDS, 1)], WORDS),
    "in a cell above": ([adding(WORDS, 0)], WORDS),
    "in two cells": ([writing("Ids are names."), adding("Not numbers.", 1)], WORDS),
    "in the question's cell": ([appending(f"\n\n{WORDS}", -1)], WORDS),
    "below a question that was changed": ([retyping, writing(WORDS)], f"What goes wrong?\n\n{WORDS}"),
    "in a raw cell": ([writing(WORDS, "raw")], WORDS),
    "in a cell of code": ([adding(WORDS, 1, "code")], WORDS),
    "text before code": ([writing(WORDS), adding("1 + 1", 1, "code")], WORDS),
    "where the question is gone": ([writing(WORDS), leaving_out(-1)], WORDS),
    "tags are gone": ([writing(WORDS), forgetting_tags], WORDS),
    "tags lie": ([writing(WORDS), lying_tags], WORDS),
    "blanks around the next cell": ([writing(WORDS), appending("  \n\n", 1)], WORDS),
    "nothing": ([], ""),
    "an empty cell": ([writing("  \n")], ""),
    "no cell": ([leaving_out(0)], ""),
    "markup": ([writing("<script>x</script>")], "<script>x</script>"),
    "too long": ([writing("é" * 50_000)], "é" * MAX_ANSWER),
}


@pytest.mark.parametrize("name", FOUND)
def test_an_answer_is_found(name):
    changes, text = FOUND[name]
    assert handed_in(*changes) == text


@pytest.mark.parametrize("number", NUMBERS)
def test_every_lesson_asks_has_a_rubric_and_knows_an_answer(number):
    assert question(number).endswith("a person will read it.")
    assert all(f"**{points} point" in rubric(number) for points in (0, 1, 2))
    assert "+++" not in rubric(number)
    assert handed_in(number=number) == ""
    assert handed_in(writing(WORDS), number=number) == WORDS


def test_no_notebook_has_no_answer():
    assert answer(1, ()) == ""
    assert answer(1, (Cell(1, "markdown", WORDS),)) == ""


def test_code_of_an_exercise_is_no_answer():
    code = "@exercise\ndef lookup(E, ids):\n    return E[ids]"
    assert handed_in(adding(code, 1, "code")) == ""


def test_a_code_says_nothing_and_stays():
    codes = {code_of(SECRET, f"student{number}", lesson) for number in range(200) for lesson in NUMBERS}
    assert len(codes) == 2_000
    assert code_of(SECRET, "ada", 1) == code_of(SECRET, "ada", 1) != code_of(b"t" * 32, "ada", 1)
    assert all(len(code) == 8 and code.isalnum() and code[0].isalpha() for code in codes)


# what a person gives


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def answered(student="Ada Lovelace", text=WORDS, **more):
    return entry(student, open=text, **more)


def write(folder, *entries):
    results.write(folder, SECRET, list(entries), [], [])
    return table(folder / "open.csv")


def test_the_answers_are_without_names_and_the_page_has_question_and_rubric(tmp_path):
    rows = write(tmp_path, answered(), answered("Bob", "<b>Bold</b>"), answered("Cyd", ""))
    page = read(tmp_path / "open.html")
    assert len(rows) == 2
    for row in rows:
        assert row["points"] == row["comment"] == ""
        assert f">{row['code']}<" in page
    for name in ("Ada", "ada", "Bob", "bob", "Cyd", "cyd"):
        assert name not in page
        assert name not in read(tmp_path / "open.csv")
    assert "&lt;b&gt;Bold" in page
    assert "says that the numbering is arbitrary" in page
    assert "A friend says" in page
    assert "Answers: 2, of which 0 have points. No answer: 1." in page


def test_points_are_kept_merged_and_told(tmp_path):
    ada, bob = answered(), answered("Bob")
    code = code_of(SECRET, "ada-lovelace", 1)
    write(tmp_path, ada, bob)
    (tmp_path / "open.csv").write_text(f"code;lesson;points;comment\n{code};1;1,5;=well; done\n", encoding="utf-8-sig")
    for _ in range(3):
        rows = {row["code"]: row for row in write(tmp_path, ada, bob)}
    assert (rows[code]["points"], rows[code]["comment"]) == ("1.5", "'=well")
    assert len(rows) == 2
    first, second = table(tmp_path / "grades.csv")
    assert (first["points"], first["out_of"], first["open"], first["open_out_of"]) == ("25.5", "26", "1.5", "2")
    assert (second["points"], second["out_of"], second["open"], second["flags"]) == ("24", "26", "", NOT_READ)
    page = read(tmp_path / "feedback" / "ada-lovelace" / "01_lookup_matrix.html")
    assert "1.5 of 2 points" in page
    assert "<p>=well</p>" in page


def test_a_student_sees_whether_the_answer_was_read():
    counting = {("bob", 1): Reading(1.0)}
    for made, told in ((answered(), "not read yet"), (answered(text=""), "0 of 2 points")):
        page = feedback.build(made, grade_of(made, readings=counting))
        assert f"<dt>Open question</dt><dd>{told}</dd>" in page
    made = answered()
    page = feedback.build(made, grade_of(made))
    assert "<dt>Open question" not in page
    assert "A person reads it." in page


def test_what_was_written_is_kept_when_the_answer_is_gone(tmp_path):
    write(tmp_path, answered())
    code = code_of(SECRET, "ada-lovelace", 1)
    (tmp_path / "open.csv").write_text(
        f"code,lesson,points,comment\n{code},1,2,\nZZZZZZZZ,1,,hello\n", encoding="utf-8"
    )
    rows = write(tmp_path, answered(text=""))
    assert [(row["code"], row["points"], row["comment"]) for row in rows] == [
        (code, "2", ""),
        ("ZZZZZZZZ", "", "hello"),
    ]


def test_the_question_counts_only_when_somebody_has_points():
    made = answered()
    assert grade_of(made).out_of == 24
    counting = grade_of(made, readings={("ada-lovelace", 1): Reading(0.0)})
    assert (counting.points, counting.out_of, counting.open, counting.flags) == (24, 26, 0.0, ())
    unanswered = grade_of(answered(text=""), readings={("bob", 1): Reading(1.0)})
    assert (unanswered.points, unanswered.out_of, unanswered.flags) == (24, 26, ())


@pytest.mark.parametrize(
    ("line", "say"),
    [
        ("ABC,1,3,", "line 2: '3' are no points"),
        ("ABC,1,-1,", "line 2: '-1' are no points"),
        ("ABC,1,nan,", "line 2: 'nan' are no points"),
        ("ABC,1,good,", "line 2: 'good' are no points"),
        ("ABC,1,1,\nabc,1,2,", "line 3: the code ABC stands in an earlier line too"),
    ],
)
def test_points_that_cannot_be_understood_are_told_with_their_line(tmp_path, line, say):
    (tmp_path / "open.csv").write_text(f"code,lesson,points,comment\n{line}\n", encoding="utf-8")
    with pytest.raises(OverrideError, match=say):
        questions.read_points(tmp_path, SECRET, [])


def test_a_table_in_another_encoding_or_without_a_column_is_told(tmp_path):
    (tmp_path / "open.csv").write_bytes("code,lesson,points,comment\nABC,1,1,größer\n".encode("latin-1"))
    with pytest.raises(OverrideError, match="not in UTF-8"):
        questions.read_points(tmp_path, SECRET, [])
    (tmp_path / "open.csv").write_text("code,lesson\n", encoding="utf-8")
    with pytest.raises(OverrideError, match="no column 'points'"):
        questions.read_points(tmp_path, SECRET, [])
