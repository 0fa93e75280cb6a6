import pytest

from embedcourse.catalogue import exercises, lessons
from embedcourse.marking import mark
from embedcourse.notebook import scorecard, state


@pytest.fixture(autouse=True)
def reports(monkeypatch):
    monkeypatch.setattr(state, "reports", {})
    return state


LESSON = lessons()[0].exercises


def points(core):
    chosen = [exercises()[name] for name in LESSON if exercises()[name].core is core]
    return sum(part.points for exercise in chosen for part in exercise.parts)


def give(name, answer=None):
    exercise = exercises()[name]
    state.reports[name] = mark(exercise, answer or exercise.reference)


def test_it_lists_every_exercise_core_and_stretch_apart(capsys):
    give("lookup")
    give("encode", lambda tokens, vocabulary: 0)
    scorecard(1)
    shown = capsys.readouterr().out
    core, stretch = shown.split(f"Stretch: 0 of {points(core=False)} points")
    assert "Scorecard, lesson 1: The lookup matrix" in core
    assert f"Core: 3 of {points(core=True)} points" in core
    assert "✓ Passed                 lookup" in core
    assert "✗ Not yet                encode" in core
    assert "· Not run yet            one_hot " in core
    assert "lookup_by_matmul" in stretch
    still = [name for name in LESSON if exercises()[name].core and name != "lookup"]
    assert f"Still open in the core: {', '.join(still)}." in stretch


def test_passing_the_core_is_passing_the_lesson(capsys):
    stretch = [name for name in LESSON if not exercises()[name].core]
    for name in LESSON:
        if name not in stretch:
            give(name)
    scorecard()
    assert f"You passed the core of this lesson, and 0 of {len(stretch)} stretch exercises." in capsys.readouterr().out


def test_before_anything_was_run_it_says_what_to_do(capsys):
    scorecard()
    assert "Run the cells from the top" in capsys.readouterr().out


def test_an_unknown_lesson_is_refused():
    with pytest.raises(ValueError, match="there is no lesson 99; the course has lessons 1"):
        scorecard(99)
