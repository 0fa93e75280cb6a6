"""What the grader sees in a cell before it runs: its functions, and which answers are the same but for names."""

import pytest

from embedcourse import catalogue
from embedcourse.grading import scratch
from embedcourse.grading.inside.outline import compiled, outline
from embedcourse.grading.marker import Cell, libraries

ANSWER = """
@exercise
def lookup(E, ids):
    "Rows of a table."
    rows = [E[number] for number in ids]  # one after the other
    return np.array(rows) if rows else None
"""


def skeleton(source):
    ((_, told, _),) = outline(source)
    return told


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": "found", "number": "i"},
        {"E,": "table: Float[np.ndarray, 'V D'],", "E[": "table[", "ids)": "ids) -> object"},
        {'    "Rows of a table."\n': ""},
        {"Rows of a table.": "My own words."},
        {"  # one after the other": "\n    assert len(rows) == len(ids)"},
        {"@exercise\n": ""},
    ],
)
def test_names_comments_and_annotations_make_no_other_skeleton(changes):
    other = ANSWER
    for old, new in changes.items():
        assert old in other
        other = other.replace(old, new)
    assert skeleton(other) == skeleton(ANSWER)


@pytest.mark.parametrize(
    ("old", "new"), [("ids]", "ids[:]]"), ("None", "0"), ("np.array", "np.stack"), ("if rows", "if not rows")]
)
def test_another_way_is_another_skeleton(old, new):
    assert old in ANSWER
    assert skeleton(ANSWER.replace(old, new)) != skeleton(ANSWER)


def test_a_set_in_the_code_is_the_same_in_each_process():
    """Its order is another one wherever Python has shuffled its hashes anew."""
    one, other = ("def f(word):\n    return word in {" + words + "}" for words in ("'a', 'b', 'c'", "'c', 'b', 'a'"))
    assert skeleton(one) == skeleton(other)


def test_only_what_a_cell_defines_itself_is_told_and_bad_code_is_nothing():
    code = """
x = [i for i in range(3)]
f = lambda: 1
if x:
    def deep():
        def deeper():
            pass
class Model:
    def g(self):
        pass
"""
    assert [name for name, _, _ in outline(code)] == ["deep", "Model"]
    assert outline("def f(:") == outline("x = '\0'") == outline("(" * 1_000) == ()


@pytest.mark.parametrize(
    ("cell", "left"),
    [("%%time\nx = 1\n\n1 / 0", 4), ("\n%%bash\nls\n", None), ("!ls\n?x\n%pip install x\nx = 1\n1 / 0", 5)],
)
def test_lines_for_ipython_leave_the_others_at_their_place(cell, left):
    code, left_out = compiled(cell, "<cell>")
    assert left_out
    assert max((line for _, _, line in code.co_lines() if line), default=None) in (left, 1 if left is None else left)


def test_homes_of_references_are_found_without_importing_them():
    found = {}
    for exercise in catalogue.exercises().values():
        module = exercise.reference.__module__
        if not module.endswith("exercises"):
            found[module] = min(found.get(module, exercise.lesson), exercise.lesson)
    assert scratch.homes() == found


def test_libraries_are_those_that_the_lesson_or_a_cell_of_ones_own_speaks_of():
    assert libraries(1, []) == ()
    assert libraries(4, []) == ("torch",)
    assert libraries(1, [Cell(1, "code", "import matplotlib.pyplot as plt"), Cell(2, "markdown", "torch")]) == (
        "matplotlib",
    )
