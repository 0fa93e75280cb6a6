"""Whatever an answer does, it gets no credit that it does not deserve, and marking survives it, silently."""

import json
import os
import random
import sys

import numpy as np
import pytest

from embedcourse.catalogue import exercises
from embedcourse.marking import Case, Exercise, LocalAnswer, Part, Report, freeze, mark
from tests import hostile

every_exercise = pytest.mark.parametrize("exercise", list(exercises().values()), ids=lambda exercise: exercise.name)


@every_exercise
def test_no_hostile_answer_earns_a_point_or_gets_a_word_out_here_or_behind_the_walls(exercise, stranger, capfd):
    for name, answer in hostile.answers(exercise.name).items():
        report = mark(exercise, answer, seed=1)
        assert report.points == 0, (name, report)
        assert report.status in ("failed", "error"), (name, report)
        told = json.dumps(report.to_dict())
        assert len(told) < 20_000, name
        assert Report.from_dict(json.loads(told)) == report, name
        if stranger is not None and hostile.goes_abroad(exercise.name, name):
            assert stranger.mark(exercise.name, f"hostile: {name}", 1) == report, name
    assert capfd.readouterr() == ("", "")


@every_exercise
def test_an_answer_that_is_right_only_sometimes_never_gets_full_marks(exercise):
    for seed in range(5):
        for name, answer in hostile.forgetful(exercise.name).items():
            report = mark(exercise, answer, seed)
            assert report.points < report.max_points, name
            assert report.status in ("failed", "error"), name


@every_exercise
def test_an_answer_that_is_right_for_as_many_calls_as_there_are_cases_is_found_out(exercise):
    calls = []

    def counting(*args):
        calls.append(args)
        return exercise.reference(*args)

    for number, part in enumerate(exercise.parts, start=1):
        for case in part.cases(np.random.default_rng([0, number])):
            LocalAnswer(counting).run(exercise.probe, freeze(case.args))
    report = mark(exercise, hostile._right_for(len(calls))(exercise.reference))
    assert report.failure.kind == "another answer"
    assert "Called again with the same input" in report.message
    assert report.points == 0


def test_a_list_as_default_value_is_told_as_what_it_is():
    def build_vocabulary(tokens, vocabulary={}):  # noqa: B006
        for token in tokens:
            vocabulary.setdefault(token, len(vocabulary))
        return vocabulary

    report = mark(exercises()["build_vocabulary"], build_vocabulary)
    assert report.failure.kind == "another answer"
    detail = "it first gave {'saw': 0, 'cat': 1}, and when called again {'saw': 0, 'cat': 1, "
    assert report.failure.detail.startswith(detail)
    assert "default value" in report.message


def test_an_answer_that_keeps_a_memo_is_as_good_as_any():
    memo = {}

    def rows(tokens, vocabulary):
        key = (tuple(tokens), tuple(vocabulary.items()))
        if key not in memo:
            memo[key] = exercises()["encode"].reference(tokens, vocabulary)
        return memo[key]

    assert mark(exercises()["encode"], rows).status == "passed"


def test_an_input_that_was_filled_up_until_it_cannot_be_read_counts_as_changed():
    def encode(tokens, vocabulary):
        ids = exercises()["encode"].reference(tokens, vocabulary)
        tokens.extend(["more"] * 20_000)
        return ids

    failure = mark(exercises()["encode"], encode).failure
    assert (failure.kind, failure.detail) == ("input changed", "tokens is no longer what it was before the call")


TWICE = Exercise("twice", "Twice", 1, lambda x: 2 * x, (Part("all", 1, lambda rng: [Case((1.0,)), Case((2.0,))]),), ())


def test_what_an_answer_does_to_the_process_is_undone():
    before = (sys.getrecursionlimit(), os.getcwd(), random.getstate(), np.geterr(), sys.stdout, sys.__stderr__)
    numpy_dice = np.random.get_state()[1].tolist()

    def answer(x):
        hostile._changes_the_process()
        sys.__stderr__ = None
        return 2 * x

    assert mark(TWICE, answer).status == "passed"
    assert (sys.getrecursionlimit(), os.getcwd(), random.getstate(), np.geterr(), sys.stdout, sys.__stderr__) == before
    assert np.random.get_state()[1].tolist() == numpy_dice


def depth():
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


@pytest.mark.parametrize("room", [1, 2, 3, 4, 6, 8, 12, 20, 40])
def test_a_limit_of_recursion_that_leaves_hardly_any_room_is_raised_again_at_once(room):
    limit = sys.getrecursionlimit()

    def answer(x):
        sys.setrecursionlimit(depth() + room)
        return 3 * x

    report = mark(TWICE, answer)
    assert report.points == 0
    assert sys.getrecursionlimit() == limit


def test_text_that_no_screen_can_take_is_written_out():
    def answer(x):
        print("\ud800")
        raise ValueError("\ud800")

    failure = mark(TWICE, answer).failure
    assert failure.printed == "\\ud800\n"
    assert failure.got == "ValueError: \\ud800"


def test_nobody_is_asked_and_nothing_goes_on_tracing():
    before = sys.gettrace(), sys.breakpointhook, input

    def stops(x):
        breakpoint()
        return 2 * x

    def asks(x):
        return 2 * float(input("x?"))

    def traces(x):
        sys.settrace(lambda *event: None)
        return 2 * x

    assert "take breakpoint() out" in mark(TWICE, stops).failure.detail
    assert "nobody to ask" in mark(TWICE, asks).failure.detail
    mark(TWICE, traces)
    assert (sys.gettrace(), sys.breakpointhook, input) == before


def test_an_answer_that_takes_other_parameters_is_told_what_python_says():
    failure = mark(TWICE, lambda: 2).failure
    assert failure.kind == "raised"
    assert "takes 0 positional arguments but 1 was given" in failure.detail
    assert failure.lines == ()


def test_torch_is_left_as_it_was_and_its_dice_fall_the_same():
    torch = pytest.importorskip("torch")
    state = torch.get_rng_state()
    drawn = []

    def answer(x):
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        drawn.append(torch.rand(1).item())
        return 2 * x

    assert mark(TWICE, answer).status == mark(TWICE, answer).status == "passed"
    assert drawn[:3] == drawn[3:]
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_copy_of_the_process_does_not_go_on_marking(tmp_path):
    told = tmp_path / "told"

    def answer(x):
        os.fork()
        return 2 * x

    report = mark(TWICE, answer)
    with told.open("a") as file:
        file.write("marked once\n")
    assert report.status == "passed"
    assert told.read_text() == "marked once\n"


def test_a_thing_with_a_hostile_class_is_not_callable_and_that_is_all():
    class Meta(type):
        def __getattribute__(cls, name):
            raise SystemExit(name)

    class Thing(metaclass=Meta):
        pass

    report = mark(TWICE, Thing())
    assert (report.status, report.failure.kind) == ("failed", "not callable")
