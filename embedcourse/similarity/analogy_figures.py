"""The pictures of lesson 3. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREEN, _INK = "#0072b2", "#a84300", "#00694d", "#222222"


def dial(
    purities: Sequence[float], excluding: Sequence[float], including: Sequence[float], only_b: Sequence[float]
) -> tuple[Figure, str]:
    """Three shares of right answers against the purity of the text, which falls from left to right."""
    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    lines = {
        "query words left out": (excluding, _BLUE, "o", 6),  # broad, so that it shows where another covers it
        "query words left in": (including, _ORANGE, "s", 2),
        "only b": (only_b, _GREEN, "^", 2),
    }
    for name, (shares, color, mark, width) in lines.items():
        axes.plot(purities, shares, color=color, marker=mark, label=name, lw=width, clip_on=False)
    axes.set(xlabel="purity of the text", ylabel="share of questions answered", ylim=(0, 1.06))
    axes.set_xlim(max(purities), min(purities))
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    says = "; ".join(f"{name}: {_course(purities, shares)}" for name, (shares, *_) in lines.items())
    return figure, f"Three shares of right answers, at falling purities of the text. {says[0].upper()}{says[1:]}."


def _course(purities: Sequence[float], shares: Sequence[float]) -> str:
    """How the shares go, in words: neighbours of one kind together."""
    runs = groupby(zip(purities, shares, strict=True), key=lambda point: _in_words(point[1]))
    ranges = ((word, [purity for purity, _ in points]) for word, points in runs)
    return ", ".join(
        f"{word} at {run[0]:g}" if len(run) == 1 else f"{word} from {run[0]:g} to {run[-1]:g}" for word, run in ranges
    )


def _in_words(share: float) -> str:
    """A share of trained rows as coarse as it is stable between machines."""
    if share >= 0.9:
        return "nearly all"
    if share <= 0.1:
        return "hardly any"
    return "about half" if 0.4 <= share <= 0.6 else "a part"


def sixty_degrees(cosines: Float[np.ndarray, " n"], beats_b: Bool[np.ndarray, " n"]) -> tuple[Figure, str]:
    """How often the answer is nearer to the aim than b is, against the cosine of the two offsets; the rule's step at ½."""
    edges = np.linspace(-1, 1, 21)
    middles, shares = [], []
    for low, high in pairwise(edges):
        inside = (cosines >= low) & (cosines < high)
        if inside.sum() >= 10:
            middles.append((low + high) / 2)
            shares.append(float(beats_b[inside].mean()))
    figure = Figure(figsize=(6.5, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([-1, 0.5, 0.5, 1], [0, 0, 1, 1], color=_ORANGE, lw=2)
    axes.annotate("the rule, for equal lengths", (0.5, 0.85), (-6, 0), textcoords="offset points", ha="right")
    axes.plot(middles, shares, "o", color=_BLUE)
    axes.set(
        xlabel="cosine of the two offsets",
        ylabel="the answer beats b",
        xlim=(min([-0.6, *middles]), 1),
        ylim=(-0.03, 1.03),
    )
    agree = float(np.mean(beats_b == (cosines > 0.5)))
    near = [
        f"{share:.1f} at {middle:.2f}" for middle, share in zip(middles, shares, strict=True) if abs(middle - 0.5) < 0.1
    ]
    slope = f", with a slope around ½ ({' and '.join(near)})" if near else ""
    return figure, (
        f"How often the answer beats b, against the cosine of the two offsets. The rule is a step from 0 to 1 at ½. The "
        f"points of {len(cosines):,} questions follow it{slope}; of all questions it is right for a share of {agree:.1f}."
    )


def aim(
    places: Float[np.ndarray, "n 2"],
    names: Sequence[str],
    columns: dict[str, Sequence[tuple[str, float]]],
    title: str,
) -> tuple[Figure, str]:
    """The arrows of b − a + c in a plane, and beside them the words nearest to the aim, by two conventions.

    places  of a, b, c, the aim, and of further words, one for each of `names`
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    plane, table = figure.subplots(1, 2, width_ratios=(1.15, 1))
    for start, end in ((0, 2), (1, 3)):
        plane.annotate("", places[end], places[start], arrowprops={"arrowstyle": "->", "color": _ORANGE, "lw": 2})
    plane.scatter(*places[4:].T, color="#8f8f8f", s=25)
    plane.scatter(*places[:3].T, color=_BLUE, s=45)
    plane.scatter(*places[3], color=_ORANGE, marker="x", s=90)
    for name, place in zip(names, places, strict=True):
        side = ("right", (-8, -13)) if name == names[3] else ("left", (6, 4))
        plane.annotate(name, place, side[1], textcoords="offset points", ha=side[0], color=_INK)
    plane.set(xticks=[], yticks=[], title=title)
    plane.margins(0.3, 0.2)
    plane.set_aspect("equal", "datalim")
    table.axis("off")
    table.set(xlim=(0, 2), ylim=(-6.8, 0.9))
    for column, (heading, ranking) in enumerate(columns.items()):
        table.text(column, 0.4, heading, weight="bold", color=_BLUE)
        for rank, (word, cosine) in enumerate(ranking):
            table.text(column, -rank - 0.6, f"{rank + 1}. {word}  {cosine:.2f}", color=_INK)
    says = "; ".join(
        f"{heading}: {', '.join(f'{word} {cosine:.2f}' for word, cosine in ranking)}"
        for heading, ranking in columns.items()
    )
    return (
        figure,
        f"{title}. Arrows from {names[0]} to {names[2]}, and the same step from {names[1]} to the aim, "
        f"{np.linalg.norm(places[2] - places[0]):.1f} long. {says}.",
    )
