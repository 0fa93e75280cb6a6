"""Rotations against Python's complex numbers, numbers worked out beforehand, and the functions of transformers."""

import cmath
import re

import pytest
import torch
from transformers.models.gpt_neox.modeling_gpt_neox import apply_rotary_pos_emb as neox
from transformers.models.gptj import modeling_gptj as gptj
from transformers.models.llama.configuration_llama import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.llama.modeling_llama import apply_rotary_pos_emb as llama

from embedcourse.rope import inverse_frequencies, rotate, rotate_pair

LAYOUTS = ("half", "interleaved")

# (1, 2, …, 8) at position 3 with base 10,000: cmath.rect(1, 3 · 10000^(−i/4)) times x1 + x2·j for each pair i, to 9 digits.
GOLDEN = {
    "half": [
        *(-1.695592537, 0.137551738, 2.788681600, 3.975982036),
        *(-4.808842475, 6.323059348, 7.086836737, 8.011963982),
    ],
    "interleaved": [
        *(-1.272232513, -1.838864985, 1.683928641, 4.707906576),
        *(4.817777168, 6.147277704, 6.975968536, 8.020963969),
    ],
}


def random(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def by_complex_numbers(x, position, base, layout):
    dim = len(x)
    pairs = [(i, i + dim // 2) if layout == "half" else (2 * i, 2 * i + 1) for i in range(dim // 2)]
    turned = [0.0] * dim
    for i, (one, two) in enumerate(pairs):
        product = complex(x[one], x[two]) * cmath.rect(1, position * base ** (-2 * i / dim))
        turned[one], turned[two] = product.real, product.imag
    return turned


@pytest.mark.parametrize("layout", LAYOUTS)
def test_golden_numbers(layout):
    x = torch.arange(1.0, 9.0, dtype=torch.float64)
    got = rotate(x[None], torch.tensor([3]), layout=layout)[0]
    torch.testing.assert_close(got, torch.tensor(GOLDEN[layout], dtype=torch.float64), rtol=0, atol=1e-9)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("dim", "base"), [(2, 10_000.0), (6, 10.0), (64, 500_000.0)])
def test_a_rotation_is_a_product_of_complex_numbers(layout, dim, base):
    x, positions = random(5, dim), [0, 1, 2, 77, 100_003]
    expected = [by_complex_numbers(row, m, base, layout) for row, m in zip(x.tolist(), positions, strict=True)]
    got = rotate(x, torch.tensor(positions), base=base, layout=layout)
    torch.testing.assert_close(got, torch.tensor(expected, dtype=torch.float64), rtol=0, atol=1e-9)


def test_a_pair_turns_against_the_clock():
    assert rotate_pair(torch.tensor([3.0, 0.0]), torch.pi / 2).tolist() == pytest.approx([0, 3], abs=1e-6)
    many = rotate_pair(random(4, 2), random(4, seed=1))
    assert (many.shape, many.dtype) == ((4, 2), torch.float64)


def test_wavelengths_of_llama():
    longest = 2 * torch.pi / inverse_frequencies(128)[-1]
    assert round(longest.item(), -1) == 54_410
    assert (2 * torch.pi / inverse_frequencies(128, 500_000.0)[-1]).item() == pytest.approx(2_559_196, rel=1e-5)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_laws(layout):
    q, k = random(3, 1, 8), random(3, 1, 8, seed=1)

    def score(m, n):
        return (rotate(q, torch.tensor([m]), layout=layout) * rotate(k, torch.tensor([n]), layout=layout)).sum(-1)

    torch.testing.assert_close(rotate(q, torch.tensor([0]), layout=layout), q, rtol=0, atol=0)
    torch.testing.assert_close(rotate(q, torch.tensor([9]), layout=layout).norm(dim=-1), q.norm(dim=-1))
    torch.testing.assert_close(score(7, 2), score(100_007, 100_002), rtol=0, atol=1e-9)
    assert (score(7, 2) - score(2, 7)).abs().min() > 1e-3  # the sign of the offset is kept
    twice = rotate(rotate(q, torch.tensor([3]), layout=layout), torch.tensor([4]), layout=layout)
    torch.testing.assert_close(twice, rotate(q, torch.tensor([7]), layout=layout))


@pytest.mark.parametrize("base", [10_000.0, 500_000.0])
def test_half_is_the_layout_of_llama_in_transformers(base):
    config = LlamaConfig(
        hidden_size=64, num_attention_heads=2, rope_parameters={"rope_type": "default", "rope_theta": base}
    )
    q, k, positions = random(2, 2, 40, 32, dtype=torch.float32), random(2, 1, 40, 32, seed=1).float(), torch.arange(40)
    cos, sin = LlamaRotaryEmbedding(config)(q, positions[None])
    for ours, theirs in zip((q, k), llama(q, k, cos, sin), strict=True):
        torch.testing.assert_close(rotate(ours, positions, base=base), theirs, rtol=0, atol=1e-6)


def test_the_first_dimensions_are_those_of_gpt_neox():
    q, k = random(2, 4, 30, 64, dtype=torch.float32), random(2, 4, 30, 64, seed=1).float()
    angles = torch.arange(30.0)[:, None] * inverse_frequencies(16)
    cos, sin = (torch.cat((part, part), dim=-1)[None] for part in (angles.cos(), angles.sin()))
    for ours, theirs in zip((q, k), neox(q, k, cos, sin), strict=True):
        torch.testing.assert_close(rotate(ours, torch.arange(30), rotary_dim=16), theirs, rtol=0, atol=1e-6)


def test_interleaved_is_the_layout_of_gpt_j():
    x = random(2, 30, 4, 64, dtype=torch.float32)  # GPT-J keeps the heads behind the length
    sin, cos = gptj.create_sinusoidal_positions(30, 64)[None].chunk(2, dim=-1)
    theirs = gptj.apply_rotary_pos_emb(x, sin, cos).transpose(1, 2)
    ours = rotate(x.transpose(1, 2), torch.arange(30), layout="interleaved")
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(16,), (5, 16), (2, 5, 16), (2, 3, 5, 16), (0, 16)])
def test_any_leading_shape_and_positions_that_broadcast(layout, shape):
    x = random(*shape)
    positions = torch.arange(5.0)[: shape[-2]] if len(shape) > 1 else torch.tensor(4.0)
    got = rotate(x, positions, layout=layout)
    flat = x.reshape(-1, 16)
    rows = zip(flat.tolist(), positions.expand(shape[:-1]).reshape(-1).tolist(), strict=True)
    expected = torch.tensor([by_complex_numbers(row, m, 10_000.0, layout) for row, m in rows], dtype=torch.float64)
    torch.testing.assert_close(got, expected.reshape(shape))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_text_of_a_batch_may_have_its_own_positions(layout):
    x, positions = random(2, 3, 4, 8), torch.tensor([[0, 1, 2, 3], [5, 6, 7, 8]])
    got = rotate(x, positions[:, None], layout=layout)
    for text in range(2):
        torch.testing.assert_close(got[text], rotate(x[text], positions[text], layout=layout))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3, 2, 2_048, 128), (1, 1, 20_000, 128), (2**21,)])
def test_in_pieces_or_in_one_the_numbers_are_the_same(layout, shape):
    x = random(*shape, dtype=torch.float32)
    positions = torch.arange(shape[-2]) if len(shape) > 1 else torch.tensor(3)
    whole = rotate(x.clone().requires_grad_(), positions, layout=layout).detach()
    torch.testing.assert_close(rotate(x, positions, layout=layout), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_input_changes_and_strides_do_not_matter(layout):
    x = random(4, 2, 8).transpose(0, 1)
    before = x.clone()
    got = rotate(x, torch.arange(4), layout=layout)
    assert torch.equal(x, before)
    torch.testing.assert_close(got, rotate(x.contiguous(), torch.arange(4), layout=layout))
    wide = random(1, 8).expand(3, 4, 8)
    torch.testing.assert_close(
        rotate(wide, torch.arange(4), layout=layout), rotate(wide.clone(), torch.arange(4), layout=layout)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_gradient_of_a_rotation_is_the_rotation_back(layout):
    x, upstream, positions = random(3, 8).requires_grad_(), random(3, 8, seed=1), torch.tensor([1, 5, 9])
    rotate(x, positions, layout=layout).backward(upstream)
    torch.testing.assert_close(x.grad, rotate(upstream, -positions, layout=layout))
    assert torch.autograd.gradcheck(lambda x: rotate(x, positions, layout=layout, rotary_dim=4), x)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_angles_of_small_dtypes_are_worked_out_in_float32(layout, dtype):
    x, positions = random(4, 64).to(dtype), torch.arange(8_000, 8_004)
    got = rotate(x, positions, layout=layout)
    assert got.dtype == dtype
    assert torch.equal(got, rotate(x.float(), positions, layout=layout).to(dtype))


def test_positions_that_are_divided_are_frequencies_that_are_divided():
    x, positions = random(6, 8), torch.arange(6.0, dtype=torch.float64)
    slowed = rotate(x, positions, inv_freq=inverse_frequencies(8).double() / 4)
    torch.testing.assert_close(slowed, rotate(x, positions / 4), rtol=0, atol=1e-6)


X = torch.zeros(3, 8)
BAD = {
    "an odd dimension": (lambda: rotate(torch.zeros(3, 7), torch.arange(3)), "head_dim is 7"),
    "an odd part": (lambda: rotate(X, torch.arange(3), rotary_dim=3), "rotary_dim is 3"),
    "too large a part": (lambda: rotate(X, torch.arange(3), rotary_dim=10), "only 8 numbers"),
    "another layout": (lambda: rotate(X, torch.arange(3), layout="neox"), "'half' or 'interleaved'"),
    "too few positions": (lambda: rotate(X, torch.arange(2)), "positions have shape (2,)"),
    "more axes of positions": (lambda: rotate(X, torch.zeros(2, 3)), "one position for each vector"),
    "positions that are a mask": (lambda: rotate(X, torch.ones(3, dtype=torch.bool)), "torch.arange(length)"),
    "whole numbers": (lambda: rotate(X.long(), torch.arange(3)), "x is torch.int64"),
    "no tensor": (lambda: rotate([[1.0, 2.0]], torch.arange(1)), "x is list"),
    "a base of 0": (lambda: rotate(X, torch.arange(3), base=0), "base is 0"),
    "frequencies for another dimension": (lambda: rotate(X, torch.arange(3), inv_freq=torch.ones(8)), "4 numbers"),
    "an odd head": (lambda: inverse_frequencies(5), "head_dim is 5"),
    "a fraction of a head": (lambda: inverse_frequencies(8.0), "head_dim is 8.0"),
    "three numbers for a pair": (lambda: rotate_pair(torch.zeros(3), 1.0), "two numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_a_sentence(name):
    call, says = BAD[name]
    with pytest.raises(ValueError, match=re.escape(says)):
        call()
