"""The build on copies of the real lesson: the same bytes, no answers handed out, nobody's work lost, every lint with its line."""

import re
import shutil

import nbformat
import pytest

from embedcourse.authoring import build, lints, notebooks, source, terms
from embedcourse.files import repository

ROOT = repository()
NAME = "01_lookup_matrix"
TEXT = (ROOT / "solutions" / f"{NAME}.md").read_text(encoding="utf-8")


@pytest.fixture
def root(tmp_path):
    """A copy of what the build reads and writes."""
    for folder in ("lessons", "solutions"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "GLOSSARY.md", tmp_path)
    return tmp_path


@pytest.fixture
def without_running(monkeypatch):
    """The build without the kernel: cells count as run and show nothing."""

    def pretend(notebook, lesson):
        for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
            cell.execution_count = number + 1
        return notebook, []

    monkeypatch.setattr(notebooks, "execute", pretend)


def rewrite(root, old, new, count=1):
    path = root / "solutions" / f"{NAME}.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def silent(text):
    pass


def test_the_repository_is_fresh():
    assert build.check(ROOT) == []


def test_building_twice_gives_the_same_bytes(root, without_running):
    assert build.build(root, force=True, say=silent) == []
    first = {path: path.read_bytes() for path in root.rglob("*.ipynb")}
    assert build.build(root, say=silent) == []
    assert {path: path.read_bytes() for path in root.rglob("*.ipynb")} == first
    assert (root / "lessons" / f"{NAME}.ipynb").read_bytes() == (ROOT / "lessons" / f"{NAME}.ipynb").read_bytes()
    assert build.check(root) == []


def test_what_is_handed_out_has_no_answer_no_rubric_no_output():
    lesson = nbformat.read(ROOT / "lessons" / f"{NAME}.ipynb", as_version=4)
    solution = nbformat.read(ROOT / "solutions" / f"{NAME}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in lesson.cells)
    assert "BEGIN SOLUTION" not in text
    assert "np.add.at(gradient, np.asarray(ids), upstream)" not in text
    assert "Rubric" not in text
    assert text.count("raise NotImplementedError") == 8
    assert "returns: array of shape ids.shape + (dim,)\n    IndexError if any id" in text, "docstrings stay"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in lesson.cells)
    assert any("rubric" in cell.metadata.get("tags", []) for cell in solution.cells)
    for notebook in (lesson, solution):
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
        assert [i for i in ids if i.startswith("exercise-")][2] == "exercise-lookup"


def test_every_code_cell_of_every_solution_was_run_and_stores_nothing_unstable():
    """nbval skips a cell whose execution_count is null without a word."""
    for path in (ROOT / "solutions").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        assert "widgets" not in notebook.metadata
        assert notebook.metadata.language_info == {"name": "python"}
        for cell in notebook.cells:
            if cell.cell_type == "code":
                assert cell.execution_count, cell.source
                assert not {"execution", "scrolled", "trusted"} & set(cell.metadata)
                for output in cell.outputs:
                    assert output.output_type != "error"
                    assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


def test_few_cells_are_excused_from_comparison():
    cells = [
        cell for path in source.sources(ROOT / "solutions") for cell in source.read(path).cells if cell.kind == "code"
    ]
    excused = [cell for cell in cells if any(tag.startswith("nbval-") for tag in cell.tags)]
    assert len(excused) <= 1 + len(cells) // 50


def test_check_names_what_is_stale(root):
    rewrite(root, "cat", "hen", count=1)
    (root / "GLOSSARY.md").write_text("")
    (root / "lessons" / "99_stray.ipynb").write_text("{}")
    found = "\n".join(build.check(root))
    for name in ("lessons/01_lookup_matrix.ipynb", "solutions/01_lookup_matrix.ipynb", "GLOSSARY.md", "99_stray.ipynb"):
        assert name in found


def test_check_notices_an_edited_output_free_cell(root):
    path = root / "solutions" / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("saw the dog", "saw the hen"))
    assert any("solutions/01_lookup_matrix.ipynb" in problem for problem in build.check(root))


@pytest.mark.parametrize("folder", ["lessons", "solutions"])
def test_an_edited_notebook_is_not_overwritten_without_force(root, without_running, folder):
    path = root / folder / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\nan evening's work"
    nbformat.write(notebook, path)
    edited = path.read_bytes()
    problems = build.build(root, say=silent)
    assert len(problems) == 1
    assert "was edited by hand" in problems[0]
    assert path.read_bytes() == edited
    assert build.build(root, force=True, say=silent) == []
    assert path.read_bytes() != edited


def test_a_lesson_with_outputs_is_not_overwritten_without_force(root, without_running):
    path = root / "lessons" / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(notebook, path)
    (problem,) = build.build(root, say=silent)
    assert "has outputs" in problem


def test_a_file_that_is_no_notebook_is_not_overwritten(root, without_running):
    (root / "lessons" / f"{NAME}.ipynb").write_text("my notes")
    (problem,) = build.build(root, say=silent)
    assert "was edited by hand" in problem


def test_only_one_lesson_by_its_number(root, without_running):
    assert build.build(root, only="1", say=silent) == []
    assert build.check(root, only=NAME) == []
    with pytest.raises(ValueError, match="no lesson '7'"):
        build.check(root, only="7")


def test_a_lesson_with_problems_is_not_written(root, without_running):
    before = (root / "lessons" / f"{NAME}.ipynb").read_bytes()
    rewrite(root, "### END SOLUTION", "", count=1)
    assert build.build(root, say=silent)
    assert (root / "lessons" / f"{NAME}.ipynb").read_bytes() == before


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1 / 0", "the cell stops with ZeroDivisionError"),
        ("import sys; print('x', file=sys.stderr)", "writes to stderr: x"),
        ("object()", "memory address"),
        ("import matplotlib.pyplot as p\n%matplotlib inline\np.plot([1])\np.show()", "bare figure"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_outputs_that_cannot_be_stored_are_refused(tmp_path, code, words):
    path = tmp_path / "01_small.md"
    path.write_text(f"# Small\n\n```{{code-cell}}\n{code}\n```\n")
    lesson = source.read(path)
    found = notebooks.execute(notebooks.solution_notebook(lesson), lesson)[1]
    assert any(re.match(rf".*01_small\.md:4: .*{re.escape(words)}", problem) for problem in found), found


def at(old, extra_lines=0):
    """The line of the source where `old` begins, plus some."""
    return TEXT[: TEXT.index(old)].count("\n") + 1 + extra_lines


LOOKUP_CELL = "@exercise\ndef lookup(E, ids):"
BROKEN = {
    "an unclosed answer": (
        "    ### END SOLUTION\n```\n\nOn real prose",
        "```\n\nOn real prose",
        "has no '### END SOLUTION'",
    ),
    "an answer never begun": ("    ### BEGIN SOLUTION\n    vocabulary = {}", "    vocabulary = {}", "must stand alone"),
    "a marker with company": (
        "### BEGIN SOLUTION\n    ids = ",
        "### BEGIN SOLUTION now\n    ids = ",
        "alone on its line",
    ),
    "an exercise twice": ("def one_hot_cost():", "def one_hot(ids):", "stands in this lesson twice"),
    "an unknown exercise": (LOOKUP_CELL, "@exercise\ndef loookup(E, ids):", "'loookup' is not in the catalogue"),
    "a header of another exercise": (
        "### Exercise 3: `lookup`",
        "### Exercise 3: `look`",
        "above exercise 'lookup' stands",
    ),
    "a header without minutes": ("medium · up to 15 minutes", "medium", "above exercise 'lookup_gradient' stands"),
    "core where the exercise says stretch": ("**Stretch** · easy", "**Core** · easy", "the header says Core"),
    "too long a core": ("medium · up to 15 minutes", "medium · up to 55 minutes", "fits in 60"),
    "one hint": (
        "<details>\n<summary>Almost the answer</summary>\n\nvocab × dim multiplications; a one-hot vector is vocab numbers long; "
        "the lookup copies one row of dim numbers. Bytes are numbers times 4.\n</details>\n",
        "",
        "at least two hints",
    ),
    "a hint that shows raw": (
        "<summary>A nudge</summary>\n\nWalk",
        "<summary>A nudge</summary>\nWalk",
        "blank line after </summary>",
    ),
    "a call of another exercise": (
        "    return E[ids]\n    ### END",
        "    return one_hot(ids, 4) @ E\n    ### END",
        "calls the exercise 'one_hot'",
    ),
    "a picture without words": ("## Recall", "![](x.png)\n\n## Recall", "an image needs alt text"),
    "show without alt": (
        "show(*figures.reading_rows(tokens, vocabulary, E))",
        "show(picture)",
        "give the alt text too",
    ),
    "a bare figure": (
        "show(*figures.reading_rows(tokens, vocabulary, E))",
        "figures.reading_rows(tokens, vocabulary, E)",
        "as the last line shows twice",
    ),
    "interact": ("explorer()\n", "interact(draw)\n", "use an Explorer"),
    "a term too early": (
        "Nothing was added, nothing multiplied.",
        "It has no logits.",
        "'logits' is explained in lesson 4",
    ),
    "a term before its bold": (
        "Cut a text into pieces",
        "Cut a text into tokens, that is, pieces",
        "must be the one that explains it",
    ),
    "no open question": ('+++ {"tags": ["open"]}', "+++", "one open question"),
    "no rubric": ('+++ {"tags": ["rubric"]}', "+++", "after it one rubric"),
    "not Python": ("lr, before = 0.05, loss(E)", "lr, before = 0.05 loss(E)", "this is not Python"),
    "an untagged exercise": (":tags: [exercise]\n\n" + LOOKUP_CELL, LOOKUP_CELL, "the tag 'exercise'"),
    "too many words": ("## Recall", "word " * 3_000 + "\n\n## Recall", "words without hints"),
    "too long a cell": (
        "rng = np.random.default_rng(0)",
        "rng = np.random.default_rng(0)\n" + "x = 1\n" * 25,
        "at most 25",
    ),
    "too many cells": ("## Recall", "```{code-cell}\n1\n```\n" * 10 + "\n## Recall", "at most 55"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_is_refused_with_file_and_line(tmp_path, name):
    old, new, words = BROKEN[name]
    assert TEXT.count(old) >= 1, "the lesson changed: mend this test"
    path = tmp_path / f"{NAME}.md"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    found = lints.problems(source.read(path))
    matching = [problem for problem in found if words in problem]
    assert matching, found
    line = int(re.match(rf"{re.escape(str(path))}:(\d+): ", matching[0])[1])
    whole_file = words in ("at most 55", "words without hints", "fits in 60")
    assert line == 1 if whole_file else abs(line - at(old)) <= 30


def test_the_lesson_itself_has_no_problem():
    assert lints.problems(source.read(ROOT / "solutions" / f"{NAME}.md")) == []


def test_cells_know_their_line():
    lines = TEXT.splitlines()
    for cell in source.read(ROOT / "solutions" / f"{NAME}.md").cells:
        assert lines[cell.line - 1] == cell.text.splitlines()[0]


def test_a_source_with_a_broken_cell_header_is_told(root):
    rewrite(root, ":tags: [setup]", ":tags: [setup")
    assert any("01_lookup_matrix.md" in problem for problem in build.check(root))


def test_terms_in_code_formulas_and_links_are_no_use_of_the_word():
    token = next(term for term in terms.terms() if term.term == "token")
    assert list(terms.uses(token, "`token` $token$ [a](token) <img token>")) == []
    assert len(list(terms.uses(token, "A token, two Tokens; tokenizer, un-token."))) == 2


def test_the_glossary_has_each_explained_term_once_with_its_meaning():
    explained = [term for term in terms.terms() if term.lesson <= 1]
    text = terms.glossary(1)
    assert all(term.meaning and f"- **{term.term}** (lesson 1): {term.meaning}" in text for term in explained)
    assert text.count("\n- ") == len(explained)
