"""The pictures of lesson 8. Each function returns a matplotlib figure and its alt text, and shows nothing itself.

None is wider than 6.4 inches, and no letter smaller than 9 points: on a screen 360 pixels wide that leaves 7 pixels.
"""

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
from embedcourse.showing import spoken

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_MAP = "cividis"  # its lightness grows from end to end, so that it reads without colours
_CLOSE = {
    "frameon": False,
    "fontsize": 9,
    "columnspacing": 1.2,
    "handletextpad": 0.5,
    "handlelength": 2.6,
}  # three names in a row
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
        says.append(f"{position} at ({spoken(x)}, {spoken(y)})")
    axes.set_title(f"one pair at positions {positions[0]} to {positions[-1]}, {angle} radians each", fontsize=9)
    return figure, (
        f"A dial with one hand at {len(positions)} positions, each turned by {angle} radians against the clock from the one "
        f"before, all of length {length:.2f}: {'; '.join(says)}."
    )


def two_hands(
    q: Sequence[float], k: Sequence[float], angle: float, places: Sequence[tuple[int, int]]
) -> tuple[Figure, str]:
    """A query and a key of one pair, each turned by its position: a dial for each two positions, with their dot product."""
    figure = Figure(figsize=(6.4, 3.1), layout="constrained")
    says = []
    for axes, (m, n) in zip(np.atleast_1d(figure.subplots(1, len(places))), places, strict=True):
        hands = _turned_hands(q, k, m * angle, n * angle)
        _dial(axes, max(math.hypot(*q), math.hypot(*k)))
        _draw_hands(axes, hands)
        score = _dot(*hands.values())
        axes.set_title(f"query at {m}, key at {n}\nscore {score:.2f}", fontsize=9)
        says.append(f"query at {m} and key at {n}, the query {_apart(*hands.values())} the key, score {spoken(score)}")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure, (
        f"{len(places)} dials with two hands, a query and a key, each turned by {angle} radians a position: "
        f"{'; '.join(says)}."
    )


def wavelengths(head_dim: int, bases: Sequence[float], lengths: Sequence[int]) -> tuple[Figure, str]:
    """How many positions a whole turn of each pair takes, for some bases, and a line at the length of each text."""
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.subplots()
    says = []
    looks = ((_BLUE, "o", "-"), (_ORANGE, "s", "--"))
    for base, (color, mark, line) in zip(bases, looks, strict=False):
        turns = (2 * math.pi / inverse_frequencies(head_dim, base).double()).numpy()
        axes.plot(turns, color=color, marker=mark, ms=3.5, lw=1, ls=line, label=f"base {base:,.10g}")
        longer = " and ".join(f"{int((turns > length).sum())} more than {length:,}" for length in lengths)
        says.append(
            f"base {base:,.10g}: from {turns[0]:.1f} to {turns[-1]:,.0f} positions; of {len(turns)} pairs {longer}"
        )
    for length in lengths:
        axes.axhline(length, color=_INK, lw=0.9, ls="-.")
        axes.text(0, length * 1.15, f"a text of {length:,} tokens", fontsize=9)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:,.0f}")  # a power of ten is written in letters too small
    axes.set(xlabel="pair", ylabel="wavelength, in positions")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=len(bases), frameon=False)
    return figure, (
        f"Points, one for each of {head_dim // 2} pairs: its wavelength, the positions that a whole turn takes, on a logarithmic "
        f"axis, where they lie on a straight line. {'. '.join(says)}."
    )


def layouts(head_dim: int) -> tuple[Figure, str]:
    """Which numbers of a vector make a pair, in either layout: equal numbers of the pair below, and an arc above."""
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
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
                axes.text(place + 0.47, -0.3, f"pair {number}", ha="center", va="center", fontsize=9)
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
    """The scores of all queries with all keys, a square for each model, and how far the key one before leads in its row.

    The lead is what a softmax sees: a number added to a whole row changes no weight. Only where the key is not behind the
    query: a causal mask hides the rest.
    """
    figure = Figure(figsize=(6.4, 3.5), layout="constrained")
    says = []
    seen = {
        name: np.where(np.tri(len(scores), dtype=bool), scores.detach().double().numpy(), np.nan)
        for name, scores in squares.items()
    }
    low, high = (end([end(scores) for scores in seen.values()]) for end in (np.nanmin, np.nanmax))
    for axes, (name, scores) in zip(figure.subplots(1, len(seen)), seen.items(), strict=True):
        varies = max(np.ptp(np.diagonal(scores, offset)) for offset in range(1 - len(scores), 1))
        before = np.diagonal(scores, -1)
        leads = [row[at] - np.nanmax(np.delete(row, at)) for at, row in enumerate(scores[1:])]
        lead = " to ".join(dict.fromkeys(spoken(end, 1) for end in (min(leads), max(leads))))
        picture = axes.imshow(scores, cmap=_MAP, vmin=low, vmax=high)
        axes.set_title(f"{name}\nlead of the one before:\n{lead}", fontsize=10)
        axes.set(xlabel="position of the key", ylabel="position of the query")
        says.append(
            f"{name}: scores from {spoken(np.nanmin(scores), 1)} to {spoken(np.nanmax(scores), 1)}; with the key one before "
            f"the query from {spoken(before.min(), 1)} to {spoken(before.max(), 1)}; along one diagonal, where the offset "
            f"is the same, up to {varies:.1f} apart; one before leads all other keys of its row by {lead}; "
            f"with the query's own key on average {spoken(np.diagonal(scores).mean(), 1)}, "
            f"one before {spoken(before.mean(), 1)}, two before "
            f"{spoken(np.diagonal(scores, -2).mean(), 1)}"
        )
    figure.colorbar(picture, ax=figure.axes, label="score", shrink=0.7)
    return figure, (
        f"{len(seen)} squares of scores, a row for each query, a column for each key; the half above the main diagonal, which a "
        f"causal mask hides, is blank. {'. '.join(says)}."
    )


def scores_by_distance(
    lines: Mapping[str, Float[Tensor, " offsets"]],
    told: Sequence[int] = (0, 1, 4, 20, 64, 256),
    trained: int | None = None,
    label: str = "score, lengths divided out",
) -> tuple[Figure, str]:
    """Scores against the offset from 0 on, a line for each of up to three kinds of queries and keys.

    told     the offsets of which the alt text tells
    trained  offsets below this were trained: they get another ground, and those of `told` beyond are named in the picture
    """
    figure = Figure(figsize=(6.4, 3.5), layout="constrained")
    axes = figure.subplots()
    says = []
    looks = ((_BLUE, "-", 1.3),) if len(lines) == 1 else ((_BLUE, "--", 2.2), (_ORANGE, "-", 1.1), (_GREEN, "-.", 1.3))
    for (name, scores), (color, line, width) in zip(lines.items(), looks, strict=False):
        axes.plot(scores.tolist(), color=color, ls=line, lw=width, label=name)
        rises = int((scores[1:] > scores[:-1]).sum())
        says.append(
            f"{name}: {', '.join(f'{spoken(scores[at].item())} at {at}' for at in told if at < len(scores))}; largest at "
            f"{int(scores.argmax())}; it rises at {rises} of {len(scores) - 1} steps"
        )
    axes.axhline(0, color=_GRID, lw=0.8)
    if trained:
        axes.axvspan(0, trained - 1, color=_GRID, alpha=0.3, label=f"trained: offsets 0 to {trained - 1}")
        says.append(f"Offsets 0 to {trained - 1}, those of training, have a grey ground")
        first = next(iter(lines.values()))
        for at in (at for at in told if at >= trained):
            axes.annotate(str(at), (at, first[at].item()), (0, 4), textcoords="offset points", ha="center", fontsize=9)
        axes.margins(y=0.12)  # room for these numbers
    axes.set(xlabel="offset, in positions", ylabel=label)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3 if len(names) < 4 else 2, **_CLOSE)
    count = f"{len(lines)} lines" if len(lines) > 1 else "A line"
    return figure, f"{count} over the offset from 0 to {len(scores) - 1}. {'. '.join(says)}."


def dials(
    q: Float[Tensor, " dim"],
    k: Float[Tensor, " dim"],
    m: int,
    n: int,
    base: float,
    reach: int,
    made_for: int | None = None,
) -> tuple[Figure, str]:
    """All pairs of a query at m and a key at n as dials (layout "half"), and below the score against the offset.

    A diamond marks the score at m and n, a triangle the highest peak but one, a dotted line the largest score that such
    lengths allow. The alt text says for which offset the key was made, if it is told.
    """
    speeds = inverse_frequencies(len(q), base).tolist()
    pairs = list(zip(q.view(2, -1).T.tolist(), k.view(2, -1).T.tolist(), speeds, strict=True))
    figure = Figure(figsize=(6.4, 4.9), layout="constrained")
    grid = figure.add_gridspec(2, len(pairs), height_ratios=(1.15, 1))
    says = []
    for number, (q_pair, k_pair, speed) in enumerate(pairs):
        axes = figure.add_subplot(grid[0, number])
        hands = _turned_hands(q_pair, k_pair, m * speed, n * speed)
        _dial(axes, max(math.hypot(*q_pair), math.hypot(*k_pair)))
        _draw_hands(axes, hands)
        share = _dot(*hands.values())
        axes.set_title(f"pair {number}: {speed:.3g} rad\ngives {spoken(share, minus='−')}", fontsize=9)
        says.append(
            f"pair {number} turns by {speed:.3g} a position; the query's hand stands at {_degrees(hands['query'])}, the key's at "
            f"{_degrees(hands['key'])}, which gives {spoken(share)}"
        )
    offsets = torch.arange(-reach, reach + 1)
    scores = rotate(q.expand(len(offsets), -1), offsets, base) @ k
    here = scores[m - n + reach].item()
    below = figure.add_subplot(grid[1, :])
    most = (q.norm() * k.norm()).item()
    below.plot(offsets, scores, color=_INK, lw=1.3)
    below.plot([m - n], [here], "D", color=_GREEN, ms=8)
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    below.annotate(
        spoken(here, minus="−"),
        (m - n, here),
        (0, -18 if here > -0.5 * most else 18),  # below the diamond, where there is room for it
        textcoords="offset points",
        ha="center",
        va="center",
        fontsize=9,
        bbox=white,
    )
    second, other_peak = _second_peak(scores), "it has no other peak"
    if second is not None:
        at, height = second - reach, scores[second].item()
        below.plot([at], [height + 0.08 * most], "v", color=_ORANGE, ms=7)
        # above the line, where it cannot lie over the score when the two are close
        below.set_title(f"▼ next highest peak: {spoken(height, minus='−')} at {spoken(at, 0, minus='−')}", fontsize=9)
        other_peak = f"a triangle marks the next highest peak, at {spoken(at, 0)}, {spoken(height)}"
    below.axhline(0, color=_GRID, lw=0.8)
    below.axhline(most, color=_GRID, lw=0.8, ls=":")
    below.set_ylim(-1.15 * most, 1.3 * most)
    below.set(xlabel="offset: position of the query − position of the key", ylabel="score")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    told = [at for at in sorted({m - n, n - m, 0, 6, 44}) if at <= reach]
    made = "" if made_for is None else f", made for {spoken(made_for, 0)}"
    return figure, (
        f"{len(pairs)} dials and a line. Query at {m}, key at {n}{made}, base {base:,.10g}: {'; '.join(says)}. Their "
        f"sum, the score, is {spoken(here)}; a diamond marks it on the line. "
        f"The line has the score at each offset from minus {reach} to {reach}: "
        f"{', '.join(f'{spoken(scores[at + reach].item())} at {spoken(at, 0)}' for at in told)}; it is largest at "
        f"{spoken(int(scores.argmax()) - reach, 0)}, {spoken(scores.max().item())}; a dotted line marks the most that is "
        f"possible, {spoken(most)}; it is smallest with {spoken(scores.min().item())}; {other_peak}."
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


def _second_peak(scores: Float[Tensor, " offsets"]) -> int | None:
    """Where the line turns down again at the largest height but one; of equal heights the one nearest to the largest."""
    top, heights = int(scores.argmax()), [round(score, 2) for score in scores.tolist()]
    peaks = [i for i in range(1, len(scores) - 1) if i != top and scores[i - 1] < scores[i] >= scores[i + 1]]
    return max(peaks, key=lambda i: (heights[i], -abs(i - top)), default=None)


def _degrees(hand: Sequence[float]) -> str:
    return f"{math.degrees(math.atan2(*hand[::-1])) % 360:.0f} degrees"


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _apart(one: Sequence[float], other: Sequence[float]) -> str:
    """How far the first hand is ahead of the other, against the clock, or behind it."""
    degrees = math.degrees(math.remainder(math.atan2(*one[::-1]) - math.atan2(*other[::-1]), 2 * math.pi))
    return f"{abs(degrees):.0f} degrees {'ahead of' if degrees >= 0 else 'behind'}"
