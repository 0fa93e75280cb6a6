"""Rotary position embedding (RoPE): queries and keys turned by their position, so that a score knows the offset.

Taught in lesson 8, in torch. One pair of numbers is turned like the hand of a clock (`rotate_pair`); a head has many pairs
and each its own speed (`inverse_frequencies`); `rotate` turns them all, in either of the two layouts that models use
(`rotate_half`, `rotate_interleaved`); what it is for can be tested (`only_the_offset_matters`), and a key can be made for
any offset (`key_for_offset`).
Not here: weights of one layout for code of the other, and speeds for longer texts (`practice.py`).
"""

import math
from collections.abc import Callable
from numbers import Real
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Layout = Literal["half", "interleaved"]

_PIECE = 2**21  # numbers: eight MiB of float32, which stay in the cache until they have been turned


def rotate_pair(pair: Float[Tensor, "*batch 2"], angle: float | Float[Tensor, "*batch"]) -> Float[Tensor, "*batch 2"]:
    """The pairs (x₁, x₂) turned by `angle` against the clock: (x₁ cos − x₂ sin, x₁ sin + x₂ cos).

    angle  in radians, one for all pairs or one for each
    Raises ValueError if the last axis of `pair` has not two numbers.

    >>> rotate_pair(torch.tensor([1.0, 0.0]), torch.pi / 2).round(decimals=3)
    tensor([-0., 1.])
    """
    pair = _floats(pair, "pair")
    if pair.shape[-1] != 2:
        raise ValueError(f"pair has shape {tuple(pair.shape)}; its last axis must have two numbers")
    angle = torch.as_tensor(angle, dtype=_exact(pair.dtype), device=pair.device)
    x1, x2 = pair.unbind(-1)
    turned = torch.stack((x1 * angle.cos() - x2 * angle.sin(), x1 * angle.sin() + x2 * angle.cos()), dim=-1)
    return turned.to(pair.dtype)


def inverse_frequencies(head_dim: int, base: float = 10_000.0) -> Float[Tensor, " pairs"]:
    """How far each pair turns from one position to the next, in radians: base^(−2i/head_dim), float32.

    Pair 0 turns by 1; the last by little more than 1/base. Pair i is back where it began after 2π / inverse_frequencies[i]
    positions, its wavelength. People call `base` theta, and a `config.json` `rope_theta`; in the paper θᵢ is the speed.
    Source: Su et al. 2021 (arXiv 2104.09864), equation 15.
    Raises ValueError for a head_dim that is not even, or a base that is not above 0.

    >>> inverse_frequencies(8)
    tensor([1.0000, 0.1000, 0.0100, 0.0010])
    """
    return _frequencies(head_dim, base, torch.float32)


def rotate(
    x: Float[Tensor, "*batch length head_dim"],
    positions: Float[Tensor, "*batch length"],
    base: float = 10_000.0,
    layout: Layout = "half",
    rotary_dim: int | None = None,
    inv_freq: Float[Tensor, " pairs"] | None = None,
) -> Float[Tensor, "*batch length head_dim"]:
    """Queries or keys turned by their positions: pair i of the vector at position m by the angle m · base^(−2i/head_dim).

    The dot product of a turned query and a turned key depends on the difference of their positions alone.
    positions   (length,), or any shape that broadcasts to x.shape[:-1]; fractions and negative ones are fine
    layout      which numbers are a pair: i and i + head_dim/2 ("half": GPT-NeoX, Llama as Hugging Face stores it), or
                2i and 2i + 1 ("interleaved": the paper, GPT-J, Llama as Meta stores it)
    rotary_dim  turn the first `rotary_dim` numbers only, as if they were the whole head; the others stay as they are
    inv_freq    radians a position for each pair, in place of what `base` gives
    Angles are computed in float32, or float64 for x in float64; the result has the dtype of `x`.
    Source: Su et al. 2021 (arXiv 2104.09864), equation 34.
    Raises ValueError for an odd number of dimensions, positions that do not fit, or a layout with another name.

    >>> rotate(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])
    """
    x = _floats(x, "x")
    rotary_dim = _rotary_dim(rotary_dim, x.shape[-1])
    if layout not in _TURNS:
        raise ValueError(f"layout is {layout!r}; it must be 'half' or 'interleaved'")
    exact = _exact(x.dtype)
    if inv_freq is None:
        inv_freq = _frequencies(rotary_dim, base, exact, x.device)
    elif not isinstance(inv_freq, Tensor) or inv_freq.shape != (rotary_dim // 2,):
        raise ValueError(f"inv_freq must be a tensor of {rotary_dim // 2} numbers, one for each pair")
    angles = _positions(positions, x).to(exact)[..., None] * inv_freq.to(x.device, exact)
    turned = _TURNS[layout](x[..., :rotary_dim].to(exact), angles.cos(), angles.sin()).to(x.dtype)
    return turned if rotary_dim == x.shape[-1] else torch.cat((turned, x[..., rotary_dim:]), dim=-1)


def rotate_half(
    x: Float[Tensor, "*batch length head_dim"], positions: Float[Tensor, "*batch length"], base: float = 10_000.0
) -> Float[Tensor, "*batch length head_dim"]:
    """`rotate` with layout "half": pair i is (x[i], x[i + head_dim/2])."""
    return rotate(x, positions, base, "half")


def rotate_interleaved(
    x: Float[Tensor, "*batch length head_dim"], positions: Float[Tensor, "*batch length"], base: float = 10_000.0
) -> Float[Tensor, "*batch length head_dim"]:
    """`rotate` with layout "interleaved": pair i is (x[2i], x[2i + 1])."""
    return rotate(x, positions, base, "interleaved")


def unfinished_turns(head_dim: int, length: int, base: float = 10_000.0) -> int:
    """How many pairs of a head do not finish a turn in `length` positions: their wavelength, 2π / speed, is longer.

    >>> unfinished_turns(128, 2_048)
    23
    """
    return int((2 * math.pi / inverse_frequencies(head_dim, base) > length).sum())


def only_the_offset_matters(turn: Callable[[Tensor, Tensor], Tensor]) -> bool:
    """Whether `turn(query, m) · turn(key, n)` hangs on m − n alone, tried at all positions from 0 to 191.

    The square of scores, queries down and keys across, is then constant along its diagonals.
    """
    positions = torch.arange(192)
    query, key = torch.randn(2, 1, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    scores = turn(query.expand(192, 8), positions) @ turn(key.expand(192, 8), positions).T
    return torch.allclose(scores[1:, 1:], scores[:-1, :-1], rtol=0, atol=1e-4)


def key_for_offset(
    turn: Callable[[Tensor, Tensor], Tensor], q: Float[Tensor, " head_dim"], offset: int
) -> Float[Tensor, " head_dim"]:
    """Of all keys as long as `q`, the one with the largest score when the query stands `offset` positions after it.

    turn  a rotation as `rotate`: turn(x, positions), its score hangs on the offset alone and position 0 turns nothing
    Neither is turned yet. With m − n = offset the score is q · R₋ₒ k for a turn R by o = offset, so k = Rₒ q: it is |q|².

    >>> key_for_offset(rotate, torch.tensor([3.0, 1.0]), offset=0)
    tensor([3., 1.])
    """
    return turn(q[None], torch.tensor([offset]))[0]


def _turn_halves(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Pair i is (x[i], x[i + half])."""
    if torch.is_grad_enabled() and (x.requires_grad or cos.requires_grad):
        x1, x2 = x.chunk(2, dim=-1)
        return torch.cat((x1 * cos - x2 * sin, x1 * sin + x2 * cos), dim=-1)
    turned, cos = torch.empty_like(x), torch.cat((cos, cos), dim=-1)
    _turn_halves_into(turned, x, *(part.expand(*x.shape[:-1], -1) for part in (cos, sin)))
    return turned


def _turn_halves_into(turned: Tensor, x: Tensor, cos: Tensor, sin: Tensor) -> None:
    """The same where no gradient is asked for, piece by piece: a tensor that outgrows the cache is read only once."""
    if x.numel() > _PIECE and x.ndim > 1:
        rows = _PIECE // x[0].numel()
        for piece in zip(*(t.split(rows) if rows else t for t in (turned, x, cos, sin)), strict=True):
            _turn_halves_into(*piece)
        return
    (x1, x2), (y1, y2) = x.chunk(2, dim=-1), turned.chunk(2, dim=-1)
    torch.mul(x, cos, out=turned)
    y1.addcmul_(x2, sin, value=-1)
    y2.addcmul_(x1, sin)


def _turn_neighbours(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Pair i is (x[2i], x[2i + 1]), read as the complex number x[2i] + x[2i + 1]·i; a turn multiplies it by cos + sin·i."""
    pairs = torch.view_as_complex(x.contiguous().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * torch.complex(cos, sin)).flatten(-2)


_TURNS = {"half": _turn_halves, "interleaved": _turn_neighbours}


def _frequencies(dim: int, base: float, dtype: torch.dtype, device: torch.device | None = None) -> Tensor:
    dim = _even(dim, "head_dim")
    if isinstance(base, bool) or not isinstance(base, Real) or not 0 < base < float("inf"):
        raise ValueError(f"base is {base!r}; it must be a finite number above 0, such as 10000.0")
    return 1.0 / base ** (torch.arange(0, dim, 2, dtype=dtype, device=device) / dim)


def _positions(positions: Tensor, x: Tensor) -> Tensor:
    positions = torch.as_tensor(positions, device=x.device)
    if positions.dtype == torch.bool or positions.is_complex():
        raise ValueError(f"positions are {positions.dtype}; they must be numbers, such as torch.arange(length)")
    axes = positions.shape
    if len(axes) >= x.ndim or any(n not in (1, m) for n, m in zip(axes[::-1], x.shape[-2::-1], strict=False)):
        raise ValueError(
            f"positions have shape {tuple(axes)} and x {tuple(x.shape)}; there must be one position for each vector: "
            f"{tuple(x.shape[:-1])}, or what broadcasts to it"
        )
    return positions


def _rotary_dim(rotary_dim: int | None, head_dim: int) -> int:
    rotary_dim = head_dim if rotary_dim is None else _even(rotary_dim, "rotary_dim")
    if rotary_dim > head_dim:
        raise ValueError(f"rotary_dim is {rotary_dim}, but a head has only {head_dim} numbers")
    return _even(rotary_dim, "head_dim")


def _even(dim: int, name: str) -> int:
    if isinstance(dim, bool) or not isinstance(dim, int) or dim < 2 or dim % 2:
        raise ValueError(f"{name} is {dim!r}; numbers turn in pairs, so it must be an even whole number, at least 2")
    return dim


def _floats(x: Tensor, name: str) -> Tensor:
    if not isinstance(x, Tensor) or not x.is_floating_point() or not x.ndim:
        what = f"{x.dtype} of shape {tuple(x.shape)}" if isinstance(x, Tensor) else type(x).__name__
        raise ValueError(f"{name} is {what}; it must be a tensor of floating-point numbers with at least one axis")
    return x


def _exact(dtype: torch.dtype) -> torch.dtype:
    """The dtype of angles: bfloat16 cannot tell position 257 from 256."""
    return torch.promote_types(dtype, torch.float32)
