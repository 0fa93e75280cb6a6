"""The pictures of lesson 8. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle
from torch import Tensor

from embedcourse.rope.reference import inverse_frequencies, rotate, rotate_pair

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_MAP = "cividis"  # its lightness grows from end to end, so that it reads without colours
_FILLS = ("#ffffff", "#d9d9d9", "#bdd7e7", "#f3cfb3")


def clock_hands(pair: Sequence[float], angle: float, positions: Sequence[int]) -> tuple[Figure, str]:
    """One pair of numbers as the hand of a clock, turned by `angle` for each position."""
    figure = Figure(figsize=(3.9, 3.6), layout="constrained")
    axes = figure.subplots()
    length = math.hypot(*pair)
    _dial(axes, length)
    says = []
    for position in positions:
        x, y = rotate_pair(torch.tensor(pair), position * angle).tolist()
        axes.plot([0, x], [0, y], color=_BLUE, lw=2.4 if position == 0 else 1.3, marker="o", markevery=[1], ms=4)
        axes.text(1.14 * x, 1.14 * y, position, ha="center", va="center", fontsize=9)
        says.append(f"{position} at ({_spoken(x)}, {_spoken(y)})")
    axes.set_title(f"one pair at positions {positions[0]} to {positions[-1]}, {angle} radians each", fontsize=9)
    return figure, (
        f"A dial with one hand at {len(positions)} positions, each turned by {angle} radians against the clock from the one "
        f"before, all of length {length:.2f}: {'; '.join(says)}."
    )


def two_hands(
    q: Sequence[float], k: Sequence[float], angle: float, places: Sequence[tuple[int, int]]
) -> tuple[Figure, str]:
    """A query and a key of one pair, each turned by its position: a dial for each two positions, with their dot product."""
    figure = Figure(figsize=(2.65 * len(places), 3.6), layout="constrained")
    says = []
    for axes, (m, n) in zip(np.atleast_1d(figure.subplots(1, len(places))), places, strict=True):
        hands = _turned_hands(q, k, m * angle, n * angle)
        _dial(axes, max(math.hypot(*q), math.hypot(*k)))
        _draw_hands(axes, hands)
        score = _dot(*hands.values())
        axes.set_title(f"query at {m}, key at {n}\nscore {score:.2f}", fontsize=9)
        says.append(f"query at {m} and key at {n}, {_between(*hands.values())} degrees apart, score {_spoken(score)}")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure, (
        f"{len(places)} dials with two hands, a query and a key, each turned by {angle} radians a position: "
        f"{'; '.join(says)}."
    )


def wavelengths(head_dim: int, bases: Sequence[float], length: int) -> tuple[Figure, str]:
    """How many positions a whole turn of each pair takes, for some bases, and a line at the length of a text."""
    figure = Figure(figsize=(7.4, 3.6), layout="constrained")
    axes = figure.subplots()
    says = []
    looks = ((_BLUE, "o", "-"), (_ORANGE, "s", "--"))
    for base, (color, mark, line) in zip(bases, looks, strict=False):
        turns = (2 * math.pi / inverse_frequencies(head_dim, base).double()).numpy()
        axes.plot(turns, color=color, marker=mark, ms=3.5, lw=1, ls=line, label=f"base {base:,.10g}")
        unfinished = int((turns > length).sum())
        says.append(
            f"base {base:,.10g}: from {turns[0]:.1f} to {turns[-1]:,.0f} positions; {unfinished} of {len(turns)} pairs take "
            f"more than {length:,}"
        )
    axes.axhline(length, color=_INK, lw=0.9, ls="-.")
    axes.text(0, length * 1.15, f"a text of {length:,} tokens", fontsize=8)
    axes.set_yscale("log")
    axes.set(xlabel="pair", ylabel="wavelength, in positions")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(bases), frameon=False)
    return figure, (
        f"Points, one for each of {head_dim // 2} pairs: its wavelength, the positions that a whole turn takes, on a logarithmic "
        f"axis, where they lie on a straight line. {'. '.join(says)}."
    )


def layouts(head_dim: int) -> tuple[Figure, str]:
    """Which numbers of a vector make a pair, in either layout: equal numbers of the pair below, and an arc above."""
    figure = Figure(figsize=(7.2, 3.4), layout="constrained")
    half = head_dim // 2
    kinds = {
        "half: i with i + head_dim / 2": [(i, i + half) for i in range(half)],
        "interleaved: 2i with 2i + 1": [(2 * i, 2 * i + 1) for i in range(half)],
    }
    says = []
    for axes, (name, pairs) in zip(figure.subplots(2, 1), kinds.items(), strict=True):
        for number, (one, two) in enumerate(pairs):
            for place in (one, two):
                axes.add_patch(Rectangle((place, 0), 0.94, 0.8, facecolor=_FILLS[number % len(_FILLS)], edgecolor=_INK))
                axes.text(place + 0.47, 0.4, f"x[{place}]", ha="center", va="center", fontsize=9)
                axes.text(place + 0.47, -0.3, f"pair {number}", ha="center", va="center", fontsize=8)
            arc = FancyArrowPatch(
                (one + 0.47, 0.82),
                (two + 0.47, 0.82),
                arrowstyle="-",
                connectionstyle=f"arc3,rad={-0.25 if two - one > 1 else -0.5}",
                color=_BLUE,
                lw=1.4,
            )
            axes.add_patch(arc)
        axes.set_title(name, fontsize=10, loc="left")
        axes.set(xlim=(-0.1, head_dim + 0.1), ylim=(-0.6, 1.9))
        axes.axis("off")
        says.append(f"{name.partition(':')[0]}, {', '.join(f'{one} and {two}' for one, two in pairs)}")
    return figure, (
        f"Two rows of {head_dim} boxes, the numbers of one query, with arcs between those that make a pair. "
        f"{'. '.join(f'In the layout {said}' for said in says)}."
    )


def score_squares(squares: Mapping[str, Float[Tensor, "length length"]]) -> tuple[Figure, str]:
    """The scores of all queries with all keys, a square for each model, and how much they vary along one diagonal.

    Only where the key is not behind the query: a causal mask hides the rest.
    """
    figure = Figure(figsize=(8.1, 4.1), layout="constrained")
    says = []
    seen = {
        name: np.where(np.tri(len(scores), dtype=bool), scores.detach().double().numpy(), np.nan)
        for name, scores in squares.items()
    }
    low, high = (end([end(scores) for scores in seen.values()]) for end in (np.nanmin, np.nanmax))
    for axes, (name, scores) in zip(figure.subplots(1, len(seen)), seen.items(), strict=True):
        varies = max(np.ptp(np.diagonal(scores, offset)) for offset in range(1 - len(scores), 1))
        before = np.diagonal(scores, -1)
        picture = axes.imshow(scores, cmap=_MAP, vmin=low, vmax=high)
        axes.set_title(f"{name}\nalong a diagonal: up to {varies:.1f} apart", fontsize=10)
        axes.set(xlabel="position of the key", ylabel="position of the query")
        figure.colorbar(picture, ax=axes, label="score", shrink=0.75)
        says.append(
            f"{name}: scores from {_spoken(np.nanmin(scores), 1)} to {_spoken(np.nanmax(scores), 1)}; with the key one before "
            f"the query from {_spoken(before.min(), 1)} to {_spoken(before.max(), 1)}; along one diagonal, where the offset "
            f"is the same, up to {varies:.1f} apart (on and below the main one)"
        )
    return figure, f"Two squares of scores, a row for each query, a column for each key. {'. '.join(says)}."


def scores_by_distance(lines: Mapping[str, Float[Tensor, " offsets"]]) -> tuple[Figure, str]:
    """Scores against the offset from 0 on, a line for each of up to three kinds of queries and keys."""
    figure = Figure(figsize=(8.1, 3.5), layout="constrained")
    axes = figure.subplots()
    says = []
    looks = ((_BLUE, "--", 2.2), (_ORANGE, "-", 1.1), (_GREEN, "-.", 1.3))
    for (name, scores), (color, line, width) in zip(lines.items(), looks, strict=False):
        axes.plot(scores.tolist(), color=color, ls=line, lw=width, label=name)
        told = [offset for offset in (0, 1, 4, 20, 64, 256) if offset < len(scores)]
        rises = int((scores[1:] > scores[:-1]).sum())
        says.append(
            f"{name}: {', '.join(f'{_spoken(scores[offset].item())} at {offset}' for offset in told)}; largest at "
            f"{int(scores.argmax())}; it rises at {rises} of {len(scores) - 1} steps"
        )
    axes.axhline(0, color=_GRID, lw=0.8)
    axes.set(xlabel="offset, in positions", ylabel="score, lengths divided out")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure, f"{len(lines)} lines over the offset from 0 to {len(scores) - 1}. {'. '.join(says)}."


def dials(
    q: Float[Tensor, " dim"], k: Float[Tensor, " dim"], m: int, n: int, base: float, reach: int
) -> tuple[Figure, str]:
    """All pairs of a query at m and a key at n as dials (layout "half"), and below the score against the offset."""
    speeds = inverse_frequencies(len(q), base).tolist()
    pairs = list(zip(q.view(2, -1).T.tolist(), k.view(2, -1).T.tolist(), speeds, strict=True))
    figure = Figure(figsize=(8.1, 5.6), layout="constrained")
    grid = figure.add_gridspec(2, len(pairs), height_ratios=(1.15, 1))
    says = []
    for number, (q_pair, k_pair, speed) in enumerate(pairs):
        axes = figure.add_subplot(grid[0, number])
        hands = _turned_hands(q_pair, k_pair, m * speed, n * speed)
        _dial(axes, max(math.hypot(*q_pair), math.hypot(*k_pair)))
        _draw_hands(axes, hands)
        share = _dot(*hands.values())
        axes.set_title(f"pair {number}: {speed:.3g} rad\ngives {_spoken(share, minus='−')}", fontsize=9)
        says.append(f"pair {number}, {speed:.3g} radians a position, gives {_spoken(share)}")
    offsets = torch.arange(-reach, reach + 1)
    scores = rotate(q.expand(len(offsets), -1), offsets, base) @ k
    here = scores[m - n + reach].item()
    below = figure.add_subplot(grid[1, :])
    below.plot(offsets, scores, color=_INK, lw=1.3)
    below.plot([m - n], [here], "D", color=_GREEN, ms=8)
    below.annotate(f"{_spoken(here, minus='−')}", (m - n, here), (8, 6), textcoords="offset points", fontsize=9)
    below.axhline(0, color=_GRID, lw=0.8)
    below.set(xlabel="offset: position of the query − position of the key", ylabel="score")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    back = scores[n - m + reach].item()
    return figure, (
        f"{len(pairs)} dials and a line. Query at {m}, key at {n}, base {base:,.10g}: {'; '.join(says)}. Their sum, the score, "
        f"is {_spoken(here)}. The line has the score at each offset from minus {reach} to {reach}: {_spoken(here)} at "
        f"{_spoken(m - n, 0)}, {_spoken(back)} at {_spoken(n - m, 0)}, from {_spoken(scores.min().item())} to "
        f"{_spoken(scores.max().item())} over all."
    )


def _dial(axes: Axes, length: float) -> None:
    axes.add_patch(Circle((0, 0), length, fill=False, color=_GRID))
    axes.set(xlim=(-1.3 * length, 1.3 * length), ylim=(-1.3 * length, 1.3 * length), aspect="equal")
    axes.axis("off")


def _turned_hands(q: Sequence[float], k: Sequence[float], q_angle: float, k_angle: float) -> dict[str, list[float]]:
    return {
        "query": rotate_pair(torch.tensor(q), q_angle).tolist(),
        "key": rotate_pair(torch.tensor(k), k_angle).tolist(),
    }


def _draw_hands(axes: Axes, hands: Mapping[str, Sequence[float]]) -> None:
    for (name, (x, y)), (color, mark, line) in zip(
        hands.items(), ((_BLUE, "o", "-"), (_ORANGE, "s", "--")), strict=True
    ):
        axes.plot([0, x], [0, y], color=color, ls=line, marker=mark, markevery=[1], ms=6, lw=1.8, label=name)


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _between(one: Sequence[float], other: Sequence[float]) -> int:
    """The angle between two hands, in degrees."""
    return round(math.degrees(math.acos(_dot(one, other) / (math.hypot(*one) * math.hypot(*other)))))


def _spoken(number: float, digits: int = 2, minus: str = "minus ") -> str:
    """With few digits, no minus before a zero, and a minus that a screen reader does not drop."""
    return f"{round(number, digits) + 0.0:.{digits}f}".replace("-", minus)
