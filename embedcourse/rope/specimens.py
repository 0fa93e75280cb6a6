"""Rotations that are right, and others that are not: what lesson 8's tests are tried on.

Each is a function `turn(x, positions)` with x (…, length, head_dim) and positions (length,), as `rotate` is for its default
base. They are written out here, each as somebody once wrote it, and share nothing with `reference.py`.
"""

from collections.abc import Callable

import torch
from torch import Tensor

Turn = Callable[[Tensor, Tensor], Tensor]
_BASE = 10_000.0
_ROWS = 1_021  # of the tables of positions, which begin anew: nobody shifts by this


def half(x: Tensor, positions: Tensor) -> Tensor:
    """Pairs i and i + head_dim/2."""
    return _turn_halves(x, _angles(x, positions))


def interleaved(x: Tensor, positions: Tensor) -> Tensor:
    """Pairs 2i and 2i + 1."""
    x1, x2 = x[..., 0::2], x[..., 1::2]
    cos, sin = _cos_sin(_angles(x, positions))
    return torch.stack((x1 * cos - x2 * sin, x1 * sin + x2 * cos), dim=-1).flatten(-2)


def sine_flipped(x: Tensor, positions: Tensor) -> Tensor:
    """Turned the other way round."""
    return _turn_halves(x, -_angles(x, positions))


def exponent_i_over_d(x: Tensor, positions: Tensor) -> Tensor:
    """Speeds base^(−i/head_dim): the 2 is forgotten."""
    return _turn_halves(x, _angles(x, positions, exponent=1))


def mixed_layout(x: Tensor, positions: Tensor) -> Tensor:
    """Angles laid out for one layout, 0 0 1 1, and numbers turned in the other."""
    cos, sin = _cos_sin(_angles(x, positions).repeat_interleave(2, dim=-1))
    x1, x2 = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-x2, x1), dim=-1) * sin


def off_by_one(x: Tensor, positions: Tensor) -> Tensor:
    """Positions counted from 1."""
    return _turn_halves(x, _angles(x, _tensor(positions) + 1))


def _another_base(x: Tensor, positions: Tensor) -> Tensor:
    return _turn_halves(x, _angles(x, positions, base=500.0))


def _nothing(x: Tensor, positions: Tensor) -> Tensor:
    return x.clone()


def _added(x: Tensor, positions: Tensor, std: float = 1.0) -> Tensor:
    table = torch.randn(_ROWS, x.shape[-1], generator=torch.Generator().manual_seed(0))
    return x + std * table[_tensor(positions).long() % _ROWS].to(x.dtype)


def _a_little_added(x: Tensor, positions: Tensor) -> Tensor:
    return _added(x, positions, std=0.05)


def _clocks_added(x: Tensor, positions: Tensor) -> Tensor:
    angles = _angles(x, positions)
    return x + torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


def _doubled(x: Tensor, positions: Tensor) -> Tensor:
    return 2 * half(x, positions)


def _beside(x: Tensor, positions: Tensor) -> Tensor:
    """Twice as wide; the score of m and n is that of 0 and 0 times cos(m − n), if all speeds are one: no sign of the offset."""
    angle = 0.37 * _tensor(positions).to(x.dtype)[..., None]  # rounds far out, so that `==` fails
    return torch.cat((x * angle.cos(), x * angle.sin()), dim=-1)


def _pattern_moved_on(x: Tensor, positions: Tensor) -> Tensor:
    """x is forgotten: 0, 1, 2, …, moved on by the position. Scores are whole numbers, so that nothing rounds."""
    moved = (torch.arange(x.shape[-1]) - _tensor(positions).long()[..., None]) % x.shape[-1]
    return 0 * x + moved


def _squared(x: Tensor, positions: Tensor) -> Tensor:
    return _turn_halves(x, _angles(x, _tensor(positions) ** 2))


def _down_then_up(x: Tensor, positions: Tensor) -> Tensor:
    """On either side of 64 offsets count, with opposite signs: a vector with itself as key does not notice."""
    return half(x, (_tensor(positions) - 64).abs())


def _longer_and_longer(x: Tensor, positions: Tensor) -> Tensor:
    return half(x, positions) * (1 + _tensor(positions)[..., None] / 100).to(x.dtype)


def _ends_at_64(x: Tensor, positions: Tensor) -> Tensor:
    return half(x, _tensor(positions).clamp(max=63))


VERSIONS: dict[str, Turn] = {
    "half": half,
    "interleaved": interleaved,
    "sine flipped": sine_flipped,
    "exponent i/d": exponent_i_over_d,
    "mixed layout": mixed_layout,
    "off by one": off_by_one,
}

SPECIMENS: dict[str, Turn] = {
    **VERSIONS,
    "another base": _another_base,
    "nothing is turned": _nothing,
    "turned, and twice as long": _doubled,
    "x cos and x sin side by side": _beside,
    "x forgotten, a pattern moved on": _pattern_moved_on,
    "a learned table, added": _added,
    "a learned table of small numbers, added": _a_little_added,
    "sines and cosines, added": _clocks_added,
    "turned by the square of the position": _squared,
    "counted down to 64, then up": _down_then_up,
    "longer with each position": _longer_and_longer,
    "a table of angles that ends at 64": _ends_at_64,
}


def _tensor(positions: Tensor) -> Tensor:
    return torch.as_tensor(positions)


def _angles(x: Tensor, positions: Tensor, exponent: int = 2, base: float = _BASE) -> Tensor:
    dim = x.shape[-1]
    speeds = base ** (-exponent * torch.arange(dim // 2, dtype=x.dtype) / dim)
    return _tensor(positions).to(x.dtype)[..., None] * speeds


def _cos_sin(angles: Tensor) -> tuple[Tensor, Tensor]:
    return angles.cos(), angles.sin()


def _turn_halves(x: Tensor, angles: Tensor) -> Tensor:
    x1, x2 = x.chunk(2, dim=-1)
    cos, sin = _cos_sin(angles)
    return torch.cat((x1 * cos - x2 * sin, x1 * sin + x2 * cos), dim=-1)
