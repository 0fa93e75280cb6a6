"""Attention against torch's own, and what it can and cannot know about order."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from embedcourse.positions import attention, attention_weights


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def three(*shape):
    return [random(*shape, seed=seed) for seed in range(3)]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("shape", [(5, 4), (1, 4), (3, 5, 4), (2, 3, 5, 1), (0, 5, 4)])
def test_it_is_the_attention_of_torch(shape, causal):
    q, k, v = three(*shape)
    expected = F.scaled_dot_product_attention(*map(torch.from_numpy, (q, k, v)), is_causal=causal)
    np.testing.assert_allclose(attention(q, k, v, causal), expected.numpy(), rtol=0, atol=1e-14)


def test_it_is_what_a_layer_of_torch_does_between_its_matrices():
    layer = torch.nn.MultiheadAttention(8, num_heads=2, batch_first=True, dtype=torch.float64)
    x = torch.from_numpy(random(3, 5, 8))
    expected, weights = layer(x, x, x, average_attn_weights=False)

    def heads(part):
        projected = F.linear(x, layer.in_proj_weight.chunk(3)[part], layer.in_proj_bias.chunk(3)[part])
        return projected.detach().unflatten(-1, (2, 4)).transpose(1, 2).numpy()

    q, k, v = map(heads, range(3))
    np.testing.assert_allclose(attention_weights(q, k), weights.detach().numpy(), rtol=0, atol=1e-14)
    joined = attention(q, k, v).swapaxes(1, 2).reshape(3, 5, 8)
    got = layer.out_proj(torch.from_numpy(joined))
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-14)


def test_queries_and_values_have_lengths_of_their_own_and_leading_axes_are_broadcast():
    q, k, v = random(2, 1, 7, 4), random(3, 5, 4, seed=1), random(5, 6, seed=2)
    tensors = [torch.from_numpy(x) for x in (q.repeat(3, 1), np.stack([k, k]), np.broadcast_to(v, (2, 3, 5, 6)).copy())]
    got = attention(q, k, v)
    assert got.shape == (2, 3, 7, 6)
    np.testing.assert_allclose(got, F.scaled_dot_product_attention(*tensors).numpy(), rtol=0, atol=1e-14)


def test_weights_by_hand():
    # one dimension, so √dim is 1: scores 0, ln 2 and ln 5 make weights of 1 : 2 : 5
    weights = attention_weights([[1.0]], np.log([[1.0], [2.0], [5.0]]))
    np.testing.assert_allclose(weights, [[1 / 8, 2 / 8, 5 / 8]], rtol=1e-15)
    # four dimensions: scores of 4 · ln 9 / √4 · 1/4 = ln 3
    weights = attention_weights(np.full((1, 4), np.log(9) / 4), [[0] * 4, [2] * 4])
    np.testing.assert_allclose(weights, [[1 / 10, 9 / 10]], rtol=1e-14)


def test_a_causal_query_gives_later_keys_exactly_nothing():
    q, k, v = three(2, 6, 4)
    weights = attention_weights(q, k, causal=True)
    assert not np.triu(weights, 1).any()
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_array_equal(attention(q, k, v, causal=True)[:, 0], v[:, 0])
    cut = attention(q[:, :4], k[:, :4], v[:, :4], causal=True)
    np.testing.assert_allclose(attention(q, k, v, causal=True)[:, :4], cut, rtol=0, atol=1e-15)


def test_scores_of_any_size_stay_finite():
    huge = np.array([[1e150], [-1e150]])
    np.testing.assert_array_equal(attention_weights(huge, huge), np.eye(2))
    np.testing.assert_array_equal(attention_weights(-huge, huge, causal=True), [[1, 0], [1, 0]])


def test_without_a_mask_order_is_lost_and_with_one_it_is_not():
    x, order = random(9, 4), np.random.default_rng(1).permutation(9)
    np.testing.assert_allclose(attention(x, x, x)[order], attention(*[x[order]] * 3), rtol=0, atol=1e-14)
    masked = attention(x, x, x, causal=True)[order] - attention(*[x[order]] * 3, causal=True)
    assert np.abs(masked).max() > 0.1


def test_one_causal_layer_sees_a_set_and_two_see_an_order():
    x = random(9, 4)
    shuffled = np.concatenate([x[:-1][::-1], x[-1:]])  # the same last token after the others in another order

    def layer(x):
        return attention(x, x, x, causal=True)

    np.testing.assert_allclose(layer(x)[-1], layer(shuffled)[-1], rtol=0, atol=1e-14)
    assert np.abs(layer(layer(x))[-1] - layer(layer(shuffled))[-1]).max() > 0.01


def test_float32_stays_and_lists_and_whole_numbers_become_float64():
    q, k, v = (x.astype(np.float32) for x in three(5, 64))
    for causal in (False, True):
        assert attention(q, k, v, causal).dtype == np.float32
    assert attention_weights(q, k).dtype == np.float32
    assert attention(q, k, v.astype(np.float64)).dtype == np.float64
    got = attention([[0, 0]], [[1, 2], [3, 4]], [[1], [2]])
    assert got.dtype == np.float64
    assert got.tolist() == [[1.5]]


def test_inputs_are_not_changed():
    q, k, v = three(5, 4)
    before = [x.copy() for x in (q, k, v)]
    attention(q, k, v, causal=True)
    for x, was in zip((q, k, v), before, strict=True):
        np.testing.assert_array_equal(x, was)


@pytest.mark.parametrize(
    ("q", "k", "v", "causal", "sentence"),
    [
        (np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 3)), False, "queries have 3 numbers and keys 4"),
        (np.ones((2, 0)), np.ones((2, 0)), np.ones((2, 3)), False, "at least 1"),
        (np.ones((2, 3)), np.ones((4, 3)), np.ones((2, 3)), False, "4 keys and 2 rows in v"),
        (np.ones((2, 3)), np.ones((0, 3)), np.ones((0, 3)), False, "there is no key"),
        (np.ones((1, 3)), np.ones((4, 3)), np.ones((4, 3)), True, "as many queries as keys, here 1 and 4"),
        (np.ones((2, 4, 3)), np.ones((3, 4, 3)), np.ones((4, 3)), False, r"q has shape \(2,\) and k \(3,\)"),
        (np.ones((2, 4, 3)), np.ones((4, 3)), np.ones((3, 4, 3)), False, r"q and k has shape \(2,\) and v \(3,\)"),
        (np.ones(3), np.ones((4, 3)), np.ones((4, 3)), False, r"q has shape \(3,\); it needs at least 2 axes"),
        (np.ones((4, 3)), np.ones((4, 3)), np.ones(4), False, r"v has shape \(4,\)"),
        (np.ones((2, 3)) > 0, np.ones((2, 3)), np.ones((2, 3)), False, "q has dtype bool"),
        (np.ones((2, 3)), np.ones((2, 3)) + 1j, np.ones((2, 3)), False, "k has dtype complex128"),
        (np.ones((2, 3)), np.ones((2, 3)), [["a"], ["b"]], False, "v has dtype <U1"),
        ([[1.0, 2.0], [3.0]], np.ones((2, 2)), np.ones((2, 2)), False, "q is ragged"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(q, k, v, causal, sentence):
    with pytest.raises(ValueError, match=sentence):
        attention(q, k, v, causal)
