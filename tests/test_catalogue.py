"""Every exercise of the course, in one table of promises. An exercise that is added later is held to them as well."""

import builtins
import inspect
import json
import re
import sys
from importlib import import_module
from itertools import combinations

import numpy as np
import pytest

from embedcourse.catalogue import exercises, lessons
from embedcourse.marking import LocalAnswer, Report, compare, freeze, mark
from embedcourse.marking.model import call
from tests import remote
from tests.mutants import right_answers

EXERCISES = list(exercises().values())
MISTAKES = [(exercise, mistake) for exercise in EXERCISES for mistake in exercise.mistakes]
WITH_OTHER_NUMBERS = [(exercise, numbers) for exercise in EXERCISES for numbers in exercise.others]
SEEDS = range(8)

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)


def every_mistake(function):
    ids = [f"{exercise.name}: {mistake.name}" for exercise, mistake in MISTAKES]
    return pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=ids)(function)


@every_exercise
def test_the_reference_gets_full_marks_under_every_seed(exercise):
    for seed in SEEDS:
        report = mark(exercise, exercise.reference, seed)
        assert report.status == "passed", report
        assert report.points == report.max_points


@every_mistake
def test_a_mistake_fails_with_its_own_sentence_under_every_seed(exercise, mistake):
    for seed in SEEDS[:5]:  # of all tests the one that takes longest; that any two differ is tried under all
        report = mark(exercise, mistake.implementation, seed)
        assert report.status in ("failed", "error")
        assert report.points < report.max_points
        assert (report.mistake, report.message) == (mistake.name, mistake.sentence), report


@every_exercise
def test_any_two_mistakes_differ_on_some_case_under_every_seed(exercise):
    for seed in SEEDS:
        cases = [
            freeze(case.args)
            for number, part in enumerate(exercise.parts, start=1)
            for case in part.cases(np.random.default_rng([seed, number]))
        ]
        outcomes = {
            mistake.name: [LocalAnswer(mistake.implementation).run(exercise.probe, args) for args in cases]
            for mistake in exercise.mistakes
        }
        for first, second in combinations(outcomes, 2):
            pairs = zip(outcomes[first], outcomes[second], strict=True)
            assert any(differ(*pair) for pair in pairs), f"{first} and {second} are the same under seed {seed}"


def differ(one, other):
    if one.raised is not None or other.raised is not None:
        return one.raised != other.raised
    return compare(one.value, other.value) is not None or compare(one.args_after, other.args_after) is not None


@every_exercise
def test_the_stub_is_not_attempted(exercise):
    report = mark(exercise, remote.from_notebook(exercise.name, stub=True))
    assert (report.status, report.points) == ("not attempted", 0)


@every_exercise
def test_the_notebooks_own_answer_passes(exercise):
    for seed in SEEDS:
        assert mark(exercise, remote.from_notebook(exercise.name, stub=False), seed).status == "passed"


@every_exercise
def test_other_right_ways_of_writing_it_get_full_marks_under_every_seed(exercise):
    ways = right_answers(exercise.name)
    assert len(ways) >= 3, "beside the lesson's own there must be two, in tests/<topic>/right_answers.py"
    for name, answer in ways.items():
        for seed in SEEDS:
            report = mark(exercise, answer, seed)
            assert report.points == report.max_points, (name, report)


def test_right_answers_belong_to_exercises():
    for topic in {lesson.topic for lesson in lessons()}:
        written = vars(import_module(f"tests.{topic}.right_answers"))
        assert {name.partition("__")[0] for name in written if "__" in name.strip("_")} <= set(exercises())


@every_exercise
@pytest.mark.skipif(sys.platform != "linux", reason="strangers' code is locked in by means that only Linux has")
def test_reports_are_the_same_from_behind_the_walls(exercise, stranger):
    for name in ("reference", "solution", "stub", *(mistake.name for mistake in exercise.mistakes)):
        here = mark(exercise, remote.answer(exercise.name, name), seed=3)
        there = stranger.mark(exercise.name, name, seed=3)
        assert there == here
        assert Report.from_dict(json.loads(json.dumps(there.to_dict()))) == here


@every_exercise
def test_an_answer_that_always_fails_or_gives_nonsense_earns_nothing(exercise):
    def always_raises(*args):
        raise IndexError("always")

    def always_key_error(*args):
        raise KeyError("always")

    for answer in (always_raises, always_key_error, lambda *args: None, lambda *args: np.nan, lambda *args: object()):
        report = mark(exercise, answer)
        assert report.points == 0, report
        assert report.status in ("failed", "error")


@every_exercise
def test_an_exercise_is_made_as_the_design_says(exercise):
    assert len(exercise.mistakes) >= 3
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes)
    for part_number, part in enumerate(exercise.parts, start=1):
        cases = list(part.cases(np.random.default_rng([0, part_number])))
        assert part.points > 0
        assert 1 <= len(cases) <= 25
        demanding = [case for case in cases if case.raises]
        assert len(demanding) < len(cases), f"part {part.label!r} is earned by an answer that always raises"
        for case in demanding:
            for kind in case.raises if isinstance(case.raises, tuple) else (case.raises,):
                assert getattr(builtins, kind.__name__) is kind, "only builtin exceptions can be told from afar"


@every_exercise
def test_the_notebook_asks_for_the_parameters_that_the_cases_give(exercise):
    written = list(inspect.signature(remote.from_notebook(exercise.name, stub=False)).parameters)
    reference = list(inspect.signature(exercise.reference).parameters)
    given = {len(case.args) for part in exercise.parts for case in part.cases(np.random.default_rng(0))}
    probed = list(inspect.signature(exercise.probe).parameters)[1:]
    assert given == {len(written) if exercise.probe is call else len(probed)}
    assert reference[: len(written)] == written


def every_choice_of_numbers(function):
    ids = [f"{exercise.name}: {' '.join(map(str, numbers.values()))}" for exercise, numbers in WITH_OTHER_NUMBERS]
    return pytest.mark.parametrize(("exercise", "numbers"), WITH_OTHER_NUMBERS, ids=ids)(function)


def _promises(exercise):
    entries = [[case.entry for case in part.cases(np.random.default_rng(0))] for part in exercise.parts]
    return entries, [(part.points, part.dtype, part.within) for part in exercise.parts]


@every_choice_of_numbers
def test_with_other_numbers_it_is_the_same_exercise(exercise, numbers):
    own = exercise.build(**numbers)
    assert numbers.keys() == exercise.numbers.keys()
    assert (own.name, own.title, own.lesson, own.core) == (
        exercise.name,
        exercise.title,
        exercise.lesson,
        exercise.core,
    )
    assert _promises(own) == _promises(exercise)
    assert [mistake.name for mistake in own.mistakes] == [mistake.name for mistake in exercise.mistakes]
    assert freeze(own.reference()) != freeze(exercise.reference()), "the printed answer would pass"


@every_choice_of_numbers
def test_other_numbers_are_marked_as_well_as_the_printed_ones(exercise, numbers):
    own = exercise.build(**numbers)
    report = mark(own, own.reference)
    assert (report.status, report.points) == ("passed", report.max_points)
    for mistake in own.mistakes:
        report = mark(own, mistake.implementation)
        assert report.status in ("failed", "error")
        assert (report.mistake, report.message) == (mistake.name, mistake.sentence), report
    answers = [LocalAnswer(mistake.implementation).run(own.probe, ()) for mistake in own.mistakes]
    assert all(differ(*pair) for pair in combinations(answers, 2))


@every_choice_of_numbers
def test_what_is_said_of_other_numbers_names_none_of_the_printed_ones(exercise, numbers):
    own = exercise.build(**numbers)
    printed = _large(" ".join(f"{value:,}" for value in exercise.numbers.values() if isinstance(value, int)))
    here = _large(" ".join(f"{value:,}" for value in numbers.values() if isinstance(value, int)))
    said = " ".join([*(part.label for part in own.parts), *(mistake.sentence for mistake in own.mistakes)])
    assert not _large(said) & (printed - here)


def _large(text):
    """The numbers of three digits or more: a smaller one may well mean something else."""
    return set(re.findall(r"\d[\d,]*\d\d", text))


def test_a_class_may_have_the_numbers_of_these():
    choices = {exercise.name: len(exercise.others) for exercise in EXERCISES if exercise.others}
    assert list(choices) == [
        "one_hot_cost",
        "sgns_target",
        "gpt2_in_numbers",
        "albert_in_numbers",
        "two_readings",
        "position_parameters",
    ]
    real_models = ("gpt2_in_numbers", "albert_in_numbers", "two_readings")
    assert min(many for name, many in choices.items() if name not in real_models) >= 12
    for exercise in EXERCISES:
        assert exercise.numbers not in exercise.others
        assert all(exercise.others.count(numbers) == 1 for numbers in exercise.others)


def test_names_are_unique_and_in_the_order_of_the_lessons():
    names = [name for lesson in lessons() for name in lesson.exercises]
    assert names == list(exercises())
    assert len(set(names)) == len(names) == len(exercises())
    for lesson in lessons():
        assert all(exercises()[name].lesson == lesson.number for name in lesson.exercises)
    assert [lesson.number for lesson in lessons()] == sorted({lesson.number for lesson in lessons()})


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError, match="no exercise is called 'look'"):
        exercises()["look"]
