"""The course without its repository: the wheel in an empty environment, and a learner who has only that."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import exercises, lessons
from embedcourse.files import repository
from tests.anywhere.conftest import run
from tests.browser.lab import Notebook, server

LESSON = lessons()[0]


def test_the_wheel_holds_the_lessons_the_rubrics_and_all_data_and_no_solved_notebooks_or_tests(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    root = repository()
    for lesson in (root / "lessons").glob("*.ipynb"):
        assert f"embedcourse/_course/lessons/{lesson.name}" in names
        assert f"embedcourse/_course/solutions/{lesson.stem}.md" in names
    assert not [name for name in names if name.startswith("embedcourse/_course/solutions") and name.endswith(".ipynb")]
    for path in (root / "embedcourse").rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            assert path.relative_to(root).as_posix() in names
    assert any(name.endswith("share/jupyter/lab/settings/overrides.d/embedcourse.json") for name in names)
    assert not [name for name in names if name.startswith(("tests", "solutions", "benchmarks")) or "BEGIN" in name]


def test_the_installed_course_is_not_the_repositorys(installed, tmp_path):
    code = "from embedcourse import files; print(files.repository(), files.course_files())"
    told = run(installed, "-c", code, cwd=tmp_path)
    assert told.startswith("None ")
    assert str(repository()) not in told


def test_the_installed_course_knows_the_rubrics(installed, tmp_path):
    code = "from embedcourse.grading import questions; print(*map(questions.rubric, range(1, 11)))"
    assert run(installed, "-c", code, cwd=tmp_path).count("**2 points**") == len(lessons())


def test_the_doctor_finds_it_well(installed, tmp_path):
    assert "All is well." in run(installed, "-m", "embedcourse.cli", "doctor", cwd=tmp_path)


def test_the_build_says_that_it_needs_the_repository(installed, tmp_path):
    told = run(installed, "-c", "from embedcourse.cli import main; print(main(['build']))", cwd=tmp_path)
    assert "works in the course's repository only" in told


@pytest.fixture
def lab(installed, browser, tmp_path):
    folder = tmp_path / "anywhere at all"
    with server(folder, str(installed)) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        yield Notebook(context.new_page(), folder / f"{LESSON.name}.ipynb").open(address)
        context.close()


def test_the_lesson_opens_marks_and_shows_its_explorer(lab):
    lab.run_all()
    expect(lab.page.locator(".jp-OutputArea-output[data-mime-type*='error']")).to_have_count(0)
    expect(lab.cell("scorecard(1)").locator("table")).to_contain_text("Core: 0 of")
    expect(lab.cell("print(paragraph())")).to_contain_text("110")

    picture = (explorer := lab.cell("explorer()")).locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("The token “dog”, number 2 of 5"))
    explorer.locator(".noUi-handle").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("The token “saw”, number 3 of 5"))

    wrong = lab.write("def lookup(", "@exercise\ndef lookup(E, ids):\n    return E[np.asarray(ids)]")
    expect(wrong).to_contain_text("✗ Not yet: lookup")
    expect(wrong).to_contain_text(
        next(m.sentence for m in exercises()["lookup"].mistakes if m.name == "negative ids wrap")
    )
    lab.screenshot("8-from-the-wheel")
