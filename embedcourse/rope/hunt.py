"""The bug hunt of lesson 9: four broken rotations, and what the smallest input that exposes each has to do.

Each of HUNTED makes a fresh `turn(x, positions, base)`, with x (length, head_dim), for layout "half"; it may remember what
it was called with. They are read in the lesson, so each is written out whole; `right` is what they should be.
`exposed` and `smallest` are laws of marking: they run the broken one and the right one on what a learner found.
"""

from collections.abc import Callable, Sequence
from numbers import Real

import torch
from torch import Tensor

Turn = Callable[[Tensor, Tensor, float], Tensor]
Calls = Sequence[tuple[Tensor, Tensor, float]]

VISIBLE = 1e-3  # a difference, as a share of the largest number turned: more than rounding
FEWEST = {"a": 4, "b": 2, "c": 4, "d": 8}  # numbers that must be turned, over all calls
LARGEST_BASE = 1e30  # beyond it float32 has no speeds to tell apart
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def right(x, positions, base):
    """Pair i is (x[i], x[i + head_dim/2]) and turns by position * base^(-2i/head_dim)."""
    dim = x.shape[-1]
    speeds = base ** -(torch.arange(0, dim, 2) / dim)
    angles = positions[:, None] * speeds
    c, s = angles.cos(), angles.sin()
    x1, x2 = x.chunk(2, dim=-1)
    return torch.cat([x1 * c - x2 * s, x1 * s + x2 * c], dim=-1)


def a(x, positions, base):
    """Version a."""
    dim = x.shape[-1]
    speeds = base ** -(torch.arange(0, dim, 2) / dim)
    angles = positions[:, None] * speeds.repeat_interleave(2)
    x1, x2 = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-x2, x1], dim=-1) * angles.sin()


def b(x, positions, base):
    """Version b."""
    dim = x.shape[-1]
    speeds = base ** -(torch.arange(0, dim, 2) / dim)
    angles = (positions[:, None] * speeds).repeat(1, 2)
    x1, x2 = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([x2, -x1], dim=-1) * angles.sin()


def c(x, positions, base):
    """Version c."""
    dim = x.shape[-1]
    speeds = base ** -(torch.arange(dim // 2) / dim)
    angles = (positions[:, None] * speeds).repeat(1, 2)
    x1, x2 = x.chunk(2, dim=-1)
    return x * angles.cos() + torch.cat([-x2, x1], dim=-1) * angles.sin()


def d():
    """Version d, which keeps speeds, so as not to work them out again."""
    kept = {}

    def turn(x, positions, base):
        dim = x.shape[-1]
        if dim not in kept:
            kept[dim] = base ** -(torch.arange(0, dim, 2) / dim)
        angles = (positions[:, None] * kept[dim]).repeat(1, 2)
        x1, x2 = x.chunk(2, dim=-1)
        return x * angles.cos() + torch.cat([-x2, x1], dim=-1) * angles.sin()

    return turn


HUNTED: dict[str, Callable[[], Turn]] = {"a": lambda: a, "b": lambda: b, "c": lambda: c, "d": d}


def differs(name: str, calls: Calls) -> bool:
    """Whether a fresh version of that name turns anything visibly wrong in these calls, made one after the other.

    Raises ValueError for a name that is not hunted, and for calls that no version could be called with.
    """
    if name not in HUNTED:
        raise ValueError(f"there is no version {name!r}; there are {', '.join(map(repr, HUNTED))}")
    problem = _misshapen(calls)
    if problem is not None:
        raise ValueError(problem)
    turn = HUNTED[name]()
    plain = [(x, positions, float(base)) for x, positions, base in calls]
    return any(_wrong(turn(*call), right(*call), call[0]) for call in plain)


def size(calls: Calls) -> int:
    """How many numbers are turned, over all calls."""
    return sum(x.numel() for x, _positions, _base in calls)


def exposed(name: str, found: object) -> str | None:
    """What is wrong with a learner's dict where version `name` is concerned; None if its calls expose it."""
    if type(found) is not dict:
        return "your answer is no dict; it must have a list of calls for each version"
    if name not in found:
        return f"your dict has no key {name!r}"
    calls = found[name]
    problem = _misshapen(calls)
    if problem is not None:
        return f"{name!r}: {problem}"
    if differs(name, calls):
        return None
    if all(not x.any() for x, _, _ in calls):
        why = "x is all zeros, and a zero stays where it is however it is turned"
    elif all(not positions.any() for _, positions, _ in calls):
        why = "at position 0 nothing turns, in any version"
    elif name == "d" and len(calls) == 1:
        why = "one call alone comes out right; what is kept does its harm later"
    elif name == "d" and len({base for _, _, base in calls}) == 1:
        why = "the base is the same in all calls, so what is kept fits"
    elif name != "b" and all(x.shape[-1] == 2 for x, _, _ in calls):
        why = "a head of two numbers is one pair, and with one pair this version is right"
    elif name in ("a", "c") and all(base == 1 for _, _, base in calls):
        why = "with base 1 all pairs turn alike"
    else:
        why = "the broken version and the right one agree on these calls"
    return f"{name!r} is not exposed: {why}"


def smallest(name: str, found: object) -> str | None:
    """The same, and None only if no smaller input would do."""
    problem = exposed(name, found)
    if problem is None and size(found[name]) > FEWEST[name]:
        problem = f"{name!r} is exposed, and a smaller input exposes it as well"
    return problem


def _wrong(got: Tensor, wanted: Tensor, x: Tensor) -> bool:
    return (got - wanted).abs().max().item() > VISIBLE * x.abs().max().item()


def _misshapen(calls: object) -> str | None:
    if type(calls) is not list or not calls:
        return "give a list of calls, [(x, positions, base)], even if it is only one"
    for call in calls:
        if type(call) not in (tuple, list) or len(call) != 3:
            return "a call is (x, positions, base), three things in brackets"
        x, positions, base = call
        if type(x) is not Tensor or x.ndim != 2:
            return "x must be a tensor with two axes, (length, head_dim), such as torch.ones(1, 4)"
        if x.dtype not in FLOATS:
            return "x must hold floats: torch.ones(1, 4), or x.float()"
        if not x.numel() or x.shape[-1] % 2 or x.numel() > 10_000:
            return "x must have at least one row, an even number of columns, and no more than 10,000 numbers"
        if not x.isfinite().all():
            return "x holds a NaN or an infinite number, which is wrong in the right version as well"
        if type(positions) is not Tensor or positions.shape != x.shape[:1]:
            return "positions must be a tensor with one number for each row of x, such as torch.tensor([5])"
        if positions.is_complex() or positions.dtype == torch.bool or not _whole(positions.double()):
            return "positions must be whole numbers from 0 on, such as torch.tensor([5])"
        if isinstance(base, bool) or not isinstance(base, Real) or not 0 < base < LARGEST_BASE:
            return "base must be a plain number above 0, such as 100.0"
    return None


def _whole(positions: Tensor) -> bool:
    return bool(((positions % 1 == 0) & (positions >= 0)).all())
