"""The pictures of lesson 9. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

import math
from collections.abc import Mapping, Sequence
from statistics import mean

import torch
from jaxtyping import Bool
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from embedcourse.rope.practice import frequencies_for, unseen_angles
from embedcourse.rope.reference import inverse_frequencies

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_LOOKS = {
    "as trained": (_INK, "o"),
    "linear": (_ORANGE, "s"),
    "ntk": (_BLUE, "^"),
    "yarn": (_GREEN, "D"),
    "llama3": ("#7a3b94", "v"),
}
NAMES = {"linear": "linear", "ntk": "NTK", "yarn": "YaRN", "llama3": "Llama 3"}


def masks(new: int, past: int) -> tuple[Figure, str]:
    """What `new` queries may look at when `past` tokens are kept: the mask laid at the upper left, and at the lower right."""
    figure = Figure(figsize=(7.4, 0.5 * new + 1.5), layout="constrained")
    full = torch.ones(new, past + new, dtype=torch.bool)
    says = []
    kinds = {"at the upper left: tril()": full.tril(), f"at the lower right: tril({past})": full.tril(past)}
    for axes, (name, seen) in zip(figure.subplots(1, 2), kinds.items(), strict=True):
        _squares(axes, seen, past)
        axes.set_title(name, fontsize=10)
        told = [f"query {past + row} sees {_count(int(seen[row].sum()), 'key')}" for row in range(new)]
        says.append(f"{name.partition(':')[0]}, {', '.join(told)}")
    return figure, (
        f"Two masks of {new} rows, the new queries, and {past + new} columns, the keys; the first {past} keys are kept from "
        f"before. {'. '.join(f'Laid {said}' for said in says)}."
    )


def _squares(axes, seen: Bool[Tensor, "new keys"], past: int) -> None:
    for row, line in enumerate(seen.tolist()):
        for column, allowed in enumerate(line):
            color = _BLUE if allowed else "white"
            axes.add_patch(Rectangle((column, row), 0.92, 0.9, facecolor=color, edgecolor=_GRID))
            axes.text(
                column + 0.46, row + 0.45, int(allowed), ha="center", va="center", color="white" if allowed else _INK
            )
    rows, columns = seen.shape
    axes.axvline(past - 0.04, color=_INK, ls="--", lw=1.2)
    axes.set(xlim=(-0.1, columns + 0.02), ylim=(rows + 0.02, -0.1), xlabel="key", ylabel="new query")
    axes.set_xticks([column + 0.46 for column in range(columns)], range(columns))
    axes.set_yticks([row + 0.45 for row in range(rows)], range(past, past + rows))
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def trade(stored: Mapping, lengths: Sequence[int]) -> tuple[Figure, str]:
    """Beyond training, for each method: the accuracy at the token before, and at the first one; a panel for each length."""
    figure = Figure(figsize=(7.4, 4.0), layout="constrained")
    runs = stored["accuracies"]
    says = []
    for axes, length in zip(figure.subplots(1, len(lengths), sharey=True), lengths, strict=True):
        place = stored["lengths"].index(length)
        told = []
        for method, (color, mark) in _LOOKS.items():
            of = {task: [run["beyond"][place] for run in runs[task][method]] for task in ("previous", "first")}
            x, y = (mean(of[task]) for task in ("previous", "first"))
            axes.hlines(y, min(of["previous"]), max(of["previous"]), color=_GRID, lw=2)
            axes.vlines(x, min(of["first"]), max(of["first"]), color=_GRID, lw=2)
            axes.plot([x], [y], mark, color=color, ms=9, label=NAMES.get(method, method), zorder=3)
            told.append(f"{NAMES.get(method, method)} {x:.2f} and {y:.2f}")
        axes.plot([1], [1], "*", color=_GRID, ms=13, zorder=1)
        axes.set(xlim=(0, 1.06), ylim=(0, 1.06), xlabel="says the token before", title=f"texts of {length} tokens")
        says.append(f"in texts of {length}, {'; '.join(told)}")
    figure.axes[0].set_ylabel("says the first token")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    trained = stored["trained"]
    return figure, (
        f"{len(lengths)} panels, a point for each method: how often models trained on {trained} tokens are right beyond place "
        f"{trained - 1}, from left to right at the token before, from below upwards at the first token. Means of "
        f"{len(stored['seeds'])} models: {'. '.join(says)}. A star marks 1 and 1, where no point is."
    )


def scaling(head_dim: int, base: float, method: str | None, trained: int, target: int) -> tuple[Figure, str]:
    """The speed that each pair keeps, over its wavelength, and whether it comes to angles that training has not shown."""
    before = inverse_frequencies(head_dim, base).double()
    after = frequencies_for(head_dim, base, method, trained, target).double()
    factor = max(1.0, target / trained)
    wavelengths, kept = 2 * math.pi / before, after / before
    unseen = unseen_angles(before, after, trained, target)
    figure = Figure(figsize=(7.4, 4.2), layout="constrained")
    axes = figure.subplots()
    for color, mark, name, chosen in (
        (_BLUE, "o", "all its angles were in training", ~unseen),
        (_ORANGE, "X", "comes to angles that were not", unseen),
    ):
        axes.plot(
            wavelengths[chosen], kept[chosen], mark, color=color, ms=6, ls="", label=f"{name}: {int(chosen.sum())}"
        )
    for length, name, side in ((trained, "trained", "right"), (target, "target", "left")):
        axes.axvline(length, color=_INK, lw=1, ls="--" if length == trained else ":")
        nudge = 0.94 if side == "right" else 1.06
        axes.text(length * nudge, 1.12, f"{name} {length:,}", fontsize=8, ha=side, va="center")
    axes.axhline(1 / factor, color=_GRID, lw=0.8)
    axes.set_xscale("log")
    axes.set(xlabel="wavelength as trained, in positions", ylabel="speed kept, scaled / trained", ylim=(0, 1.2))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    full = int((kept > 0.999).sum())
    divided = int((kept < 1.001 / factor).sum()) if factor > 1 else 0
    name = NAMES.get(method, "as trained")
    axes.set_title(f"{name}, {trained:,} to {target:,} tokens, base {base:,.10g}", fontsize=10)
    return figure, (
        f"Points, one for each of {len(before)} pairs of a head of {head_dim}, base {base:,.10g}: how much of its speed it "
        f"keeps, over its wavelength. {name}, from {trained:,} to {target:,} tokens: {int(unseen.sum())} pairs come to "
        f"angles that training has not shown; {full} pairs keep their speed, {divided} have it divided by {factor:.10g}, and "
        f"{len(before) - full - divided} lie between."
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
