import pytest

from embedcourse.catalogue import exercises
from embedcourse.marking import mark
from embedcourse.notebook import scorecard, state


@pytest.fixture(autouse=True)
def reports(monkeypatch):
    monkeypatch.setattr(state, "reports", {})
    return state


def give(name, answer=None):
    exercise = exercises()[name]
    state.reports[name] = mark(exercise, answer or exercise.reference)


def test_it_lists_every_exercise_core_and_stretch_apart(capsys):
    give("lookup")
    give("encode", lambda tokens, vocabulary: 0)
    scorecard(1)
    shown = capsys.readouterr().out
    core, stretch = shown.split("Stretch: 0 of 7 points")
    assert "Scorecard, lesson 1: The lookup matrix" in core
    assert "Core: 3 of 17 points" in core
    assert "✓ Passed                 lookup" in core
    assert "✗ Not yet                encode" in core
    assert "· Not run yet            one_hot " in core
    assert "lookup_by_matmul" in stretch
    assert "Still open in the core: build_vocabulary, encode, one_hot, one_hot_cost, lookup_gradient." in stretch


def test_passing_the_core_is_passing_the_lesson(capsys):
    for name, exercise in exercises().items():
        if exercise.core:
            give(name)
    scorecard()
    assert "You passed the core of this lesson, and 0 of 2 stretch exercises." in capsys.readouterr().out


def test_before_anything_was_run_it_says_what_to_do(capsys):
    scorecard()
    assert "Run the cells from the top" in capsys.readouterr().out


def test_an_unknown_lesson_is_refused():
    with pytest.raises(ValueError, match="there is no lesson 99; the course has lessons 1"):
        scorecard(99)
