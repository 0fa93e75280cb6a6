"""How wrong numbers relate to right ones, and what a learner is told of it."""

import numpy as np
import pytest

from embedcourse.marking import Case, Exercise, LocalAnswer, Part, entry_part, freeze, mark
from embedcourse.marking.relations import relation

RIGHT = np.array([[1.5, -2.25, 3.75], [0.5, 4.0, -1.0]])
SENTENCES = {
    "negated": (lambda x: -x, "Every number has the wrong sign."),
    "signs lost": (np.abs, "The sizes are right, and the signs are lost."),
    "transposed": (lambda x: x.T, "These are the right numbers with rows and columns exchanged."),
    "cut to whole numbers": (lambda x: x.astype(np.int64), "The numbers are cut off to whole ones."),
    "left at zero": (lambda x: np.where(x < 0, 0.0, x), "What is wrong is 0, all else is right."),
    "scaled": (lambda x: 3 * x, "Every number is the right one times the same factor."),
    "shifted": (lambda x: x + 0.5, "Every number is off by the same amount."),
    "nearly": (lambda x: x + 1e-5, "Nearly right, and it is not rounding."),
    "not a number": (lambda x: np.where(x == 4, np.nan, x), "There is a NaN where a number is due."),
    "infinite": (lambda x: np.where(x == 4, np.inf, x), "There is an infinite number."),
}


def doubling(*extra):
    parts = (Part("p", 1, lambda rng: [Case((table * factor,)) for table in (RIGHT, *extra) for factor in (1, 2)]),)
    return Exercise("same", "The same", 1, lambda x: x, parts, mistakes=())


@pytest.mark.parametrize("name", SENTENCES)
def test_a_relation_is_found_and_told(name):
    change, sentence = SENTENCES[name]
    assert relation(freeze(change(RIGHT)), freeze(RIGHT)) == name
    assert mark(doubling(), lambda x: change(x)).message.startswith(sentence)


def test_orders_of_a_list():
    assert relation(np.array([3, 2, 1]), np.array([1, 2, 3])) == "back to front"
    assert relation(np.array([2, 1, 3]), np.array([1, 2, 3])) == "in another order"


def test_what_has_no_simple_relation_has_none():
    assert relation(freeze(RIGHT**2), freeze(RIGHT)) is None
    assert relation(freeze(RIGHT), freeze(RIGHT)) is None
    assert relation("a", "b") is None
    assert relation(freeze(RIGHT[:1]), freeze(RIGHT)) is None
    assert relation(2.0, 1.0) is None  # of one number no factor is believed
    assert relation(-1.0, 1.0) == "negated"


def test_rows_that_were_never_filled_are_not_called_cut_off():
    turns = np.array([[0.0, 1.0], [0.841, 0.54], [0.909, -0.416]])
    assert relation(np.array([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]), turns) == "left at zero"
    assert relation(np.trunc(turns).astype(np.uint8), turns) == "cut to whole numbers"


def test_in_a_tuple_all_wrong_arrays_must_agree():
    a, b = RIGHT, RIGHT[0]
    assert relation(freeze((-a, -b)), freeze((a, b))) == "negated"
    assert relation(freeze((-a, b)), freeze((a, b))) == "negated"
    assert relation(freeze((-a, b + 0.5)), freeze((a, b))) is None


def test_a_relation_that_holds_in_one_case_alone_is_not_told():
    ones = np.ones((2, 2))
    report = mark(doubling(ones, 2 * ones, 3 * ones), lambda x: x**2 if x[0, 0] != 1.5 else -x)
    assert "wrong sign" not in report.message


def test_two_numbers_that_look_alike_are_shown_with_the_digits_that_differ():
    report = mark(doubling(), lambda x: x + 1e-7)
    assert "1.5000001, where 1.5 is right" in report.failure.detail


def test_a_person_may_round_what_is_worked_out_by_hand():
    exercise = Exercise(
        "third",
        "A third",
        1,
        lambda: {"x": 1 / 3, "n": 10},
        (entry_part("x", "x", within=0.005), entry_part("n", "n")),
        mistakes=(),
    )
    assert mark(exercise, lambda: {"x": 0.333, "n": 10}).points == 2
    assert mark(exercise, lambda: {"x": 0.33, "n": 10}).points == 1
    assert mark(exercise, lambda: {"x": 0.3333, "n": 10.01}).points == 1
    assert mark(exercise, lambda: {"x": 10**50_000, "n": 10}).points == 1
    assert mark(exercise, lambda: {"x": -1 / 3, "n": 10}).points == 1


def test_memory_that_nobody_wrote_to_does_not_hold_the_right_answer_by_luck():
    def unwritten(counts):
        return np.log(counts, where=counts > 1)

    zeros = np.zeros((3, 3))
    zeros[0, 0] = 2.0
    keep = [np.zeros((3, 3)) for _ in range(50)]
    del keep
    outcome = LocalAnswer(unwritten).run(lambda answer, x: answer(x), freeze((zeros,)))
    assert np.isnan(outcome.value).sum() == 8
