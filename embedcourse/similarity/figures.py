"""The pictures of lesson 2. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

_BLUE, _ORANGE, _GRID, _INK = "#0072b2", "#a84300", "#8f8f8f", "#222222"
_MARKS = ("o", "s", "^", "D", "v", "P")


def loss_curve(losses: Sequence[float], first: float) -> tuple[Figure, str]:
    """The loss after each step, and the line of `first`, where rows know nothing."""
    figure = Figure(figsize=(6.5, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color=_BLUE, lw=2.2)
    axes.axhline(first, color=_GRID, ls="--", lw=1)
    axes.annotate("rows of zeros", (len(losses) - 1, first), (0, 4), textcoords="offset points", ha="right")
    axes.set(xlabel="step", ylabel="loss, in nats", xlim=(0, len(losses) - 1), ylim=(0, 1.1 * max(first, *losses)))
    half = next((step for step, loss in enumerate(losses) if loss < (losses[0] + losses[-1]) / 2), len(losses))
    return figure, (
        f"The loss over {len(losses) - 1} steps falls from {losses[0]:.2f}, which is what rows of zeros have, to "
        f"{losses[-1]:.2f}; half of the way is done after {half} steps."
    )


def word_map(
    E: Float[np.ndarray, "vocab dim"],
    vocabulary: Mapping[str, int],
    groups: Mapping[str, Sequence[str]],
    step: int,
    plane: Float[np.ndarray, "dim 2"] | None = None,
) -> tuple[Figure, str]:
    """The words of some groups, each group with its mark, in the plane in which all of them differ most (or `plane`)."""
    shown = [word for group in groups.values() for word in group]
    rows = np.array([E[vocabulary[word]] for word in shown], dtype=float)
    rows -= rows.mean(axis=0)
    places = rows @ (main_plane(E, vocabulary, groups) if plane is None else plane)
    figure = Figure(figsize=(7, 4.6), layout="constrained")
    axes = figure.subplots()
    start = 0
    for (name, group), mark in zip(groups.items(), _MARKS, strict=False):
        there = places[start : start + len(group)]
        start += len(group)
        axes.scatter(*there.T, marker=mark, s=50, label=name, edgecolor=_INK)
        for word, place in zip(group, there, strict=True):
            axes.annotate(word, place, (6, 3), textcoords="offset points", fontsize=10)
    axes.set(xticks=[], yticks=[], title=f"after {step} steps")
    axes.margins(0.15)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    nearest = _nearest_in_picture(places, shown, groups)
    listed = "; ".join(f"{name}: {', '.join(group)}" for name, group in groups.items())
    return figure, (
        f"{len(shown)} words in a plane after {step} steps. {listed}. "
        f"{nearest} of them have a word of their own group as nearest word in the picture."
    )


def main_plane(
    E: Float[np.ndarray, "vocab dim"], vocabulary: Mapping[str, int], groups: Mapping[str, Sequence[str]]
) -> Float[np.ndarray, "dim 2"]:
    """The two directions in which the rows of these words differ most (their first principal components)."""
    rows = np.array([E[vocabulary[word]] for group in groups.values() for word in group], dtype=float)
    _, _, directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    directions = directions[:2]
    largest = np.abs(directions).argmax(axis=1)
    return (directions * np.sign(directions[[0, 1], largest])[:, None]).T  # a sign that is the same everywhere


def _nearest_in_picture(places: np.ndarray, shown: Sequence[str], groups: Mapping[str, Sequence[str]]) -> str:
    group_of = {word: name for name, group in groups.items() for word in group}
    apart = np.linalg.norm(places[:, None] - places, axis=2)
    np.fill_diagonal(apart, np.inf)
    own = sum(group_of[shown[near]] == group_of[word] for word, near in zip(shown, apart.argmin(axis=1), strict=True))
    return f"{own} of {len(shown)}"


def scores_against_pmi(
    scores: Float[np.ndarray, " n"], pmi: Float[np.ndarray, " n"], negatives: int
) -> tuple[Figure, str]:
    """Each cell as a point: its PMI and the dot product that was learned, beside the line PMI − ln k."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.scatter(pmi, scores, s=6, color=_BLUE, alpha=0.4)
    ends = np.array([pmi.min(), pmi.max()])
    axes.plot(ends, ends - np.log(negatives), color=_ORANGE, lw=2)
    axes.annotate(
        f"PMI − ln {negatives}", (ends[1], ends[1] - np.log(negatives)), (-95, -4), textcoords="offset points"
    )
    axes.set(xlabel="PMI, counted", ylabel="W[center] · C[context], learned")
    off = np.sqrt(np.mean((scores - (pmi - np.log(negatives))) ** 2))
    return figure, (
        f"{len(scores):,} cells as points: the learned dot product rises with the PMI along the line PMI − ln {negatives}, "
        f"and is {off:.1f} off that line on average."
    )


def neighbours(
    word: str, columns: Mapping[str, Sequence[str]], kinds: Mapping[str, str], step: int
) -> tuple[Figure, str]:
    """The nearest words of `word` by several measures, one column each; `kinds` says in a word what each of them is."""
    figure = Figure(figsize=(8.2, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    axes.set(xlim=(0, len(columns)), ylim=(-6.8, 0.9))
    for place, (title, found) in enumerate(columns.items()):
        axes.text(place + 0.05, 0.4, title, fontsize=11, weight="bold", color=_BLUE)
        for rank, other in enumerate(found):
            axes.text(place + 0.05, -rank - 0.6, f"{rank + 1}. {other}", fontsize=11, color=_INK)
            axes.text(place + 0.5, -rank - 0.6, kinds.get(other, ""), fontsize=9, color=_ORANGE)
    says = "; ".join(
        f"{title}: {', '.join(f'{other} ({kinds[other]})' if other in kinds else other for other in found)}"
        for title, found in columns.items()
    )
    return figure, f"The nearest words of “{word}”, best first. {says}. The learned rows are those after {step} steps."
