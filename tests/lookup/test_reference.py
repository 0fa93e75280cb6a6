"""The references of lesson 1 against torch's own modules, and against every input that hurts."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from embedcourse.lookup import build_vocabulary, encode, lookup, lookup_by_matmul, lookup_gradient, one_hot

RNG = np.random.default_rng(7)
E = RNG.normal(size=(11, 5))
IDS = [RNG.integers(0, 11, size=shape) for shape in ((), (0,), (4,), (2, 3), (2, 1, 4))]


@pytest.mark.parametrize("ids", IDS, ids=lambda ids: str(ids.shape))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lookup_is_torchs_embedding(ids, dtype):
    table = E.astype(dtype)
    expected = F.embedding(torch.from_numpy(np.asarray(ids)), torch.from_numpy(table)).numpy()
    for got in (lookup(table, ids), lookup(table, ids.tolist()), lookup_by_matmul(table, ids)):
        assert got.dtype == dtype
        assert got.shape == expected.shape
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("ids", IDS, ids=lambda ids: str(ids.shape))
def test_one_hot_is_torchs(ids):
    got = one_hot(ids, 11)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, F.one_hot(torch.from_numpy(np.asarray(ids)), 11).numpy())


@pytest.mark.parametrize("padding", [None, 0, 4])
@pytest.mark.parametrize("ids", IDS[2:], ids=lambda ids: str(ids.shape))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradient_is_what_torch_accumulates(ids, padding, dtype):
    layer = torch.nn.Embedding(11, 5, padding_idx=padding, dtype=torch.from_numpy(np.zeros(1, dtype)).dtype)
    upstream = RNG.normal(size=(*ids.shape, 5)).astype(dtype)
    layer(torch.from_numpy(ids)).backward(torch.from_numpy(upstream))
    got = lookup_gradient(ids, upstream, 11, padding_id=padding)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, layer.weight.grad.numpy(), rtol=1e-6 if dtype == np.float32 else 1e-12)


def test_gradient_by_hand():
    got = lookup_gradient([1, 1, 0], np.array([[1.0, 0.0], [2.0, 5.0], [7.0, 0.0]]), vocab_size=3)
    np.testing.assert_array_equal(got, [[7, 0], [3, 5], [0, 0]])


def test_a_scalar_id_gives_a_row_and_takes_a_row_of_gradient():
    assert lookup(E, 3).shape == (5,)
    assert lookup_gradient(3, np.ones(5), 11).sum() == 5


def test_lookup_returns_a_copy_and_leaves_its_inputs_alone():
    table, ids = E.copy(), np.array([1, 2])
    lookup(table, ids)[0] = 99
    upstream = np.ones((2, 5))
    lookup_gradient(ids, upstream, 11)[:] = 99
    np.testing.assert_array_equal(table, E)
    np.testing.assert_array_equal(ids, [1, 2])
    assert (upstream == 1).all()


@pytest.mark.parametrize("function", [lookup, lookup_by_matmul])
@pytest.mark.parametrize(
    ("ids", "error", "sentence"),
    [
        ([11], IndexError, "id 11 is outside the table: E has 11 rows, so ids run from 0 to 10"),
        ([[0, -1]], IndexError, "id -1 is outside"),
        (-11, IndexError, "id -11 is outside"),
        ([1.0], ValueError, "dtype float64; an id is a whole number"),
        ([True, False], ValueError, "dtype bool"),
        (["cat"], ValueError, "an id is a whole number"),
        ([[1], [1, 2]], ValueError, "ragged"),
        ([2**70], ValueError, "an id is a whole number"),
        (None, ValueError, "an id is a whole number"),
    ],
)
def test_bad_ids_are_refused_with_a_sentence(function, ids, error, sentence):
    with pytest.raises(error, match=sentence):
        function(E, ids)


@pytest.mark.parametrize("table", [np.zeros(3), np.zeros((2, 2, 2)), 5.0])
def test_a_table_has_two_dimensions(table):
    with pytest.raises(ValueError, match="two dimensions"):
        lookup(table, [0])


def test_one_hot_refuses_what_has_no_place():
    with pytest.raises(IndexError, match="vocab_size is 3, so ids run from 0 to 2"):
        one_hot([3], 3)
    for size in (0, -1, 2.0, True, "3"):
        with pytest.raises(ValueError, match="vocab_size"):
            one_hot([0], size)


def test_gradient_refuses_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"ids of shape \(2,\) need an upstream gradient of shape \(2, 'dim'\)"):
        lookup_gradient([0, 1], np.ones((3, 4)), 5)
    with pytest.raises(ValueError, match="one row per id"):
        lookup_gradient([0, 1], np.ones(2), 5)
    with pytest.raises(ValueError, match="floating point"):
        lookup_gradient([0, 1], np.ones((2, 2), dtype=int), 5)
    with pytest.raises(IndexError):
        lookup_gradient([5], np.ones((1, 2)), 5)
    with pytest.raises(IndexError):
        lookup_gradient([0], np.ones((1, 2)), 5, padding_id=5)


def test_vocabulary_numbers_tokens_as_they_come():
    assert build_vocabulary("the cat saw the dog".split()) == {"the": 0, "cat": 1, "saw": 2, "dog": 3}
    assert build_vocabulary(iter(["b", "a", "b"])) == {"b": 0, "a": 1}
    assert build_vocabulary([]) == {}


def test_a_bare_string_is_no_list_of_tokens():
    for function in (build_vocabulary, lambda text: encode(text, {"a": 0})):
        with pytest.raises(TypeError, match=r"text\.split"):
            function("a cat")


def test_encode_and_the_unknown():
    vocabulary = {"the": 0, "<unk>": 1, "cat": 2}
    got = encode(["cat", "submarine", "the"], vocabulary)
    assert got.dtype == np.int64
    assert got.tolist() == [2, 1, 0]
    assert encode([], vocabulary).dtype == np.int64
    assert encode([], vocabulary).shape == (0,)
    with pytest.raises(KeyError, match="submarine"):
        encode(["the", "submarine"], {"the": 0})
