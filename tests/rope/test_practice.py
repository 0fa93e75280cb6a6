"""Converted weights and scaled frequencies against transformers, published numbers and the laws they must keep."""

import re

import pytest
import torch
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
from transformers.models.llama.configuration_llama import LlamaConfig

from embedcourse.rope import (
    attention_factor,
    half_to_interleaved,
    interleaved_to_half,
    inverse_frequencies,
    rotate,
    scaled_inverse_frequencies,
)

YARN = {"original_length": 2_048}
LLAMA3 = {"original_length": 8_192}


def random(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def theirs(method, head_dim, base, factor, **options):
    parameters = {"rope_type": method, "rope_theta": base, "factor": factor, **options}
    length = int(options.get("original_max_position_embeddings", 2_048) * factor)
    config = LlamaConfig(
        hidden_size=head_dim, num_attention_heads=1, rope_parameters=parameters, max_position_embeddings=length
    )
    return ROPE_INIT_FUNCTIONS[method](config, "cpu")


@pytest.mark.parametrize("kv_heads", [4, 2, 1])
def test_converted_weights_give_equal_scores(kv_heads):
    Wq, Wk, x, positions = (
        random(4 * 8, 16),
        random(kv_heads * 8, 16, seed=1),
        random(5, 16, seed=2),
        torch.arange(3, 8),
    )

    def scores(Wq, Wk, layout):
        q, k = ((x @ W.T).unflatten(-1, (-1, 8)).transpose(0, 1) for W in (Wq, Wk))
        q, k = (rotate(part, positions, layout=layout) for part in (q, k))
        return q @ k.repeat_interleave(4 // kv_heads, dim=0).mT

    meta = scores(Wq, Wk, "interleaved")
    converted = scores(interleaved_to_half(Wq, 4), interleaved_to_half(Wk, kv_heads), "half")
    torch.testing.assert_close(converted, meta, rtol=0, atol=1e-12)
    assert (scores(Wq, Wk, "half") - meta).abs().max() > 1
    assert (scores(interleaved_to_half(Wq, 4), Wk, "half") - meta).abs().max() > 1


def test_the_way_back_is_the_inverse_and_neither_changes_its_input():
    weight, bias = random(3 * 6, 5), torch.arange(18)
    before = weight.clone()
    for there, back in [(interleaved_to_half, half_to_interleaved), (half_to_interleaved, interleaved_to_half)]:
        assert torch.equal(back(there(weight, 3), 3), weight)
        assert torch.equal(back(there(bias, 3), 3), bias)
    assert torch.equal(weight, before)


def test_the_order_is_that_of_the_conversion_script_of_llama():
    """convert_llama_weights_to_hf.py: view(n_heads, dim1 // n_heads // 2, 2, dim2).transpose(1, 2).reshape(dim1, dim2)."""
    weight = random(24, 5)
    assert torch.equal(interleaved_to_half(weight, 3), weight.view(3, 4, 2, 5).transpose(1, 2).reshape(24, 5))


@pytest.mark.parametrize("head_dim", [32, 64, 128])
@pytest.mark.parametrize("base", [10_000.0, 500_000.0])
@pytest.mark.parametrize("factor", [1.0, 4.0, 32.0])
def test_frequencies_are_those_of_transformers(head_dim, base, factor):
    ours = scaled_inverse_frequencies(head_dim, base, "linear", factor)
    torch.testing.assert_close(ours, theirs("linear", head_dim, base, factor)[0], rtol=1e-6, atol=0)
    for options in ({}, {"beta_fast": 16.0, "beta_slow": 2.0}):
        got = scaled_inverse_frequencies(head_dim, base, "yarn", factor, **YARN, **options)
        want, scale = theirs("yarn", head_dim, base, factor, original_max_position_embeddings=2_048, **options)
        torch.testing.assert_close(got, want, rtol=1e-6, atol=0)
        assert attention_factor("yarn", factor) == pytest.approx(scale)
    for low, high in ((1.0, 4.0), (2.0, 3.0)):
        got = scaled_inverse_frequencies(head_dim, base, "llama3", factor, **LLAMA3, low=low, high=high)
        options = {"low_freq_factor": low, "high_freq_factor": high, "original_max_position_embeddings": 8_192}
        torch.testing.assert_close(got, theirs("llama3", head_dim, base, factor, **options)[0], rtol=1e-6, atol=0)


def test_ntk_keeps_the_first_pair_and_slows_the_last_by_the_factor():
    plain, got = inverse_frequencies(128), scaled_inverse_frequencies(128, 10_000.0, "ntk", 4.0)
    assert got[0] == plain[0]
    assert (plain[-1] / got[-1]).item() == pytest.approx(4.0, rel=1e-5)
    base = 10_000 * 4 ** (128 / 126)
    assert round(base, -1) == 40_890
    torch.testing.assert_close(got, inverse_frequencies(128, base))


def test_llama_3_1_keeps_29_pairs_slows_29_and_blends_6():
    ratio = inverse_frequencies(128, 500_000.0) / scaled_inverse_frequencies(128, 500_000.0, "llama3", 8.0, **LLAMA3)
    kept, slowed = torch.isclose(ratio, torch.tensor(1.0)), torch.isclose(ratio, torch.tensor(8.0))
    assert (int(kept.sum()), int(slowed.sum()), int((~kept & ~slowed).sum())) == (29, 29, 6)


@pytest.mark.parametrize("method", ["linear", "ntk", "yarn", "llama3"])
def test_a_factor_of_one_changes_nothing(method):
    options = {"yarn": YARN, "llama3": LLAMA3}.get(method, {})
    torch.testing.assert_close(
        scaled_inverse_frequencies(64, 10_000.0, method, 1, **options), inverse_frequencies(64), rtol=1e-6, atol=0
    )
    assert attention_factor(method, 1) == 1


BAD = {
    "another method": (lambda: scaled_inverse_frequencies(8, 1e4, "dynamic", 2), "'linear', 'ntk', 'yarn', 'llama3'"),
    "another method's factor": (lambda: attention_factor("longrope", 2), "'linear', 'ntk'"),
    "an option of another": (lambda: scaled_inverse_frequencies(8, 1e4, "linear", 2, original_length=9), "it has none"),
    "no length of training": (lambda: scaled_inverse_frequencies(8, 1e4, "yarn", 2), "needs original_length"),
    "a factor below one": (lambda: scaled_inverse_frequencies(8, 1e4, "linear", 0.5), "at least 1"),
    "a length of 0": (lambda: scaled_inverse_frequencies(8, 1e4, "yarn", 2, original_length=0), "above 0"),
    "bounds that cross": (
        lambda: scaled_inverse_frequencies(8, 1e4, "llama3", 2, original_length=9, low=4.0),
        "above low",
    ),
    "bounds that cross in yarn": (
        lambda: scaled_inverse_frequencies(8, 1e4, "yarn", 2, original_length=9, beta_slow=40),
        "less than beta_slow",
    ),
    "one pair for ntk": (lambda: scaled_inverse_frequencies(2, 1e4, "ntk", 2), "one pair"),
    "an odd head": (lambda: scaled_inverse_frequencies(7, 1e4, "ntk", 2), "head_dim is 7"),
    "rows that make no heads": (lambda: interleaved_to_half(torch.zeros(10, 2), 4), "do not make 4 heads"),
    "no heads": (lambda: half_to_interleaved(torch.zeros(10, 2), 0), "do not make 0 heads"),
    "odd heads": (lambda: interleaved_to_half(torch.zeros(9, 2), 3), "is 3"),
    "a number": (lambda: interleaved_to_half(torch.tensor(1.0), 1), "at least one axis"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_sentence(name):
    call, says = BAD[name]
    with pytest.raises(ValueError, match=re.escape(says)):
        call()
