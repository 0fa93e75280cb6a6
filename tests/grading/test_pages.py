"""What students and instructors read: nothing hidden is told, nothing of a stranger's is more than text, nothing is lost."""

import json
import re
from html.parser import HTMLParser

import pytest

from embedcourse import catalogue
from embedcourse.grading import feedback, report, results
from embedcourse.grading.feedback import build
from embedcourse.grading.intake import Refused
from embedcourse.grading.points import Override, Reading
from embedcourse.marking import mark, unmarked
from embedcourse.marking.model import LOST
from tests.grading.classroom import HOSTILE
from tests.grading.entries import entry, grade_of, read

SECRET = b"s" * 32
ATTRIBUTES = set(
    """aria-hidden aria-label charset class content fill height href http-equiv id lang name role scope style
    tabindex text-anchor viewbox width x x1 x2 y y1 y2""".split()
)
EMPTY = {"meta", "rect", "line", "br", "hr"}


class Reader(HTMLParser):
    """A page's text, and that it is well formed and holds nothing that runs or loads."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.pieces, self.links = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "img", "iframe", "object", "embed", "link", "base", "form", "input"), tag
        assert {name for name, _ in attributes} <= ATTRIBUTES, attributes
        self.links += [value for name, value in attributes if name == "href"]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag in EMPTY

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.pieces.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.pieces).split())


def page_of(made, **more):
    return Reader(build(made, grade_of(made, **more)))


def wrong(name, number=0):
    return catalogue.exercises()[name].mistakes[number].implementation


# what is hidden stays hidden

EVIDENCE = ("detail", "got", "wanted", "printed")


def without_evidence(made):
    """The entry with a word in place of all that may tell an input."""
    copy = json.loads(json.dumps(made))
    for result in copy["results"]:
        failure = result["report"]["failure"]
        if failure:
            failure.update(dict.fromkeys(EVIDENCE, "HIDDEN"))
            failure["inputs"] = [(name, "HIDDEN") for name, _ in failure["inputs"]]
    return copy


def values_in(failure):
    """Numbers with a point, and words, that stand in the evidence."""
    texts = [failure[kind] for kind in EVIDENCE] + [value for _, value in failure["inputs"]]
    return set(re.findall(r"-?\d+\.\d+|'[^']{3,}'", " ".join(texts)))


@pytest.mark.parametrize("number", [1, 8])
def test_no_page_for_a_student_tells_what_an_answer_was_tried_on_or_should_have_given(number):
    names = catalogue.lessons()[number - 1].exercises
    known = {name: catalogue.exercises()[name] for name in names}
    passed = {name: mark(exercise, exercise.reference) for name, exercise in known.items()}
    tried = 0
    for name, exercise in known.items():
        for mistake in exercise.mistakes:
            made = entry(lesson=number, answers={**passed, name: mark(exercise, mistake.implementation, seed=7)})
            (failure,) = (one["report"]["failure"] for one in made["results"] if one["report"]["failure"])
            page = build(made, grade_of(made))
            assert page == build(without_evidence(made), grade_of(made))
            told = Reader(page).text
            public = " ".join([mistake.sentence, *(part.label for part in exercise.parts)])
            for value in values_in(failure):
                assert value not in told or value in public, (name, mistake.name, value)
            for parameter, form in failure["shapes"]:
                assert f"{parameter} : {form}" in told
            tried += 1
    assert tried > 60


def test_what_an_answer_prints_raises_or_is_called_is_not_told():
    def lookup(E, ids):
        print("printed", E)
        raise type("Na" + "med", (Exception,), {})(f"raised {E}")

    made = entry(answers={"lookup": lookup})
    failure = made["results"][2]["report"]["failure"]
    assert "raised [[" in failure["got"]
    assert "printed [[" in failure["printed"]
    told = page_of(made).text
    assert "your code stopped with an exception" in told
    assert not [word for word in ("Named", "raised [", "printed") if word in told]


# what a student should read


def test_points_core_and_stretch_apart_and_what_to_do_next():
    made = entry(answers={"lookup": wrong("lookup"), "encode": None, "rows_that_move": None})
    told = page_of(made).text
    assert "Lesson 1: The lookup matrix Feedback for Ada" in told
    assert "Stretch 4 of 7 points" in told
    assert "Next: write encode , the first of 2 core exercises" in told
    assert "Not in the notebook: encode , 0 of 3 points" in told
    assert catalogue.exercises()["lookup"].mistakes[0].sentence.split("`")[0].strip() in told
    assert "In part" not in told


def test_who_is_done_goes_on():
    assert "every exercise passes. Go on with lesson 2, Learned similarity." in page_of(entry()).text
    assert "this was the last lesson" in page_of(entry(lesson=10)).text
    assert (
        "you passed the core. If you like, try rows_that_move" in page_of(entry(answers={"rows_that_move": None})).text
    )


def test_points_by_part_have_the_parts_labels():
    made = entry(answers={"lookup": wrong("lookup")})
    told = page_of(made).text
    for part in catalogue.exercises()["lookup"].parts:
        assert " ".join(part.label.replace("`", " ").split()) in told
    assert told.count("✓ right") + told.count("✗ not yet") == len(catalogue.exercises()["lookup"].parts)


def test_what_an_instructor_changed_is_told_with_the_reason():
    overrides = [Override("ada", 1, "lookup", "3", "shown to me"), Override("Ada", 1, "", "*0.5", "two weeks late")]
    made = entry(answers={"lookup": None})
    told = page_of(made, overrides=overrides, readings={("ada", 1): Reading(1.5, "<b>Good</b>")}).text
    assert "lookup : 3 points (shown to me)" in told
    assert "the whole lesson: times 0.5 (two weeks late)" in told
    assert "Together 12.75 of 26 points" in told
    assert "Marked: 0 of 3; changed by hand." in told
    assert "Open question 1.5 of 2 points" in told
    assert "<b>Good</b>" in told
    assert "every exercise passes" in told


def test_flags_are_told_without_reproach_and_cells_by_their_number():
    flags = ["out of time", "protocol", "unreadable cell"]
    made = entry(flags=flags, notes=("The first cell was missing.",))
    made["cells"] = [[0, "raised ImportError: no"], [7, "raised NameError: " + "x" * 5000], *[[9, "raised"]] * 100]
    told = page_of(made).text
    assert "Cell 7: raised NameError: xxx" in told
    assert "The first cell of the lesson: raised ImportError" in told
    assert "The first cell was missing." in told
    assert len(told) < 10_000
    assert LOST["out of time"] in told
    assert not [word for word in ("protocol", "flag", "cheat", "suspic") if word in told]


def test_what_interferes_with_marking_is_for_a_person_to_ask_about():
    known = catalogue.exercises()["lookup"]
    told = page_of(entry(answers={"lookup": unmarked(known, "error", "protocol", "")})).text
    assert "What came back could not be read as an answer." in told
    assert "interferes" not in told


def test_a_fault_of_the_grader_is_no_fault_of_the_student():
    told = page_of(entry(error="Traceback: secret")).text
    assert "no fault of yours" in told
    assert "Traceback" not in told
    assert "points" not in told.replace("costs no points", "")


def test_every_kind_of_failure_has_words():
    from embedcourse.marking import judge

    general = {
        "not a number",
        "infinite",
        "nearly",
        "negated",
        "signs lost",
        "transposed",
        "cut to whole numbers",
        "refused",
    }
    general |= {
        "left at zero",
        "back to front",
        "in another order",
        "scaled",
        "shifted",
        "not attempted",
        "missing",
        "nothing",
    }
    general |= {"printed", "generator", "exception returned", "recursion"}
    assert set(judge._MESSAGES) - general == set(feedback._WHAT)


# text is text


def hostile_entry():
    made = entry(HOSTILE, slug="h", notes=(HOSTILE,), answers={"lookup": wrong("lookup"), "encode": None})
    made["cells"] = [[3, HOSTILE]]
    made["open"] = HOSTILE
    made["source"] = HOSTILE
    for result in made["results"]:
        result["notes"] = [HOSTILE]
        failure = result["report"]["failure"]
        if failure:
            failure.update(detail=HOSTILE, got=HOSTILE, wanted=HOSTILE, printed=HOSTILE, lines=[f"line 1: {HOSTILE}"])
            failure.update(inputs=[(HOSTILE, HOSTILE)], shapes=[(HOSTILE, HOSTILE)])
    return made


def test_nothing_of_a_strangers_is_more_than_text(tmp_path):
    made = hostile_entry()
    broken = entry("Broken", error=HOSTILE)
    refused = [Refused(HOSTILE, HOSTILE, HOSTILE)]
    overrides = [Override("h", 1, "", "+1", HOSTILE)]
    results.write(tmp_path, SECRET, [made, broken], refused, overrides)
    pages = sorted(tmp_path.rglob("*.html"))
    assert len(pages) == 6
    for path in pages:
        page = read(path)
        there = Reader(page)
        assert "<script>alert(1)</script>" in there.text or "broken" in path.parts
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
        for link in there.links:
            assert link.startswith("#") or (tmp_path / link).is_file()


def test_half_a_pair_of_surrogates_can_be_written(tmp_path):
    made = entry("a\ud800b", slug="a")
    results.write(tmp_path, SECRET, [made], [], [])
    assert "a\N{REPLACEMENT CHARACTER}b" in read(tmp_path / "feedback" / "a" / "01_lookup_matrix.html")


# the instructor's


def test_the_report_tells_the_class(tmp_path):
    report.keep_run(tmp_path, report.Run("2026-01-02 03:04", "Walls: namespaces."))
    one = entry("Ada", answers={"lookup": wrong("lookup")})
    other = entry("Bob", answers={"lookup": wrong("lookup"), "encode": None}, flags=["out of time"])
    for made in (one, other):
        made["results"][0].update(size=99, skeleton="same")
    refused = [Refused("Cyd", "cyd.pdf", "It is no notebook.")]
    overrides = [Override("Bob", 1, "", "*0.8", "late")]
    entries = [one, other, entry("Dot", error="broke")]
    results.write(tmp_path, SECRET, entries, refused, overrides, ignored=["notes.pdf"])
    there = Reader(read(tmp_path / "report.html"))
    mistake = catalogue.exercises()["lookup"].mistakes[0]
    for words in (
        "Submissions 3 Students 3 Graded 2 Grader errors 1 Could not be graded 1",
        "Marked last: 2026-01-02 03:04. Walls: namespaces.",
        "Cyd cyd.pdf It is no notebook.",
        "Core passed by 0 of 2",
        "a question, never evidence",
        "Ada , Bob 1 build_vocabulary",
        f"lookup 2 {mistake.name} {mistake.sentence.split('`')[0].strip()}",
        "Bob 1 out of time",
        "Bob 1 whole lesson *0.8 late",
        "Dot 1 broke",
        "Files that are no notebooks notes.pdf",
        "Hand out what is in feedback/ , and nothing else of this folder.",
    ):
        assert words in there.text, words
    hardest = re.search(r"Missing (\w+) (?:core|stretch)", there.text)[1]
    assert hardest == "encode"
    assert {"feedback/ada/01_lookup_matrix.html", "evidence/ada/01_lookup_matrix.html"} <= set(there.links)


def test_a_run_that_marks_nothing_still_says_what_kept_strangers_in(tmp_path):
    assert report.last_run(tmp_path) is None
    run = report.Run("now", "Walls: all.")
    report.keep_run(tmp_path, run)
    assert report.last_run(tmp_path) == run
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    assert report.last_run(tmp_path) is None


def test_evidence_is_for_the_instructor_and_goes_when_nothing_fails(tmp_path):
    made = entry(answers={"lookup": wrong("lookup")})
    results.write(tmp_path, SECRET, [made], [], [])
    path = tmp_path / "evidence" / "ada" / "01_lookup_matrix.html"
    failure = made["results"][2]["report"]["failure"]
    told = Reader(read(path)).text
    assert "For the instructor alone." in told
    for _, value in failure["inputs"]:
        assert value in told
    results.write(tmp_path, SECRET, [entry()], [], [])
    assert not path.exists()


def test_a_page_that_says_the_same_is_not_written_again(tmp_path):
    results.write(tmp_path, SECRET, [entry()], [], [])
    path = tmp_path / "feedback" / "ada" / "01_lookup_matrix.html"
    before = path.stat().st_ino
    results.write(tmp_path, SECRET, [entry()], [], [])
    assert path.stat().st_ino == before
    results.write(tmp_path, SECRET, [entry(answers={"lookup": None})], [], [])
    assert path.stat().st_ino != before


def test_core_and_stretch_are_apart_in_the_table(tmp_path):
    made = entry(answers={"encode": None, "rows_that_move": None})
    grade = grade_of(made)
    assert (grade.core, grade.core_out_of, grade.stretch, grade.stretch_out_of) == (14, 17, 4, 7)
    results.write(tmp_path, SECRET, [made], [], [])
    head, row = read(tmp_path / "grades.csv").splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["stretch"] == "4"


def test_a_report_without_points_or_people(tmp_path):
    results.write(tmp_path, SECRET, [], [], [])
    assert "Submissions 0" in Reader(read(tmp_path / "report.html")).text


def test_a_traceback_tells_only_lines_that_stand_in_the_notebook():
    from embedcourse.grading.marker import _stands_in

    assert _stands_in("line 2: return 1 / 0", ["def f():", "    return 1 / 0"])
    for told in (
        "line 1: return 1 / 0",
        "line 2: [0.5, 2]",
        "line 99: return 1 / 0",
        "x: return 1 / 0",
        "line 0: ",
        "",
    ):
        assert not _stands_in(told, ["def f():", "    return 1 / 0"])
