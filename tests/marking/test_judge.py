"""The judge on small exercises of its own: outcomes, partial credit, evidence, and answers that misbehave."""

import sys
import warnings

import numpy as np
import pytest

from embedcourse.marking import LEFT_OUT, Case, Exercise, Mistake, Opaque, Part, Report, Tensor, mark


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


def test_at_most_three_of_many_lines_and_no_line_twice_in_a_row():
    def deep(x, n=10):
        if n % 2:
            return deep(x, n - 1)
        return deep(x, n - 1) if n else 1 / 0

    def one_line_ten_times(x, n=10):
        return one_line_ten_times(x, n - 1) if n else 1 / 0

    assert len(mark(BOTH, deep).failure.lines) == 3
    assert len(mark(BOTH, one_line_ten_times).failure.lines) == 1


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
    assert mark(refusing, double).failure.detail == "it must raise ValueError here, and yours returned -2.0"
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
    assert mark(lawful, lambda x: None).failure.kind == "container", "a law is no place to fall over"
    failure = mark(lawful, lambda x: 3).failure
    assert (failure.kind, failure.detail, failure.wanted) == ("law", "3 is less than ten", "")


def test_of_what_breaks_a_law_in_the_same_way_the_same_is_said():
    def large_and_even(args, value):
        return "small" if value < 10 else "odd" if value % 2 else None

    mistakes = (Mistake("too small", lambda x: 1, "Larger."), Mistake("odd", lambda x: 13, "Even."))
    lawful = exercise(Part("p", 1, cases_of(Case((1,), law=large_and_even))), mistakes=mistakes)
    assert mark(lawful, lambda x: 8).mistake == "too small"
    assert mark(lawful, lambda x: 99).mistake == "odd"
    assert mark(lawful, lambda x: "many").mistake is None


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
    assert (report.failure.kind, report.failure.detail) == ("secret", "your answer is not right")
    assert (report.failure.got, report.failure.wanted) == ("7", "")
    assert "41" not in str(report)


def test_values_under_the_wrong_keys_do_not_tell_the_right_ones_either():
    swapped = exercise(Part("p", 1, cases_of(Case(()))), reference=lambda: {"a": 41, "b": 2})
    report = mark(swapped, lambda: {"a": 2, "b": 41})
    assert (report.failure.kind, report.failure.detail, report.failure.wanted) == (
        "secret",
        "your answer is not right",
        "",
    )


def right_dict():
    return {"a": 41, "b": 2}


ENTRIES = exercise(
    Part("a", 1, cases_of(Case((), entry="a"))),
    Part("b", 1, cases_of(Case((), entry="b"))),
    reference=right_dict,
    mistakes=[
        Mistake("forty", lambda: {"a": 40, "b": 2}, "One more."),
        Mistake("three", lambda: {"a": 41, "b": 3}, "Less."),
    ],
)


def test_entries_of_a_dict_are_marked_one_by_one():
    report = mark(ENTRIES, lambda: {"a": 41, "b": 7})
    assert report.points == 1
    assert report.failure.detail == "your value for 'b' is not right"
    assert "no key 'b'; its keys are ['a', 'c']" in mark(ENTRIES, lambda: {"a": 41, "c": 2}).failure.detail
    assert mark(ENTRIES, lambda: [41, 2]).failure.detail == "your answer is a list; it should be a dict"
    floats = mark(ENTRIES, lambda: {"a": 41.0, "b": 2})
    assert (floats.failure.kind, floats.failure.got) == ("dtype", "{'a': 41.0, 'b': 2}")


def test_a_mistake_in_one_entry_is_named_whatever_the_others_are():
    assert mark(ENTRIES, lambda: {"a": 40, "b": 99}).mistake == "forty"
    assert mark(ENTRIES, lambda: {"a": 41, "b": 3}).mistake == "three"
    assert mark(ENTRIES, lambda: {"a": 7, "b": 3}).mistake is None


def test_wrong_values_come_before_a_wrong_dtype():
    both = exercise(
        Part("first", 1, cases_of(Case((np.ones(2, np.float32),)))), Part("second", 1, cases_of(Case((3.0,))))
    )
    report = mark(both, lambda x: np.float64(2) * np.ones(2) if np.ndim(x) else 7.0)
    assert (report.failure.part, report.failure.kind) == ("second", "value")
    only_dtype = mark(both, lambda x: (x * 2).astype(np.float64) if np.ndim(x) else x * 2)
    assert (only_dtype.failure.part, only_dtype.failure.kind) == ("first", "dtype")


def test_refusing_what_is_valid_is_told_as_such():
    def too_strict(x):
        if x < 2:
            raise ValueError("too small")
        return x * 2

    report = mark(exercise(REFUSING, reference=refuse_or_double), too_strict)
    assert report.status == "error"
    assert "this input is valid" in report.message


def forgets(x):
    x * 2


def prints(x):
    print(x * 2)


def yields(x):
    yield x * 2


def returns_error(x):
    return ValueError("negative") if x < 0 else x * 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (forgets, "returns nothing"),
        (prints, "prints its answer and returns nothing"),
        (yields, "a `yield` in it"),
        (returns_error, "write `raise`"),
        (lambda x: ValueError if x < 0 else x * 2, "write `raise`"),
    ],
)
def test_the_commonest_slips_get_their_own_sentence(answer, words):
    refusing = exercise(REFUSING, reference=refuse_or_double)
    assert words in mark(refusing, answer).message


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
        Part("p", 1, cases_of(*(Case((x,)) for x in (4.0, 5.0, 6.0, 7.0)))),
        mistakes=[
            Mistake("sixteen", lambda x: 16.0, "Always sixteen."),
            Mistake("square", square, "That squares."),
        ],
    )
    assert mark(same_at_first, lambda x: x * x).mistake == "square"
    assert mark(same_at_first, lambda x: 16.0).mistake == "sixteen"
    assert mark(same_at_first, lambda x: 16.0 if x < 7 else 0.0).mistake == "sixteen"
    assert mark(same_at_first, lambda x: 16.0 if x < 6 else 0.0).mistake is None  # two of four may be chance
    assert mark(same_at_first, lambda x: 16.0 if x == 4 else 0.0).mistake is None, "one case alone can look alike"


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


def hostile_errors():
    """Made when asked for: not even pytest's own collection can bear to look at some of these classes."""

    class HostileError(Exception):
        def __str__(self):
            raise SystemExit

    class UnreadableError(Exception):
        def __getattribute__(self, name):
            raise RuntimeError("no")

    class LyingMeta(type):
        __mro__ = property(lambda cls: 1 / 0)
        __module__ = property(lambda cls: 1 / 0)

        def __getattribute__(cls, name):
            raise RuntimeError("no")

    class MetaError(Exception, metaclass=LyingMeta):
        pass

    plain = [SystemExit(3), GeneratorExit(), MemoryError(), StopIteration(5)]
    return [HostileError(), UnreadableError(), MetaError(), *plain]


class FakeValueError(Exception):
    __module__ = "builtins"


FakeValueError.__name__ = FakeValueError.__qualname__ = "ValueError"


def test_a_class_that_only_calls_itself_value_error_is_none():
    def answer(x):
        if x < 0:
            raise FakeValueError
        return x * 2

    assert mark(exercise(REFUSING, reference=refuse_or_double), answer).failure.kind == "wrong exception"


@pytest.mark.parametrize("number", range(7))
def test_no_exception_gets_out(number):
    error = hostile_errors()[number]

    def answer(x):
        raise error

    report = mark(BOTH, answer)
    assert (report.status, report.points) == ("error", 0)
    assert type.__dict__["__name__"].__get__(type(error)) in report.failure.detail


def closes_the_screen(x):
    sys.stdout.close()
    return x * 2


def closes_it_harder(x):
    import io

    io.TextIOBase.close(sys.stdout)
    sys.stdout.getvalue = None
    return x * 2


def exits_through_its_input(x):
    class Exits(type):
        __name__ = property(lambda cls: sys.exit())

    if isinstance(x, list):
        x.append(Exits("Bomb", (), {})())
    return 0


def odd_answers():
    """Made when asked for, since collecting tests looks at everything in a module."""

    class OddText(str):
        def __getitem__(self, key):
            raise RuntimeError("no")

    class OddTextError(Exception):
        def __str__(self):
            return OddText("odd")

    def raises_odd_text(x):
        raise OddTextError

    class OddCode:
        @property
        def __code__(self):
            raise RuntimeError("no")

        def __call__(self, x):
            return x * 2

    class OddFile(OddCode):
        class __code__:
            co_filename = [1]  # noqa: RUF012

        def __call__(self, x):
            raise ValueError("wrong")

    class NoAttributes:
        def __getattr__(self, name):
            raise RuntimeError("no")

    return [
        (closes_it_harder, "passed"),
        (raises_odd_text, "error"),
        (OddCode(), "passed"),
        (OddFile(), "error"),
        (NoAttributes(), "failed"),
        (sys, "failed"),
    ]


@pytest.mark.parametrize("number", range(6))
def test_odd_answers_do_not_get_through_to_the_judge(number):
    answer, status = odd_answers()[number]
    assert mark(exercise(NUMBERS), answer).status == status


def test_half_precision_earns_nothing_where_any_dtype_of_the_kind_will_do():
    loose = exercise(Part("p", 1, cases_of(Case((np.linspace(1, 2, 5),))), dtype="kind"))
    assert mark(loose, lambda x: (x * 2).astype(np.float32)).status == "passed"
    assert mark(loose, lambda x: (x * 2 * 1.0035).astype(np.float16)).failure.kind == "dtype"


@pytest.mark.parametrize("right", [{1, 2}, np.array(["a"]), {np.float64: 1}])
def test_a_right_answer_that_is_no_plain_value_is_the_exercises_fault(right):
    broken = exercise(Part("p", 1, cases_of(Case((1,)))), reference=lambda x: right)
    with pytest.raises(RuntimeError, match="no plain value"):
        mark(broken, lambda x: right)


def test_dicts_may_have_pairs_as_keys():
    pairs = exercise(Part("p", 1, cases_of(Case((3,)))), reference=lambda n: {(0, 1): 2, (1, 0): n})
    assert mark(pairs, lambda n: {(1, 0): n, (0, 1): 2}).status == "passed"
    assert mark(pairs, lambda n: {(7, 7): n}).status == "failed"


def breaks_its_input(x):
    import torch

    if isinstance(x, list):
        x.append(torch.eye(2, dtype=torch.complex64).conj())
        x.append(np.broadcast_to(0.0, (10**5, 10**5)))
    return 0


def test_what_an_answer_does_to_the_screen_or_its_inputs_breaks_nothing():
    assert mark(exercise(NUMBERS), closes_the_screen).status == "passed"
    for answer in (breaks_its_input, exits_through_its_input):
        assert mark(exercise(Part("p", 1, cases_of(Case(([1],))))), answer).status == "failed"


@pytest.mark.parametrize(
    "value", [Tensor("float64", [1, 2]), Tensor("nope", None), Opaque(5), np.broadcast_to(0.0, (10**5, 10**5)), 10**400]
)
def test_forged_and_gigantic_values_are_only_wrong(value):
    assert mark(BOTH, lambda x: value).status == "failed"


def test_an_argument_that_is_left_out_tries_the_answers_own_default():
    def add(x, more=1):
        return x + more

    def parts(rng):
        yield Case((2, 5))
        yield Case((2, LEFT_OUT))

    adding = exercise(Part("adding", 1, parts), reference=add)
    assert mark(adding, lambda x, more=1: x + more).status == "passed"
    wrong = mark(adding, lambda x, more=2: x + more)
    assert (wrong.status, wrong.failure.got, wrong.failure.wanted) == ("failed", "4", "3")
    assert wrong.failure.inputs == (("x", "2"), ("more", "not given"))


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


def test_a_failure_tells_the_forms_of_its_inputs():
    failure = mark(BOTH, lambda x: x * 2 if np.ndim(x) == 0 else x[:1] * 2).failure
    assert failure.shapes == (("x", "array of shape (2,)"),)
    assert mark(exercise(NUMBERS), lambda x: -x).failure.shapes == (("x", "float"),)
