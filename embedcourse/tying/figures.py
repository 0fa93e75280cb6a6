"""The pictures of lesson 4. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence
from statistics import mean

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_SHADE, _SOFT = "#d9ebf7", "#6e6e6e"


def language_model(context: Sequence[str], answer: str, vocab_size: int, dim: int, hidden: int) -> tuple[Figure, str]:
    """The small language model from left to right, with its shapes; what has something for each word is shaded."""
    steps = (
        (f"table\n({vocab_size}, {dim})", f"{len(context)} rows", True),
        (f"side by side\n({len(context) * dim},)", "", False),
        (f"hidden layer\n({hidden},)", "", False),
        (f"hidden state h\n({dim},)", "", False),
        ("head", f"{vocab_size} scores", True),
    )
    figure = Figure(figsize=(10, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    axes.set(xlim=(-1.2, 10.9), ylim=(-1.5, 1.5))
    for place, word in enumerate(context):
        height = 0.8 * (1 - place)
        axes.text(-0.25, height, word, ha="right", va="center", fontsize=11)
        _arrow(axes, (-0.2, height), (0.25, 0.35 * (1 - place)))
    for place, (says, below, shaded) in enumerate(steps):
        left, width = 0.3 + 2.05 * place, 1.55
        look = {"fc": _SHADE, "ec": _BLUE, "lw": 2.5} if shaded else {"fc": "white", "ec": _GRID}
        axes.add_patch(Rectangle((left, -0.65), width, 1.3, **look))
        axes.text(left + width / 2, 0, says, ha="center", va="center", fontsize=10, color=_INK)
        axes.text(left + width / 2, -1.0, below, ha="center", va="center", fontsize=10, color=_BLUE)
        _arrow(axes, (left + width + 0.05, 0), (left + width + 0.45, 0))
    axes.text(10.55, 0, f"{answer}?", va="center", fontsize=11)
    return figure, (
        f"From left to right: the words {', '.join(context)} read {len(context)} rows of the table, of shape "
        f"({vocab_size}, {dim}). Side by side they are {len(context) * dim} numbers; a hidden layer makes {hidden} of them, "
        f"and the next step {dim}, the hidden state h. The head gives {vocab_size} scores, one for each word that may follow, "
        f"such as {answer}."
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": _INK})


def two_gradients(read: Float[Tensor, "vocab dim"], scored: Float[Tensor, "vocab dim"]) -> tuple[Figure, str]:
    """How long each row of the two parts of a tied gradient is: what comes from reading, what comes from scoring."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    parts = {"From reading": (read, _ORANGE), "From scoring": (scored, _BLUE)}
    says = []
    for axes, (name, (part, color)) in zip(figure.subplots(2, 1, sharex=True, sharey=True), parts.items(), strict=True):
        lengths = part.norm(dim=1)
        touched = int((lengths > 0).sum())
        axes.bar(range(len(lengths)), lengths.tolist(), width=1.0, color=color)
        axes.set_title(f"{name}, the gradient of {touched} of {len(lengths)} rows", loc="left", fontsize=10, color=_INK)
        axes.set(ylabel="its length", xlim=(-1, len(lengths)))
        usual, high = float(lengths.median()), float(lengths.max())
        outstanding = int((lengths > 3 * usual).sum())
        others = (
            f"; {outstanding} stand out, the others are about {usual:.3f} high" if usual > 0 else ", all others none"
        )
        says.append(f"{name}, {touched} of {len(lengths)} rows have a bar, up to {high:.3f}{others}")
    figure.axes[-1].set_xlabel("row of E (a word's id)")
    return figure, (f"Two rows of bars, one bar for each row of E: how long its gradient is. {'. '.join(says)}.")


_ARMS = {
    "untied": (_ORANGE, "s", "--"),
    "tied": (_BLUE, "o", "-"),
    "tied and wider": (_GREEN, "^", ":"),
    "tied to another word": (_SOFT, "D", "-."),
}


def arms(stored: Mapping, texts: Mapping[str, str]) -> tuple[Figure, str]:
    """Held-out loss against the amount of text: the mean over the seeds, with a bar from the best to the worst seed.

    stored  what `training.stored_arms` gives; texts: of each text to draw, its name there and its title
    """
    figure = Figure(figsize=(7.6, 3.9), layout="constrained")
    amounts, says = stored["amounts"], []
    for axes, (text, title) in zip(np.atleast_1d(figure.subplots(1, len(texts))), texts.items(), strict=True):
        said = []
        for shift, (name, (color, mark, line)) in zip((0.86, 0.95, 1.05, 1.16), _ARMS.items(), strict=True):
            runs = stored["losses"][text][name]
            means = [mean(losses) for losses in runs]
            below = [middle - min(losses) for middle, losses in zip(means, runs, strict=True)]
            above = [max(losses) - middle for middle, losses in zip(means, runs, strict=True)]
            places = [amount * shift for amount in amounts]  # side by side, so that no bar hides another
            axes.errorbar(places, means, [below, above], color=color, marker=mark, ls=line, capsize=4, label=name)
            ends = f"{min(runs[-1]):.2f} to {max(runs[-1]):.2f}"
            said.append(f"{name} {', '.join(f'{middle:.2f}' for middle in means)} (the seeds of the last: {ends})")
        best = [min(_ARMS, key=lambda name: mean(stored["losses"][text][name][place])) for place in range(len(amounts))]
        says.append(f"{title}: lowest is {_runs_of(best, amounts)}. Means: {'; '.join(said)}")
        axes.set_xscale("log")
        axes.set_xticks(amounts, [f"{amount // 1000}k" for amount in amounts])
        axes.minorticks_off()
        axes.set(xlabel="tokens to learn from", title=title)
    figure.axes[0].set_ylabel("held-out loss, in nats")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    return figure, (
        f"Held-out loss, the mean of {len(stored['seeds'])} seeds, after "
        f"{', '.join(f'{amount:,}' for amount in amounts)} tokens. {'. '.join(says)}."
    )


def _runs_of(best: Sequence[str], amounts: Sequence[int]) -> str:
    """Which name is best from which amount on."""
    changes = [place for place in range(len(best)) if place == 0 or best[place] != best[place - 1]]
    return ", ".join(f"{best[place]} from {amounts[place]:,} tokens on" for place in changes)


def savings(
    models: Sequence[Mapping],
    named: Sequence[str] = (),
    curve: Sequence[tuple[float, float]] = (),
    chosen: int = 0,
    least: float = 1e8,
) -> Figure:
    """Real models as points: the share that tying saves (or would save) against the size before tying.

    named   the models whose names are written beside their points
    curve   (size, share) of made-up models, drawn as a line; `chosen` is the index of the one to mark
    least   where the axis of sizes begins
    """
    figure = Figure(figsize=(6.6, 4), layout="constrained")
    axes = figure.subplots()
    for tied, look in ((True, {"color": _BLUE}), (False, {"facecolors": "none", "edgecolors": _ORANGE})):
        points = [size_and_share(model) for model in models if model["tied"] == tied]
        label = "ties" if tied else "does not tie"
        axes.scatter(*zip(*points, strict=True), marker="o" if tied else "s", s=34, label=label, **look)
    for model in models:
        if model["name"] in named:
            size, share = size_and_share(model)
            place = {"xytext": (-8, 30), "ha": "right"} if size > 1e11 else {"xytext": (8, 14), "ha": "left"}
            leader = {"arrowstyle": "-", "color": _GRID}
            axes.annotate(
                model["name"], (size, share), textcoords="offset points", fontsize=9, arrowprops=leader, **place
            )
    if curve:
        axes.plot(*zip(*curve, strict=True), color=_INK, lw=1.2, label="all dimensions")
        axes.plot(*curve[chosen], "*", ms=16, mfc="white", mec=_INK, mew=1.5, label="your model")
    axes.set_xscale("log")
    axes.set(
        xlabel="parameters before tying, millions (M) and billions (B)",
        ylabel="share that tying saves",
        xlim=(least, 1.5e12),
        ylim=(-0.01, 0.52),
    )
    ticks = {1e7: "10 M", 1e8: "100 M", 1e9: "1 B", 1e10: "10 B", 1e11: "100 B", 1e12: "1,000 B"}
    axes.set_xticks(*zip(*((size, name) for size, name in ticks.items() if size >= least), strict=True))
    axes.minorticks_off()
    axes.legend(loc="upper right", frameon=False)
    return figure


def size_and_share(model: Mapping) -> tuple[int, float]:
    """How many parameters a model of the table has before tying, and which share of them tying saves or would save."""
    before = model["total"] + (model["embedding"] if model["tied"] else 0)
    return before, model["embedding"] / before


def listed(models: Sequence[Mapping]) -> str:
    """Models of the table in words: name, whether it ties, and the share that tying saves or would save."""
    return "; ".join(
        f"{model['name']}, {'tied' if model['tied'] else 'not tied'}, {size_and_share(model)[1]:.1%}"
        for model in models
    )


def real_savings(models: Sequence[Mapping], named: Sequence[str] = ()) -> tuple[Figure, str]:
    """The share that tying saves in each real model, and by size how many of them tie."""
    bounds = (0, 1e9, 5e9, 5e10, np.inf)
    names = ("Up to 1 billion parameters", "From 1 to 5 billion", "From 5 to 50 billion", "Above 50 billion")
    says = []
    for name, low, high in zip(names, bounds[:-1], bounds[1:], strict=True):
        inside = [model for model in models if low < model["total"] <= high]
        shares = [size_and_share(model)[1] for model in inside]
        tied = sum(model["tied"] for model in inside)
        says.append(f"{name}, {tied} of {len(inside)} tie; it saves, or would, {_range(shares)}")
    pointed = listed([model for model in models if model["name"] in named])
    return savings(models, named), (
        f"{len(models)} models as points, the share that tying saves against the size. The share falls with the size, and "
        f"so does the number of those that tie. {'. '.join(says)}. Named in the picture: {pointed or 'none'}."
    )


def _range(shares: Sequence[float]) -> str:
    return f"{min(shares):.1%} to {max(shares):.1%}"
