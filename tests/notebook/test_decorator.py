"""The decorator in a real IPython shell: what a learner types, what is shown, and what the name means afterwards."""

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from embedcourse.catalogue import exercises
from embedcourse.files import repository
from embedcourse.notebook import state, watch

RIGHT = "import numpy as np\n@exercise\ndef one_hot(ids, vocab_size):\n    return np.eye(vocab_size)[np.asarray(ids)]"
WRONG = "@exercise\ndef one_hot(ids, vocab_size):\n    return np.eye(vocab_size, dtype=int)[np.asarray(ids)]"
STUB = "@exercise\ndef one_hot(ids, vocab_size):\n    raise NotImplementedError"
REFERENCE = exercises()["one_hot"].reference


@pytest.fixture
def shell(monkeypatch):
    monkeypatch.setattr(state, "reports", {})
    shell = InteractiveShell.instance()
    shell.reset()
    watch()
    shell.run_cell("from embedcourse import exercise, scorecard\nimport numpy as np")
    yield shell
    InteractiveShell.clear_instance()


def run(shell, code):
    """The plain texts that a cell shows."""
    with capture_output() as captured:
        shell.run_cell(code)
    return "\n".join(output.data["text/plain"] for output in captured.outputs)


def test_a_right_answer_is_kept(shell):
    assert run(shell, RIGHT).startswith("✓ Passed: `one_hot`, 2 of 2 points.")
    assert shell.user_ns["one_hot"] is not REFERENCE
    assert state.reports["one_hot"].status == "passed"


def test_a_wrong_answer_is_told_and_the_reference_steps_in(shell):
    shown = run(shell, WRONG)
    assert shown.startswith("✗ Not yet: `one_hot`, part 1 of 2, a list of ids. 0 of 2 points.")
    assert "The docstring asks for float64." in shown
    assert "later cells use the course's own `one_hot`" in shown
    assert shell.user_ns["one_hot"] is REFERENCE


def test_the_stub_blocks_nothing(shell):
    assert run(shell, STUB).startswith("○ Not attempted: `one_hot`.")
    assert shell.user_ns["one_hot"] is REFERENCE


def test_a_later_run_replaces_the_earlier_one(shell):
    run(shell, RIGHT)
    run(shell, WRONG)
    assert state.reports["one_hot"].status == "failed"
    assert shell.user_ns["one_hot"] is REFERENCE
    run(shell, RIGHT)
    run(shell, RIGHT)
    assert state.reports["one_hot"].status == "passed"


def test_recursion_means_the_learners_own_function(shell):
    code = (
        "@exercise\ndef build_vocabulary(tokens):\n    if not tokens:\n        return {}\n"
        "    known = build_vocabulary(tokens[:-1])\n    known.setdefault(tokens[-1], len(known))\n    return known"
    )
    assert run(shell, code).startswith("✓ Passed")


def test_a_second_attempt_cannot_lean_on_what_it_was_handed(shell):
    run(shell, STUB)
    shown = run(shell, "@exercise\ndef one_hot(ids, vocab_size):\n    return one_hot(ids, vocab_size)")
    assert "calls itself without end" in shown
    assert shell.user_ns["one_hot"] is REFERENCE


def test_a_second_attempt_cannot_lean_on_it_through_another_name(shell):
    run(shell, STUB)
    shown = run(shell, "@exercise\ndef one_hot(*args):\n    return globals()['one_hot'](*args)")
    assert "calls itself without end" in shown


def test_an_attempt_that_python_cannot_read(shell):
    run(shell, RIGHT)
    shown = run(shell, "@exercise\ndef one_hot(ids, vocab_size):\n    return np.eye(vocab_size")
    assert "! Stopped by an error: `one_hot`. 0 of 2 points." in shown
    assert "SyntaxError in line 3: " in shown
    assert shell.user_ns["one_hot"] is REFERENCE
    assert state.reports["one_hot"].status == "error"


@pytest.mark.parametrize(
    "start",
    [
        "@exercise\n@staticmethod\ndef",
        "if True:\n    @exercise\n    def",
        "@exercise\nasync def",
        "@exercise()\n# now\n\ndef",
    ],
)
def test_other_ways_of_writing_it_that_python_cannot_read(shell, start):
    run(shell, f"{start} one_hot(ids, vocab_size:\n    return 1")
    assert shell.user_ns["one_hot"] is REFERENCE
    assert state.reports["one_hot"].status == "error"


def test_an_exercise_that_is_only_quoted_in_a_failing_cell_keeps_its_mark(shell):
    run(shell, RIGHT)
    run(shell, 'text = """\n@exercise\ndef one_hot(ids):\n    pass\n"""\n1 / 0')
    assert state.reports["one_hot"].status == "passed"
    assert shell.user_ns["one_hot"] is not REFERENCE


def test_brackets_after_exercise_do_no_harm(shell):
    assert run(shell, RIGHT.replace("@exercise", "@exercise()")).startswith("✓ Passed")


def test_a_note_where_an_answer_leans_on_another_exercise(shell):
    run(shell, RIGHT)
    code = "@exercise\ndef lookup_by_matmul(E, ids):\n    return one_hot(ids, len(E)).astype(E.dtype) @ E"
    assert "Your answer calls `one_hot`, another exercise." in run(shell, code)
    assert "calls" not in run(shell, RIGHT.replace("np.eye", "np.lookup.eye"))


def test_a_note_where_a_wrong_answer_takes_the_place_of_a_right_one(shell):
    run(shell, RIGHT)
    assert "An earlier answer of yours had passed" in run(shell, WRONG)
    assert "An earlier answer" not in run(shell, WRONG)


def test_pictures_that_an_answer_displays_are_not_shown(shell):
    code = RIGHT.replace("    return", "    from IPython.display import display\n    display('a picture')\n    return")
    assert "a picture" not in run(shell, code)


def test_a_function_without_a_name_of_its_own(shell):
    assert "write `def` and the name directly below it" in run(shell, "exercise(lambda x: x)")


def test_a_cell_that_fails_before_the_exercise(shell):
    shown = run(shell, f"nonsense()\n{RIGHT}")
    assert "NameError was raised: name 'nonsense' is not defined." in shown
    assert shell.user_ns["one_hot"] is REFERENCE


def test_a_cell_that_fails_after_the_exercise_leaves_the_mark_alone(shell):
    run(shell, f"{RIGHT}\nnonsense()")
    assert state.reports["one_hot"].status == "passed"
    assert shell.user_ns["one_hot"] is not REFERENCE


def test_an_answer_that_is_interrupted(shell):
    shown = run(shell, "@exercise\ndef one_hot(ids, vocab_size):\n    raise KeyboardInterrupt")
    assert shown.startswith("! Stopped by an error: `one_hot`")
    assert "A loop that never ends is the usual reason." in shown
    assert shell.user_ns["one_hot"] is REFERENCE


def test_an_unknown_name_gets_the_nearest_names_and_is_left_alone(shell):
    shown = run(shell, "@exercise\ndef onehot(ids):\n    return 1")
    assert "No exercise is called `onehot`" in shown
    assert "`one_hot`" in shown
    assert shell.user_ns["onehot"](0) == 1


def test_prints_of_an_answer_stay_inside_the_feedback(shell):
    code = "@exercise\ndef one_hot(ids, vocab_size):\n    print('looking at', ids)\n    return 0"
    with capture_output() as captured:
        shell.run_cell(code)
    assert captured.stdout == captured.stderr == ""
    assert "your prints: looking at [0, 2]" in captured.outputs[0].data["text/plain"]


def test_the_error_points_at_the_learners_own_line(shell):
    shown = run(shell, "@exercise\ndef one_hot(ids, vocab_size):\n    x = 1\n    return ids.shape")
    assert "in your code: line 4: return ids.shape" in shown


def test_outside_a_notebook_the_text_is_printed():
    code = "from embedcourse import exercise\n" + STUB + "\nprint(one_hot(1, 2))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=repository(), check=True, timeout=60
    )
    assert ran.stdout.splitlines()[0] == "○ Not attempted: `one_hot`."
    assert ran.stdout.splitlines()[-1] == "[0. 1.]"
    assert ran.stderr == ""
