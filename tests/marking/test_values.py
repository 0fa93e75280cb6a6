"""Freezing, comparing and printing: what an answer may return, and what is told apart."""

from collections import Counter

import numpy as np
import pytest
import torch

from embedcourse.marking import Opaque, Tensor, compare, freeze, show_value, thaw
from embedcourse.marking.values import show_form


class LyingArray(np.ndarray):
    shape = (1, 2, 3)

    def __eq__(self, other):
        return True


class LyingMeta(type):
    __name__ = "numpy.ndarray"


class Liar(metaclass=LyingMeta):
    pass


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "é", b"x", [1, [2]], (1, "a"), {"a": (1,), 2: None}])
def test_plain_values_freeze_to_themselves(value):
    frozen = freeze(value)
    assert type(frozen) is type(value)
    assert frozen == value
    assert thaw(frozen) == value


def test_frozen_arrays_are_copies_that_cannot_be_written():
    original = np.arange(6).reshape(2, 3).T
    frozen = freeze(original)
    original[0, 0] = 99
    assert frozen[0, 0] == 0
    assert not frozen.flags.writeable
    assert thaw(frozen).flags.writeable


def test_tensors_keep_dtype_and_numbers():
    for dtype in (torch.float32, torch.bfloat16, torch.int64, torch.bool):
        original = torch.tensor([[1, 0], [2, 3]]).to(dtype)
        frozen = freeze(original)
        assert type(frozen) is Tensor
        assert torch.equal(thaw(frozen), original)
    assert type(freeze(torch.nn.Parameter(torch.ones(2)))) is Tensor


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (np.zeros(3).view(LyingArray), "LyingArray"),
        (np.ma.masked_array([1.0], [True]), "MaskedArray"),
        (np.array(["a"]), "dtype <U1"),
        (np.array([None]), "dtype object"),
        (object(), "object"),
        (iter([1]), "list_iterator"),
        (lambda: 1, "function"),
        (Liar(), "Liar"),
        (range(3), "range"),
        ({1, 2}, "set"),
        (torch.zeros(2).to_sparse(), "Tensor"),
    ],
)
def test_everything_else_is_opaque_and_known_by_its_type_only(value, name):
    frozen = freeze(value)
    assert type(frozen) is Opaque
    assert name in frozen.type_name


def test_endless_nesting_and_endless_lists_stop():
    cyclic = []
    cyclic.append(cyclic)
    assert "nested too deep" in show_value(freeze(cyclic))
    assert type(freeze(list(range(20_000)))) is Opaque
    assert type(freeze(Counter(range(20_000)))) is Opaque
    assert len(show_value(freeze(dict.fromkeys(range(5000), "x" * 50)))) <= 300


def test_numpy_scalars_count_as_numbers():
    assert compare(freeze(np.int64(3)), 3) is None
    assert compare(freeze({"a": np.int32(3)}), {"a": 3}) is None
    assert compare(freeze(np.float64(2.5)), 2.5) is None
    assert compare(freeze({np.str_("a"): 1}), {"a": 1}) is None
    assert compare(True, 1).kind == "dtype"


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("got", "wanted", "kind"),
    [
        ([1.0, 2.0], [1.0, 2.0], None),
        ([1.0, NAN], [1.0, 2.0], "value"),
        ([NAN, NAN], [1.0, 2.0], "value"),
        ([1.0, NAN], [1.0, NAN], None),
        ([1.0, 2.0], [1.0, NAN], "value"),
        ([1.0, INF], [1.0, 2.0], "value"),
        ([INF, 1.0], [INF, 1.0], None),
        ([-INF, 1.0], [INF, 1.0], "value"),
        ([1.0 + 1e-12, 2.0], [1.0, 2.0], None),
        ([1.0 + 1e-6, 2.0], [1.0, 2.0], "value"),
        ([0.0, 1e-7], [0.0, 0.0], "value"),
    ],
)
def test_nan_and_inf_never_pass_by_accident(got, wanted, kind):
    difference = compare(freeze(np.array(got)), freeze(np.array(wanted)))
    assert (difference.kind if difference else None) == kind


def test_rounding_is_forgiven_by_dtype():
    exact = np.linspace(1, 2, 5)
    for dtype, noise in ((np.float32, 3e-7), (np.float64, 1e-15), (np.float16, 5e-4)):
        noisy = (exact * (1 + noise)).astype(dtype)
        assert compare(freeze(noisy), freeze(exact.astype(dtype))) is None


@pytest.mark.parametrize(
    ("got", "wanted", "kind", "words"),
    [
        (np.ones(3, np.float32), np.ones(3), "dtype", "values are right, but their dtype is float32"),
        (np.ones(3, bool), np.ones(3), "dtype", "bool"),
        (np.ones((3, 1)), np.ones(3), "shape", "the numbers themselves are right"),
        (np.zeros((2, 2)), np.ones(3), "shape", "shape (2, 2)"),
        ([1.0, 1.0], np.ones(2), "container", "values are right, but your answer is a list"),
        ([5.0, 1.0], np.ones(2), "container", "your answer is a list"),
        (torch.ones(2, dtype=torch.float64), np.ones(2), "container", "torch.Tensor"),
        (np.ones(2), torch.ones(2), "container", "values are right"),
        ((1, 2), [1, 2], "container", "a tuple"),
        (np.array([1, 2]), [1, 2], "container", "values are right"),
        ([np.ones(2), np.ones(2)], np.ones((2, 2)), "container", "values are right"),
        ([("a", 0)], {"a": 0}, "container", "values are right"),
        (None, np.ones(2), "container", "your answer is None"),
        (object(), 1.0, "container", "an object"),
        ({"a": 1}, {"a": 2}, "value", "at 'a'"),
        ({}, {"a": 2}, "value", "'a' is missing"),
        ({"a": 1, "b": 0}, {"a": 0, "b": 1}, "pairing", "paired wrongly: at 'a', your answer is 1"),
        ({"a": 1, "b": 1}, {"a": 0, "b": 1}, "value", "at 'a'"),
        ({"b": 0, "a": 2}, {"a": 2}, "value", "'b' should not be there"),
        ([1, 2, 3], [1, 2], "shape", "length 3"),
        ("b", "a", "value", "should be 'a'"),
        (2, 3, "value", "your answer is 2; it should be 3"),
        (10**50, 3, "value", "more than 30 digits"),
    ],
)
def test_right_values_in_the_wrong_form_are_told_apart_from_wrong_values(got, wanted, kind, words):
    difference = compare(freeze(got), freeze(wanted))
    assert difference.kind == kind
    assert words in difference.sentence


def test_dtype_may_be_left_open():
    assert compare(freeze(np.ones(3, np.float32)), freeze(np.ones(3)), dtype="kind") is None
    assert compare(freeze(np.ones(3, int)), freeze(np.ones(3)), dtype="kind").kind == "dtype"


def test_the_first_wrong_place_is_named():
    got = np.arange(6.0).reshape(2, 3)
    wanted = got.copy()
    got[1, 2] = 7
    sentence = compare(freeze(got), freeze(wanted)).sentence
    assert sentence == "1 of 6 numbers are wrong; the first is at [1, 2]: 7, where 5 is right"


def test_arrays_print_compactly():
    assert show_value(freeze(np.array([[1.0, 0.5]]))) == "array([[1, 0.5]]) of shape (1, 2)"
    assert show_value(freeze(np.zeros((100, 3), np.float32))) == "array of shape (100, 3), float32"
    assert show_value(freeze(torch.ones(2))) == "tensor([1, 1]) of shape (2,), float32"
    assert show_value(freeze(np.array([]))) == "array([]) of shape (0,)"


def test_an_integer_of_thousands_of_digits_neither_prints_nor_crashes():
    assert "more than 30 digits" in compare(10**5000, 3).sentence
    assert "more than 30 digits" in compare(10**5000, 10**38).sentence
    assert compare(10**5000, 10**5000) is None


def test_a_whole_number_may_be_written_as_a_float_where_only_the_number_counts():
    assert compare(512_000.0, 512_000, "number") is None
    assert compare(freeze(np.float32(2)), 2, "number") is None
    assert compare(512_000.0, 512_000, "kind").kind == "dtype"
    assert compare(512_000.0000001, 512_000, "number").kind == "value"
    assert compare(True, 1, "number").kind == "dtype"
    assert compare("2", 2, "number").kind == "container"


FORMS = [
    (None, "None"),
    (True, "bool"),
    (-3, "int"),
    (0.5, "float"),
    ("secret", "string"),
    (np.float32(2), "float32"),
    (np.zeros((3, 2)), "array of shape (3, 2)"),
    (torch.zeros(2, dtype=torch.bfloat16), "tensor of shape (2,), bfloat16"),
    (np.zeros(3, dtype=np.float32), "array of shape (3,), float32"),
    ([], "empty list"),
    ([7], "list of 1 int"),
    ((1, 2.0), "tuple of 2 values"),
    (["a", "b"], "list of 2 strings"),
    ([None, None], "list of 2 None"),
    ([[1, 2], []], "list of 2 lists of ints"),
    ({}, "empty dict"),
    ({"a": 1, "b": 2}, "dict of 2 ints by string"),
    (object(), "object"),
]


@pytest.mark.parametrize(("value", "form"), FORMS)
def test_a_form_tells_no_value(value, form):
    assert show_form(freeze(value)) == form
