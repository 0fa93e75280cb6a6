"""The judge on small exercises of its own: outcomes, partial credit, evidence, and answers that misbehave."""

import sys
import warnings

import numpy as np
import pytest

from embedcourse.marking import Case, Exercise, Mistake, Part, Report, mark


def double(x):
    """Twice x."""
    return x * 2


def refuse_or_double(x):
    if np.any(np.asarray(x) < 0):
        raise ValueError("negative")
    return x * 2


def exercise(*parts, reference=double, mistakes=(), **more):
    return Exercise("double", "Doubling", 1, reference, parts, tuple(mistakes), **more)


def cases_of(*cases):
    return lambda rng: iter(cases)


NUMBERS = Part("numbers", 1, cases_of(Case((1.0,)), Case((2.0,)), Case((-3.0,))))
ARRAYS = Part("arrays", 2, cases_of(Case((np.ones(2),)), Case((np.arange(6.0).reshape(2, 3),))))
REFUSING = Part("refusing", 1, cases_of(Case((-1.0,), raises=ValueError), Case((1.0,))))
BOTH = exercise(NUMBERS, ARRAYS)


def test_passed():
    report = mark(BOTH, lambda x: x + x)
    assert (report.status, report.points, report.max_points) == ("passed", 3, 3)
    assert report.failure is None
    assert [(part.label, part.points, part.passed) for part in report.parts] == [
        ("numbers", 1, True),
        ("arrays", 2, True),
    ]


def test_partial_credit_and_the_smallest_failing_case():
    report = mark(BOTH, lambda x: x * 2 if np.ndim(x) == 0 else x[:1] * 2)
    assert (report.status, report.points) == ("failed", 1)
    failure = report.failure
    assert (failure.part, failure.part_number, failure.kind) == ("arrays", 2, "shape")
    assert failure.inputs == (("x", "array([1, 1]) of shape (2,)"),)
    assert failure.got == "array([2]) of shape (1,)"
    assert failure.wanted == "array([2, 2]) of shape (2,)"
    assert "array" not in report.message, "the message holds no case data"


def test_not_attempted_only_if_nothing_was():
    def stub(x):
        raise NotImplementedError

    def half_done(x):
        if np.ndim(x):
            raise NotImplementedError
        return x * 2

    assert mark(BOTH, stub).status == "not attempted"
    report = mark(BOTH, half_done)
    assert (report.status, report.points, report.failure.kind) == ("error", 1, "not implemented")


def test_an_error_shows_type_text_and_the_learners_own_lines():
    def outer(x):
        return inner(x)

    def inner(x):
        return {}["missing"]

    failure = mark(BOTH, outer).failure
    assert failure.kind == "raised"
    assert failure.detail == "yours raised KeyError: missing"
    assert [line.split(": ", 1)[1] for line in failure.lines] == ["return inner(x)", 'return {}["missing"]']


def test_at_most_three_of_many_lines():
    def deep(x, n=10):
        return deep(x, n - 1) if n else 1 / 0

    assert len(mark(BOTH, deep).failure.lines) == 3


def test_endless_recursion_is_told_as_such():
    def again(x):
        return again(x)

    report = mark(BOTH, again)
    assert report.status == "error"
    assert "calls itself without end" in report.message


def test_a_demanded_exception():
    refusing = exercise(REFUSING, reference=refuse_or_double)

    def other(x):
        if x < 0:
            raise KeyError("no")
        return x * 2

    def child(x):
        class Special(ValueError):
            pass

        if x < 0:
            raise Special
        return x * 2

    def not_implemented(x):
        if x < 0:
            raise NotImplementedError
        return x * 2

    assert mark(refusing, refuse_or_double).status == "passed"
    assert mark(refusing, child).status == "passed"
    assert mark(refusing, double).failure.kind == "not raised"
    assert mark(refusing, double).failure.detail == "it must raise ValueError here, and yours returned -2"
    assert mark(refusing, other).failure.kind == "wrong exception"
    assert mark(refusing, not_implemented).failure.kind == "not implemented"


def test_not_implemented_never_satisfies_even_a_demand_for_its_parents():
    demand = exercise(Part("p", 1, cases_of(Case((-1.0,), raises=RuntimeError), Case((1.0,)))))

    def answer(x):
        if x < 0:
            raise NotImplementedError
        return x * 2

    assert mark(demand, answer).points == 0


def test_a_law_replaces_equality():
    def at_least_ten(args, value):
        return None if value >= 10 else f"{value} is less than ten"

    lawful = exercise(Part("p", 1, cases_of(Case((1,), law=at_least_ten))))
    assert mark(lawful, lambda x: 12).status == "passed"
    failure = mark(lawful, lambda x: 3).failure
    assert (failure.kind, failure.detail, failure.wanted) == ("law", "3 is less than ten", "")


def test_changing_an_input_is_caught_even_if_the_value_is_right():
    def in_place(x):
        x *= 2
        return x

    report = mark(exercise(ARRAYS), in_place)
    assert (report.status, report.failure.kind) == ("failed", "input changed")
    assert report.failure.detail == "x is no longer what it was before the call"


def test_the_answer_gets_fresh_copies_and_a_view_earns_no_more_than_a_copy():
    kept = []

    def greedy(x):
        kept.append(x)
        for earlier in kept[:-1]:
            earlier += 1
        return x * 2

    assert mark(exercise(ARRAYS), greedy).status == "passed"
    assert mark(exercise(Part("p", 1, cases_of(Case((np.zeros(2),))))), lambda x: x[:]).status == "passed"


def test_a_value_that_was_not_given_away():
    value = exercise(Part("p", 1, cases_of(Case(()))), reference=lambda: 41)
    report = mark(value, lambda: 7)
    assert report.failure.detail == "your answer is 7, and that is not it"
    assert "41" not in str(report)


def triple(x):
    return x * 3


def square(x):
    return x * x


def plus_one(x):
    return x + 1


NAMED = exercise(
    NUMBERS,
    ARRAYS,
    mistakes=[Mistake("plus one", plus_one, "That adds one."), Mistake("square", square, "That squares.")],
)


def test_a_mistake_is_named_by_the_failing_outcome():
    assert mark(NAMED, lambda x: x * x).message == "That squares."
    assert mark(NAMED, lambda x: x + 1).mistake is not None
    assert mark(NAMED, triple).mistake is None
    assert mark(NAMED, triple).message == mark(BOTH, triple).message


def test_among_several_the_mistake_that_agrees_on_most_cases_wins():
    same_at_first = exercise(
        Part("p", 1, cases_of(Case((4.0,)), Case((5.0,)), Case((6.0,)))),
        mistakes=[
            Mistake("sixteen", lambda x: 16.0, "Always sixteen."),
            Mistake("square", square, "That squares."),
        ],
    )
    assert mark(same_at_first, lambda x: x * x).mistake == "square"
    assert mark(same_at_first, lambda x: 16.0).mistake == "sixteen"
    assert mark(same_at_first, lambda x: 16.0 if x == 4 else 0.0).mistake == "sixteen"


def test_prints_and_warnings_are_caught_and_the_first_failing_cases_prints_are_shown(capsys):
    def noisy(x):
        print("x is", x)
        print("to stderr", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return 0.0

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        report = mark(BOTH, noisy)
    assert not seen
    assert capsys.readouterr() == ("", "")
    assert report.failure.printed == "x is 1.0\nto stderr\n"


def test_an_answer_that_warns_is_not_wrong_for_that():
    def warns(x):
        warnings.warn("careful", stacklevel=1)
        return x * 2

    assert mark(BOTH, warns).status == "passed"


def test_a_flood_of_prints_is_cut():
    def flood(x):
        for _ in range(10_000):
            print("drip " * 10)
        return 0.0

    assert len(mark(exercise(Part("p", 1, cases_of(Case((1.0,))))), flood).failure.printed) <= 2_000


class HostileError(Exception):
    def __str__(self):
        raise SystemExit


class EmptyNameError(Exception):
    pass


@pytest.mark.parametrize("error", [HostileError(), SystemExit(3), GeneratorExit(), MemoryError(), StopIteration(5)])
def test_no_exception_gets_out(error):
    def answer(x):
        raise error

    report = mark(BOTH, answer)
    assert (report.status, report.points) == ("error", 0)
    assert type(error).__name__ in report.failure.detail


def test_an_interrupt_ends_marking_and_earns_nothing():
    calls = []

    def stopped(x):
        calls.append(x)
        if np.ndim(x):
            raise KeyboardInterrupt
        return x * 2

    report = mark(BOTH, stopped)
    assert (report.status, report.failure.kind, report.points) == ("error", "interrupted", 1)
    assert len(calls) == 4, "nothing is run after the interrupt"


@pytest.mark.parametrize("answer", [None, 3, "text", np.ones(2)])
def test_what_cannot_be_called_is_failed(answer):
    report = mark(BOTH, answer)
    assert (report.status, report.points, report.max_points) == ("failed", 0, 3)
    assert type(answer).__name__ in report.failure.detail


def test_the_same_seed_gives_the_same_report_and_another_seed_other_cases():
    def random(rng):
        yield Case((float(rng.normal()),))

    drawn = exercise(Part("p", 1, random))
    assert mark(drawn, triple, seed=1) == mark(drawn, triple, seed=1)
    assert mark(drawn, triple, seed=1).failure.inputs != mark(drawn, triple, seed=2).failure.inputs


def test_an_exercise_whose_own_reference_fails_says_so():
    broken = exercise(Part("p", 1, cases_of(Case(("text",)))), reference=lambda x: x.missing)
    with pytest.raises(RuntimeError, match="'double' is broken: its own reference raised AttributeError"):
        mark(broken, lambda x: x)


def test_a_probe_turns_an_answer_into_values():
    def twice(answer, x):
        return answer(answer(x))

    probed = exercise(Part("p", 1, cases_of(Case((3,)))), probe=twice)
    assert mark(probed, lambda x: x + x).status == "passed"
    report = mark(probed, lambda x: x)
    assert (report.failure.inputs, report.failure.got, report.failure.wanted) == ((("x", "3"),), "3", "12")


def test_a_class_is_called_like_a_function():
    class Double(float):
        def __new__(cls, x):
            return x * 2

    assert mark(exercise(NUMBERS), Double).status == "passed"


def test_a_report_survives_as_data():
    for answer in (double, triple, None):
        report = mark(NAMED, answer)
        assert Report.from_dict(report.to_dict()) == report
