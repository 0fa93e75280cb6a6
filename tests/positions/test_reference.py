"""Positions as rows, against torch's modules and numbers worked out from the papers' formulas."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from embedcourse.positions import bert_input, layer_norm, learned_input, position_ids, shift_matrix, sinusoidal


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("shape", [(4,), (1,), (0,), (2, 4), (3, 2, 4), (0, 4)])
def test_a_token_gets_the_rows_of_its_id_and_of_its_place(shape):
    tokens, places = nn.Embedding(7, 6, dtype=torch.float64), nn.Embedding(4, 6, dtype=torch.float64)
    ids = torch.randint(7, shape, generator=torch.Generator().manual_seed(0))
    expected = tokens(ids) + places(torch.arange(shape[-1]))
    got = learned_input(tokens.weight.detach().numpy(), places.weight.detach().numpy(), ids.numpy())
    np.testing.assert_array_equal(got, expected.detach().numpy())


def test_a_table_of_positions_ends_where_it_ends():
    E, P = random(9, 4), random(5, 4)
    assert learned_input(E, P, [8] * 5).shape == (5, 4)
    with pytest.raises(IndexError, match="a text of 6 tokens is too long: P has 5 rows, so positions run from 0 to 4"):
        learned_input(E, P, [0] * 6)
    with pytest.raises(IndexError, match="P has 5 rows"):
        learned_input(E, P, np.zeros((2, 6), dtype=int))


def test_ids_are_checked_as_in_a_lookup():
    E, P = random(9, 4), random(5, 4)
    for wrong in (9, -1):
        with pytest.raises(IndexError, match=f"id {wrong} is outside the table: E has 9 rows"):
            learned_input(E, P, [0, wrong])
    with pytest.raises(ValueError, match="ids have dtype float64"):
        learned_input(E, P, [0.0, 1.0])
    with pytest.raises(ValueError, match="ids have dtype bool"):
        learned_input(E, P, [True])
    with pytest.raises(ValueError, match="single id"):
        learned_input(E, P, 3)
    with pytest.raises(ValueError, match="rows of E have 4 numbers, rows of P have 3"):
        learned_input(E, random(5, 3), [0])
    with pytest.raises(ValueError, match=r"P has shape \(5,\); a table has two axes"):
        learned_input(E, random(5), [0])


def test_inputs_of_learned_positions_are_not_changed_and_float32_stays():
    E, P, ids = random(9, 4).astype(np.float32), random(5, 4).astype(np.float32), np.array([1, 1, 2])
    before = E.copy(), P.copy()
    got = learned_input(E, P, ids)
    assert got.dtype == np.float32
    got += 1
    np.testing.assert_array_equal(E, before[0])
    np.testing.assert_array_equal(P, before[1])


def test_sinusoidal_rows_follow_the_formula_of_the_paper():
    rows = sinusoidal(50, 6)
    assert rows.shape == (50, 6)
    assert rows.dtype == np.float64
    for position in (0, 1, 7, 49):
        for pair in range(3):
            angle = position / 10_000 ** (2 * pair / 6)
            assert rows[position, 2 * pair] == pytest.approx(math.sin(angle), abs=1e-14)
            assert rows[position, 2 * pair + 1] == pytest.approx(math.cos(angle), abs=1e-14)


def test_sinusoidal_golden_numbers():
    # dim 4: the frequencies are 1 and 10000^(-1/2) = 1/100; sin 3 = 0.14112…, cos 3 = −0.98999…, sin 0.03 = 0.0299955…
    golden = [0.1411200080598672, -0.9899924966004454, 0.0299955002024957, 0.9995500337489875]
    np.testing.assert_allclose(sinusoidal(4, 4)[3], golden, rtol=1e-14)
    # base 100: the second frequency is 1/10; sin 0.2 and cos 0.2
    np.testing.assert_allclose(sinusoidal(3, 4, base=100)[2, 2:], [0.19866933079506122, 0.9800665778412416], rtol=1e-14)
    assert sinusoidal(1, 2).tolist() == [[0, 1]]
    assert sinusoidal(0, 6).shape == (0, 6)


def test_sinusoidal_rows_have_one_norm_and_their_product_depends_on_the_distance_alone():
    rows = sinusoidal(200, 64)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), math.sqrt(32), rtol=1e-14)
    products = rows @ rows.T
    for distance in (1, 5, 60):
        diagonal = np.diagonal(products, distance)
        assert np.ptp(diagonal) < 1e-12
        np.testing.assert_allclose(np.diagonal(products, -distance), diagonal, rtol=0, atol=1e-13)


@pytest.mark.parametrize("offset", [0, 1, 13, -5, np.int64(2)])
@pytest.mark.parametrize("base", [10_000.0, 30.0])
def test_the_shift_matrix_moves_every_position_by_its_offset(offset, base):
    rows, shift = sinusoidal(60, 10, base), shift_matrix(offset, 10, base)
    for position in (5, 20, 46):
        np.testing.assert_allclose(shift @ rows[position], rows[position + offset], rtol=0, atol=1e-13)


def test_shifts_add_up_and_the_way_back_is_the_transpose():
    once, again = shift_matrix(3, 8), shift_matrix(-7.5, 8)
    np.testing.assert_allclose(once @ again, shift_matrix(-4.5, 8), rtol=0, atol=1e-15)
    np.testing.assert_allclose(np.linalg.matrix_power(shift_matrix(0.25, 8), 4), shift_matrix(1, 8), rtol=0, atol=1e-15)
    np.testing.assert_allclose(shift_matrix(-3, 8), once.T, rtol=0, atol=0)
    np.testing.assert_array_equal(shift_matrix(0, 8), np.eye(8))
    np.testing.assert_allclose(shift_matrix(math.pi / 2, 2), [[0, 1], [-1, 0]], rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    "rows", [lambda dim, base: sinusoidal(3, dim, base), lambda dim, base: shift_matrix(3, dim, base)]
)
def test_an_odd_dimension_or_a_senseless_base_is_refused(rows):
    for dim in (7, 0, -2, 4.0, True):
        with pytest.raises(ValueError, match="dim is"):
            rows(dim, 10_000.0)
    for base in (0, -1.0, math.nan, math.inf, "10000"):
        with pytest.raises(ValueError, match="base is"):
            rows(4, base)


def test_a_senseless_length_or_offset_is_refused():
    for length in (-1, 2.0, True):
        with pytest.raises(ValueError, match="length is"):
            sinusoidal(length, 4)
    for offset in (math.nan, math.inf, True, "3", [1, 2]):
        with pytest.raises(ValueError, match="offset is"):
            shift_matrix(offset, 4)


def roberta(mask):
    """RoBERTa's rule with padding index 1, place by place: a token stands one after the last token, the first at 2."""
    rows = []
    for row in mask:
        seen, places = 0, []
        for is_token in row:
            seen += is_token
            places.append(1 + seen if is_token else 1)
        rows.append(places)
    return rows


def test_position_ids_follow_the_rule_of_roberta():
    mask = [[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]]
    assert position_ids(mask, offset=2).tolist() == roberta(mask)
    assert position_ids(mask, offset=2)[:3].tolist() == [[2, 3, 4, 5], [2, 3, 1, 1], [1, 1, 2, 3]]


def test_position_ids_count_tokens_from_the_offset_on_either_side_of_padding():
    assert position_ids([1, 1, 1]).tolist() == [0, 1, 2]
    assert position_ids([[0, 0, 1, 1], [1, 1, 0, 0]]).tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]
    assert position_ids([0, 1, 1], offset=1).tolist() == [0, 1, 2]
    assert position_ids([0, 1, 1], offset=5).tolist() == [4, 5, 6]
    for mask in (np.array([False, True, True]), np.array([0, 1, 1], dtype=np.uint8), np.array([0.0, 1.0, 1.0])):
        got = position_ids(mask, offset=1)
        assert got.dtype == np.int64
        assert got.tolist() == [0, 1, 2]
    assert position_ids(np.ones((2, 3, 300), dtype=np.int8))[1, 2].tolist() == list(range(300))
    assert position_ids([]).tolist() == []
    assert position_ids(np.ones((2, 0), dtype=int)).shape == (2, 0)


def test_a_mask_of_other_numbers_is_refused_and_a_right_one_is_not_changed():
    for mask in ([0, 2], [-1, 1], [0.5, 1.0], [1.0, math.nan], [0.0, -math.inf]):
        with pytest.raises(ValueError, match="something else than 0 and 1"):
            position_ids(mask)
    with pytest.raises(ValueError, match="at least one axis"):
        position_ids(1)
    with pytest.raises(ValueError, match="attention_mask has dtype"):
        position_ids(["1", "0"])
    for offset in (-1, 0.5, True):
        with pytest.raises(ValueError, match="offset is"):
            position_ids([1], offset)
    mask = np.array([0, 1, 1])
    position_ids(mask, offset=3)
    assert mask.tolist() == [0, 1, 1]


@pytest.mark.parametrize("eps", [1e-12, 1e-5])
def test_layer_norm_is_that_of_torch(eps):
    norm = nn.LayerNorm(6, eps=eps, dtype=torch.float64)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    x, gain, bias = random(2, 3, 6), norm.weight.detach().numpy(), norm.bias.detach().numpy()
    expected = norm(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(layer_norm(x, gain, bias, eps), expected, rtol=0, atol=1e-13)
    assert layer_norm(x.astype("f4"), gain.astype("f4"), bias.astype("f4")).dtype == np.float32


def test_layer_norm_of_equal_numbers_is_the_bias():
    np.testing.assert_array_equal(layer_norm([[5, 5, 5]], [1, 2, 3], [4, 5, 6]), [[4, 5, 6]])
    with pytest.raises(ValueError, match=r"need \(3,\)"):
        layer_norm([[5, 5, 5]], [1, 2], [4, 5])


def test_the_input_of_bert_is_three_lookups_and_a_norm():
    torch.manual_seed(0)
    tables = [nn.Embedding(rows, 8, dtype=torch.float64) for rows in (11, 5, 2)]
    norm = nn.LayerNorm(8, eps=1e-12, dtype=torch.float64)
    ids, segments = torch.tensor([[3, 3, 10, 0], [0, 1, 2, 3]]), torch.tensor([[0, 0, 1, 1], [0, 1, 1, 1]])
    x = sum(table(index) for table, index in zip(tables, (ids, torch.arange(4), segments), strict=True))
    numbers = [module.weight.detach().numpy() for module in (*tables, norm)]
    got = bert_input(*numbers, norm.bias.detach().numpy(), ids.numpy(), segments.numpy())
    np.testing.assert_allclose(got, norm(x).detach().numpy(), rtol=0, atol=1e-13)


def test_the_input_of_bert_refuses_what_does_not_fit():
    E, P, S, one, zero = random(11, 8), random(5, 8), random(2, 8), np.ones(8), np.zeros(8)
    with pytest.raises(ValueError, match="every token needs its segment"):
        bert_input(E, P, S, one, zero, [1, 2, 3], [0, 0])
    with pytest.raises(ValueError, match="every token needs its segment"):
        bert_input(E, P, random(2, 7), one, zero, [1], [0])
    with pytest.raises(IndexError, match="id 2 is outside the table"):
        bert_input(E, P, S, one, zero, [1], [2])
    with pytest.raises(IndexError, match="P has 5 rows"):
        bert_input(E, P, S, one, zero, [1] * 6, [0] * 6)
