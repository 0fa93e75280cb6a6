"""The pictures of lesson 9. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

import math
from collections.abc import Mapping, Sequence
from statistics import mean

import torch
from jaxtyping import Bool
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from embedcourse.rope.practice import frequencies_for, interleaved_to_half, unseen_angles
from embedcourse.rope.reference import inverse_frequencies

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_LOOKS = {
    "as trained": (_INK, "o"),
    "linear": (_ORANGE, "s"),
    "ntk": (_BLUE, "^"),
    "yarn": (_GREEN, "D"),
    "llama3": ("#7a3b94", "v"),
}
_LETTERS = 10.5  # points, in figures as wide as the page
_FILLS = ("#ffffff", "#d9d9d9", "#bdd7e7", "#f3cfb3")  # of pairs, as in lesson 8
NAMES = {"linear": "linear", "ntk": "NTK", "yarn": "YaRN", "llama3": "Llama 3"}


def rows_moved(n_heads: int, kv_heads: int, head_dim: int) -> tuple[Figure, str]:
    """The rows of a query and a key map before and after `interleaved_to_half`, and of keys cut into heads as queries are."""
    q, k = torch.arange(n_heads * head_dim), torch.arange(kv_heads * head_dim)
    columns = {
        "$W_q$ before": (q, n_heads, False),
        f"$W_q$ after:\n{_count(n_heads, 'head')}": (interleaved_to_half(q, n_heads), n_heads, True),
        "$W_k$ before": (k, kv_heads, False),
        f"$W_k$ after:\n{_count(kv_heads, 'head')}": (interleaved_to_half(k, kv_heads), kv_heads, True),
        f"$W_k$ wrong:\ncut as {_count(n_heads, 'head')}": (interleaved_to_half(k, n_heads), kv_heads, True),
    }
    figure = Figure(figsize=(7.4, 0.24 * len(q) + 0.8), layout="constrained")
    says = []
    for axes, (name, (rows, heads, after)) in zip(
        figure.subplots(1, len(columns), sharey=True), columns.items(), strict=True
    ):
        for place, row in enumerate(rows.tolist()):
            pair = row % head_dim // 2
            box = Rectangle((0, place), 1, 0.92, facecolor=_FILLS[pair % len(_FILLS)], edgecolor=_GRID)
            axes.add_patch(box)
            axes.text(0.5, place + 0.47, f"row {row}, pair {pair}", ha="center", va="center", fontsize=_LETTERS)
        for head in range(heads + 1):
            axes.axhline(head * head_dim - 0.04, color=_INK, lw=1.6)
        partner = head_dim // 2 if after else 1
        axes.plot([1.01, 1.07, 1.07, 1.01], [0.47, 0.47, partner + 0.47, partner + 0.47], color=_BLUE, lw=1.6)
        axes.set_title(name, fontsize=_LETTERS)
        axes.set(xlim=(0, 1.1), ylim=(len(q) + 0.1, -0.2))
        axes.set_xticks([])
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        halves = rows.view(heads, 2, head_dim // 2).mT if after else rows.view(heads, head_dim // 2, 2)
        met = ", ".join(f"{one} and {two}" for one, two in halves.flatten(0, 1).tolist())
        said = name.replace("$", "").replace("\n", " ")
        code = "half" if after else "interleaved"
        says.append(f"{said}, rows {' '.join(map(str, rows.tolist()))}; {code} code turns {met} together")
    figure.axes[0].set_yticks([place + 0.47 for place in range(len(q))], range(len(q)), fontsize=_LETTERS)
    figure.axes[0].set_ylabel("place in the map", fontsize=_LETTERS)
    return figure, (
        f"{len(columns)} stacks, top to bottom the rows of a query map with {_count(n_heads, 'head')} and of a key map with "
        f"{_count(kv_heads, 'head')} of {head_dim} rows each; rows of one pair of the old layout have one colour and its number, "
        f"a line divides the heads, and a bracket joins the first two that are turned together. {'. '.join(says)}."
    )


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
            told.append(f"{NAMES.get(method, method)} {_ranged(of['previous'])} and {_ranged(of['first'])}")
        axes.plot([1], [1], "*", color=_GRID, ms=13, zorder=1)
        axes.set(
            xlim=(0, 1.06),
            ylim=(0, 1.06),
            xlabel="says the token before\n(bars: from the worst model to the best)",
            title=f"texts of {length} tokens",
        )
        says.append(f"in texts of {length}, {'; '.join(told)}")
    figure.axes[0].set_ylabel("says the first token")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    trained = stored["trained"]
    return figure, (
        f"{len(lengths)} panels, a point for each method: how often models trained on {trained} tokens are right beyond place "
        f"{trained - 1}, from left to right at the token before, from below upwards at the first token. Means of "
        f"{len(stored['seeds'])} models, and as a bar the range from the worst to the best: {'. '.join(says)}. "
        "A star marks 1 and 1, where no point is."
    )


def scaling(head_dim: int, base: float, method: str, trained: int, times: int, factor: float) -> tuple[Figure, str]:
    """The speed that each pair keeps, over its wavelength, if slowed by `factor` for texts `times` as long as in training.

    Shaded is where a pair comes to angles that training has not shown; the title counts them.
    """
    before = inverse_frequencies(head_dim, base).double()
    after = frequencies_for(head_dim, base, method, trained, trained * factor).double()
    wavelengths, kept = 2 * math.pi / before, after / before
    unseen = unseen_angles(before, after, trained, trained * times)
    figure = Figure(figsize=(7.4, 4.2), layout="constrained")
    axes = figure.subplots()
    right = 1.6 * wavelengths[-1].item()
    if times > 1:
        axes.add_patch(Rectangle((trained, 1 / times), right, 2, facecolor="#f7e6da", zorder=0))
    for color, mark, name, chosen in (
        (_BLUE, "o", "all its angles were in training", ~unseen),
        (_ORANGE, "X", "comes to angles that were not (shaded)", unseen),
    ):
        axes.plot(wavelengths[chosen], kept[chosen], mark, color=color, ms=6, ls="", label=name)
    axes.axvline(trained, color=_INK, lw=1, ls="--")
    axes.text(trained * 0.94, 1.12, f"trained {trained:,}", fontsize=_LETTERS, ha="right", va="center")
    axes.set_xscale("log")
    axes.set(
        xlabel="wavelength as trained, in positions",
        ylabel="speed kept, scaled / trained",
        xlim=(wavelengths[0].item() / 1.3, right),
        ylim=(0, 1.2),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_size(_LETTERS)
    axes.tick_params(labelsize=_LETTERS)
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=_LETTERS
    )
    full, new = int((kept > 0.999).sum()), int(unseen.sum())
    name = f"{NAMES[method]}, slowed by {factor:.10g}" if factor > 1 else "nothing is slowed (factor 1)"
    text = (
        f"texts of {trained * times:,} tokens"
        if times > 1
        else f"texts of {trained:,} tokens, no longer than in training"
    )
    divided = int((kept < 1.001 / factor).sum())
    slowed = f"; divided by {factor:.10g}: {divided}; between: {len(before) - full - divided}" if factor > 1 else ""
    counts = f"new angles: {new} of {len(before)} pairs. Full speed: {full}"
    axes.set_title(f"{name}; {text}\nbase {base:,.10g}; {counts}", fontsize=_LETTERS)
    return figure, (
        f"Points, one for each of {len(before)} pairs of a head of {head_dim}, base {base:,.10g}, trained on {trained:,} tokens: "
        f"how much of its speed it keeps, over its wavelength. {name}, {text}. Pairs with angles that training has not shown: "
        f"{new}; at full speed: {full}{slowed}."
    )


def _ranged(shares: Sequence[float]) -> str:
    return f"{mean(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
