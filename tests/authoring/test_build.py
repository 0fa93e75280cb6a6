"""The build on copies of the real lesson: the same bytes, no answers handed out, nobody's work lost, every lint with its line."""

import re

import nbformat
import pytest

from embedcourse import files
from embedcourse.authoring import build, lints, notebooks, source, terms
from embedcourse.catalogue import exercises, lessons
from embedcourse.cli import main
from embedcourse.files import repository

ROOT = repository()
NAME = "01_lookup_matrix"
TEXT = (ROOT / "solutions" / f"{NAME}.md").read_text(encoding="utf-8")


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
    assert "Rubric" not in text
    assert text.count("raise NotImplementedError") == len(lessons()[0].exercises)
    assert "    IndexError if any id is below 0" in text, "docstrings stay"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in lesson.cells)
    assert any("rubric" in cell.metadata.get("tags", []) for cell in solution.cells)
    for notebook in (lesson, solution):
        nbformat.validate(notebook)
        ids = [cell.id for cell in notebook.cells]
        assert len(set(ids)) == len(ids)
        assert [i for i in ids if i.startswith("exercise-")][2] == "exercise-lookup"


def test_no_line_of_an_answer_is_in_a_cell_that_is_handed_out():
    lesson = nbformat.read(ROOT / "lessons" / f"{NAME}.ipynb", as_version=4)
    handed_out = {cell.id: cell.source for cell in lesson.cells if cell.id.startswith("exercise-")}
    for cell in source.read(ROOT / "solutions" / f"{NAME}.md").cells:
        for name in cell.exercises:
            answer = cell.text.split(source.BEGIN)[1].split(source.END)[0]
            lines = [line.strip() for line in answer.splitlines() if line.strip()]
            assert lines
            assert not [line for line in lines if line in handed_out[f"exercise-{name}"].splitlines()]
            assert lines[-1] not in handed_out[f"exercise-{name}"]


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


def test_what_somebody_saves_while_the_cells_run_is_not_overwritten(root, monkeypatch):
    path = root / "lessons" / f"{NAME}.ipynb"

    def slow(notebook, lesson):
        path.write_text(path.read_text().replace("the cat saw", "my cat saw"))
        return notebook, []

    monkeypatch.setattr(notebooks, "execute", slow)
    (problem,) = build.build(root, say=silent)
    assert "was edited by hand" in problem
    assert "my cat saw" in path.read_text()


def test_edited_tags_count_as_work(root, without_running):
    path = root / "lessons" / f"{NAME}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].metadata.tags = ["mine"]
    nbformat.write(notebook, path)
    (problem,) = build.build(root, say=silent)
    assert "was edited by hand" in problem


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
    with pytest.raises(ValueError, match="no lesson '99'"):
        build.check(root, only="99")


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


def small_lesson():
    """A lesson with nothing in it but what the lints ask for, so that editing the real one breaks no test here."""
    cells = ["# Lesson 1: small\n\nAbout 1 minutes."]
    for number, name in enumerate(lessons()[0].exercises, start=1):
        exercise = exercises()[name]
        core = "Core" if exercise.core else "Stretch"
        hints = "\n\n".join(
            f"<details>\n<summary>Hint {i} of exercise {number}</summary>\n\nThink.\n</details>" for i in (1, 2)
        )
        cells.append(f"### Exercise {number}: `{name}`\n\n**{core}** · easy · up to 5 minutes\n\n{hints}")
        answer = f'    """Do {name}."""\n    ### BEGIN SOLUTION\n    return "{name}"\n    ### END SOLUTION'
        cells.append(f"```{{code-cell}}\n:tags: [exercise]\n\n@exercise\ndef {name}(x):\n{answer}\n```")
        cells.append(f"```{{code-cell}}\nprint({number})\n```")
    cells.append('+++ {"tags": ["open"]}\n\nYour words.\n\n+++ {"tags": ["rubric"]}\n\n2 points.\n\n+++')
    cells.append("## The end\n\n```{code-cell}\nshow(figure, alt)\n```\n\n```{code-cell}\nexplorer()\n```")
    return "\n\n".join(cells) + "\n"


SMALL = small_lesson()
LOOKUP_CELL = "@exercise\ndef lookup(x):"
LONG = "x = 1\n" * 9
BROKEN = {
    "an unclosed answer": ('return "lookup"\n    ### END SOLUTION', 'return "lookup"', "has no '### END SOLUTION'"),
    "an answer never begun": (
        '### BEGIN SOLUTION\n    return "lookup"',
        'return "lookup"',
        "after a '### BEGIN SOLUTION'",
    ),
    "a marker with company": ("### BEGIN SOLUTION", "### BEGIN SOLUTION now", "alone on its line"),
    "a marker in an untagged cell": (
        "print(3)",
        "### BEGIN SOLUTION\n3\n### END SOLUTION",
        "only in a cell with the tag",
    ),
    "an exercise twice": ("def one_hot_cost(x):", "def one_hot(x):", "stands in this lesson twice"),
    "an unknown exercise": (LOOKUP_CELL, "@exercise\ndef loookup(x):", "'loookup' is not in the catalogue"),
    "exercises in another order": ("def encode(x):", "def lookup(x):", "another order"),
    "no answer": ('### BEGIN SOLUTION\n    return "lookup"\n    ### END SOLUTION', "return 1", "has no answer between"),
    "a header of another exercise": (
        "### Exercise 3: `lookup`",
        "### Exercise 3: `look`",
        "above exercise 'lookup' stands",
    ),
    "a header without minutes": (" · easy · up to 5 minutes", " · easy", "above exercise 'build_vocabulary' stands"),
    "core where the exercise says stretch": ("**Stretch** · easy", "**Core** · easy", "the header says Core"),
    "too long a core": ("up to 5 minutes", "up to 55 minutes", "fits in 60"),
    "one hint": ("<details>\n<summary>Hint 2 of exercise 3</summary>\n\nThink.\n</details>", "", "at least two hints"),
    "a hint that shows raw": (
        "Hint 1 of exercise 2</summary>\n\n",
        "Hint 1 of exercise 2</summary>\n",
        "blank line after </summary>",
    ),
    "a call of another exercise": ('return "lookup"', "return one_hot(x, 4)", "calls the exercise 'one_hot'"),
    "a picture without words": ("## The end", "![](x.png)", "an image needs alt text"),
    "an exercise in disguise": ("print(3)", "@exercise()\ndef lookup(E, ids):\n    return 1", "the tag 'exercise'"),
    "interactive": ("explorer()", "interactive(draw)", "use an Explorer"),
    "an HTML picture in capitals": ("## The end", '<IMG src="x.png">', "an image needs alt text"),
    "a magic": ("print(3)", "%time 3", "magics such as"),
    "an HTML picture without words": ("## The end", '<img src="x.png">', "an image needs alt text"),
    "show without alt": ("show(figure, alt)", "show(figure)", "give the alt text too"),
    "a bare figure": ("show(figure, alt)", "figures.reading_rows(tokens)", "as the last line shows twice"),
    "a bare figure by name": ("show(figure, alt)", "figure", "as the last line shows twice"),
    "interact": ("explorer()", "interact(draw)", "use an Explorer"),
    "a term too early": ("## The end", "It has no logits.", "'logits' is explained in lesson 4"),
    "a term before its bold": ("## The end", "A token is a **token**.", "must be the one that explains it"),
    "no open question": ('+++ {"tags": ["open"]}', "+++", "one open question"),
    "no rubric": ('+++ {"tags": ["rubric"]}', "+++", "after it one rubric"),
    "not Python": ("print(3)", "print(3", "this is not Python"),
    "an untagged exercise": (":tags: [exercise]\n\n" + LOOKUP_CELL, LOOKUP_CELL, "the tag 'exercise'"),
    "too many words": ("## The end", "word " * 3_000, "words without hints"),
    "too long a cell": ("print(3)", "x = 1\n" * 26, "at most 25"),
    "too long a median": ("## The end", f"```{{code-cell}}\n{LONG}```\n\n" * 60, "median code cell"),
    "too wide a line": ("print(3)", "print(3)" + " + 1" * 30, "a line of code has at most 88"),
    "too many cells": ("## The end", "```{code-cell}\n1\n```\n" * 60, f"at most {lints.MAX_CELLS}"),
}


def broken(name):
    old, new, words = BROKEN[name]
    assert old in SMALL
    return SMALL.replace(old, new, 1), SMALL.index(old), words


def test_the_small_lesson_has_no_problem(tmp_path):
    path = tmp_path / f"{NAME}.md"
    path.write_text(SMALL, encoding="utf-8")
    assert lints.problems(source.read(path)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_source_is_refused_with_file_and_line(tmp_path, name):
    text, place, words = broken(name)
    path = tmp_path / f"{NAME}.md"
    path.write_text(text, encoding="utf-8")
    found = lints.problems(source.read(path))
    matching = [problem for problem in found if words in problem]
    assert matching, found
    line = int(re.match(rf"{re.escape(str(path))}:(\d+): ", matching[0])[1])
    whole_file = (
        f"at most {lints.MAX_CELLS}",
        "words without hints",
        "fits in 60",
        "median code cell",
        "another order",
    )
    assert line == 1 if words in whole_file else abs(line - SMALL[:place].count("\n") - 1) <= 20


def test_the_lesson_itself_has_no_problem():
    assert lints.problems(source.read(ROOT / "solutions" / f"{NAME}.md")) == []


def test_an_empty_source_has_problems_and_no_crash(tmp_path):
    path = tmp_path / f"{NAME}.md"
    path.write_text("", encoding="utf-8")
    assert lints.problems(source.read(path))


def test_the_command_says_by_its_exit_status_how_it_went(root, monkeypatch, capsys):
    monkeypatch.setattr(files, "repository", lambda: root)
    assert main(["build", "--check"]) == 0
    assert main(["build", "--check", "--only", "77"]) == 2
    rewrite(root, "cat", "hen")
    assert main(["build", "--check"]) == 1
    shown = capsys.readouterr()
    assert "lessons/01_lookup_matrix.ipynb: is not what" in shown.err
    assert str(root) not in shown.err.splitlines()[-2]
    monkeypatch.setattr(files, "repository", lambda: None)
    assert main(["build"]) == 2


def test_trailing_blanks_do_not_disturb_the_lines(tmp_path):
    path = tmp_path / "01_x.md"
    path.write_text("# One  \n\ntext   \n\n```{code-cell}\nx = 1   \n```\n\nlast \n", encoding="utf-8")
    assert [cell.line for cell in source.read(path).cells] == [1, 6, 9]


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
