"""The pictures of lesson 6. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_PALE, _SHADE = "#e3e3e3", "#d9ebf7"
_WIDE = 8.1  # inches: what a laptop's notebook shows without scrolling sideways


def weights(
    tokens: Sequence[str], every: Float[np.ndarray, "n n"], causal: Float[np.ndarray, "n n"]
) -> tuple[Figure, str]:
    """Attention's weights as two tables: each row a token that looks, each column a token that is looked at."""
    figure = Figure(figsize=(_WIDE, 3.6), layout="constrained")
    says = []
    panels = (("every place", every), ("causal: no later place", causal))
    for axes, (title, shown) in zip(figure.subplots(1, 2), panels, strict=True):
        axes.imshow(shown, cmap="Blues", vmin=0, vmax=1)
        for row, column in np.ndindex(*shown.shape):
            number = shown[row, column]
            color = "white" if number > 0.55 else _INK
            axes.text(column, row, f"{number:.2f}", ha="center", va="center", fontsize=10, color=color)
        axes.set_xticks(range(len(tokens)), tokens)
        axes.set_yticks(range(len(tokens)), tokens)
        axes.set(xlabel="is looked at", title=title)
        rows = (
            f"{token}: {', '.join(f'{number:.2f}' for number in row)}" for token, row in zip(tokens, shown, strict=True)
        )
        says.append(f"{title}, {'; '.join(rows)}")
    figure.axes[0].set_ylabel("looks")
    return figure, (
        f"Two tables of weights, a row for each token that looks, a column for each that is looked at ({', '.join(tokens)}). "
        f"{'. '.join(says)}. Every row sums to 1; in the second all numbers right of the diagonal are 0."
    )


def depth(runs: Mapping[float, Mapping[str, tuple[Sequence[float], Sequence[float]]]]) -> tuple[Figure, str]:
    """The size of numbers and of their gradient from block to block: a row for each scale, a line for each of four ways.

    runs  scale -> way -> (root mean square after each block, of the gradient there)
    """
    figure = Figure(figsize=(_WIDE, 2.3 * len(runs) + 0.4), layout="constrained")
    grid = figure.subplots(len(runs), 2, sharex=True, sharey=True, squeeze=False)
    looks = ((":", _INK), ("--", _ORANGE), ("-.", _GREEN), ("-", _BLUE))
    said, furthest = [], dict.fromkeys(next(iter(runs.values())), 1.0)
    for row, (scale, ways) in zip(grid, runs.items(), strict=True):
        for (line, color), (way, sizes) in zip(looks, ways.items(), strict=True):
            for axes, along in zip(row, sizes, strict=True):
                axes.plot(along, line, color=color, lw=2, label=way)
            numbers, gradients = sizes
            furthest[way] = max(furthest[way], *(max(end, 1 / end) for end in (numbers[-1], gradients[0])))
            said.append(f"weights times {scale}, {way}: numbers {numbers[-1]:.1e}, gradient {gradients[0]:.1e}")
        row[0].set_ylabel(f"weights × {scale}")
    for axes, title in zip(grid[0], ("size of the numbers", "size of the gradient"), strict=True):
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_yscale("log")
    for axes in grid.flat:
        axes.axhline(1, color=_GRID, lw=0.8)
        axes.tick_params(labelsize=8)
    for axes in grid[-1]:
        axes.set_xlabel("after block")
    figure.legend(
        *grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=9
    )
    return figure, (
        "Lines over the blocks, on an axis of powers of ten. By which factor numbers or gradient end away from 1, at the worse "
        f"scale: {', '.join(f'{way} {factor:.0e}' for way, factor in furthest.items())}. "
        f"Numbers at the end, and gradient at the beginning: {'; '.join(said)}."
    )


def block(dim: int, heads: int, width: int) -> tuple[Figure, str]:
    """One layer of GPT-2 from left to right, each map with its shape; what is added past it drawn as a line above."""
    halves = (
        (
            ("LayerNorm", f"2 × {dim}", _PALE),
            ("query, key,\nvalue", f"3 × ({dim}, {dim})", _SHADE),
            (f"attention\nin {heads} heads", "no parameters", "white"),
            ("output map", f"({dim}, {dim})", _SHADE),
        ),
        (
            ("LayerNorm", f"2 × {dim}", _PALE),
            ("up", f"({dim}, {width})", _SHADE),
            ("GELU", "no parameters", "white"),
            ("down", f"({width}, {dim})", _SHADE),
        ),
    )
    figure = Figure(figsize=(_WIDE, 4.2), layout="constrained")
    ways = (("x", "the sum"), ("the\nsum", "next x"))
    for axes, steps, (enters, leaves) in zip(figure.subplots(2, 1), halves, ways, strict=True):
        _half(axes, steps, enters, leaves)
    figure.axes[1].text(0.8, -1.2, "Biases are not drawn.", fontsize=9.5, color=_INK)
    figure.axes[1].set_ylim(-1.35, 1.5)
    return figure, (
        f"One layer, in two rows from left to right. First half: LayerNorm (2 × {dim}), three maps to query, key and value "
        f"(each {dim} by {dim}), attention in {heads} heads, which has no parameters, the output map ({dim} by {dim}), and a "
        f"plus, where x is added as it came, on a dashed line past the norm and all the rest. Their sum enters the second half: "
        f"LayerNorm (2 × {dim}), a map up ({dim} by {width}), GELU, which has no parameters, a map down ({width} by {dim}), and "
        f"a plus again, where the sum is added as it came; this is the next layer's x. Biases are not drawn."
    )


def _half(axes: Axes, steps: Sequence[tuple[str, str, str]], enters: str, leaves: str) -> None:
    """Boxes in a row (what they do, their shape, their colour), then a plus, where what entered is added, and its name."""
    axes.axis("off")
    axes.set(xlim=(-0.2, 8.5), ylim=(-1.0, 1.5))
    axes.text(0.1, 0, enters, fontsize=11, va="center", ha="center")
    plus = 0.8 + 1.6 * len(steps)
    boxes = [(0.8 + 1.6 * place, 1.3, *step) for place, step in enumerate(steps)] + [(plus, 0.5, "+", leaves, "white")]
    for start, size, says, shape, color in boxes:
        axes.annotate("", (start, 0), (start - 0.3, 0), arrowprops={"arrowstyle": "->", "color": _INK})
        look = {"fc": color, "ec": _BLUE if color == _SHADE else _GRID, "lw": 2 if color == _SHADE else 1}
        axes.add_patch(Rectangle((start, -0.42), size, 0.84, **look))
        axes.text(start + size / 2, 0, says, ha="center", va="center", fontsize=9.5, color=_INK)
        axes.text(start + size / 2, -0.75, shape, ha="center", va="center", fontsize=9.5, color=_BLUE)
    axes.annotate("", (plus + 1.0, 0), (plus + 0.5, 0), arrowprops={"arrowstyle": "->", "color": _INK})
    middle = plus + 0.25
    axes.plot([0.45, 0.45, middle], [0, 1.0, 1.0], color=_ORANGE, lw=1.5, ls="--")
    axes.annotate("", (middle, 0.42), (middle, 1.0), arrowprops={"arrowstyle": "->", "color": _ORANGE, "ls": "--"})
    axes.text((0.45 + middle) / 2, 1.15, "as it came, added", ha="center", fontsize=9.5, color=_ORANGE)


_LEDGER = {
    "token_table": (_BLUE, ""),
    "position_table": (_GREEN, "xx"),
    "segment_table": (_GREEN, "--"),
    "attention": ("#56b4e9", ""),
    "cross_attention": ("#56b4e9", "\\\\"),
    "mlp": (_PALE, ""),
    "experts": (_PALE, ".."),
    "shared_experts": (_PALE, "oo"),
    "router": (_GRID, "++"),
    "output_head": (_ORANGE, "//"),
    "norms": ("#6e6e6e", "||"),
    "head_transform": ("#6e6e6e", "**"),
    "pooler": (_GRID, "OO"),
}
_OTHER = ("#6e6e6e", "")
_ROOM = 0.03  # the share below which no number fits into a segment


def share(number: int, total: int) -> str:
    """A share as a percentage with one digit behind the point, or that it is smaller than that can say."""
    return f"{number / total:.1%}" if number >= total / 1_000 else "below 0.1%"


def _segments(axes: Axes, parts: Mapping[str, int], middle: float, height: float) -> dict[str, tuple[float, float]]:
    """A bar of the shares of `parts`; where each begins and how long it is."""
    total, left, places = sum(parts.values()), 0.0, {}
    for name, number in parts.items():
        color, hatch = _LEDGER.get(name, _OTHER)
        axes.barh(middle, number / total, left=left, height=height, color=color, hatch=hatch, edgecolor="white")
        places[name] = (left, number / total)
        left += number / total
    return places


def _numbers(axes: Axes, places: Sequence[tuple[float, float]], middle: float, above: float) -> None:
    """The number of each segment in its middle; above the bar where it has no room, neighbours side by side."""
    narrow: list[tuple[float, list[str]]] = []
    for number, (left, size) in enumerate(places, start=1):
        center = left + size / 2
        if size >= _ROOM:
            box = {"fc": "white", "ec": "none", "pad": 1.5}
            axes.text(center, middle, str(number), ha="center", va="center", fontsize=9.5, color=_INK, bbox=box)
        elif narrow and center - narrow[-1][0] < _ROOM:
            narrow[-1][1].append(str(number))
        else:
            narrow.append((center, [str(number)]))
    for center, some in narrow:
        axes.text(min(center, 0.985), above, ", ".join(some), ha="center", va="bottom", fontsize=9.5, color=_INK)


def ledger(title: str, parts: Mapping[str, int], chosen: str = "", formula: str = "", missing: str = "") -> Figure:
    """The ledger of a model as one stacked bar, its segments numbered; the chosen part is outlined, its formula below."""
    figure = Figure(figsize=(_WIDE, 3.0), layout="constrained")
    axes = figure.subplots()
    places = _segments(axes, parts, 0, 0.6)
    if chosen in places:
        left, size = places[chosen]
        axes.barh(0, size, left=left, height=0.72, fill=False, edgecolor=_INK, lw=2.5, zorder=5)
        middle = left + size / 2
        axes.annotate(
            formula,
            (middle, -0.36),
            (min(max(middle, 0.02), 0.98), -0.72),
            ha="left" if middle < 0.33 else "right" if middle > 0.67 else "center",
            va="top",
            fontsize=9.5,
            arrowprops={"arrowstyle": "-", "color": _INK},
        )
    _numbers(axes, list(places.values()), 0, 0.38)
    axes.set(xlim=(0, 1), ylim=(-1.5, 0.62), yticks=[])
    axes.set_title(title, fontsize=10, loc="left")
    _shares_below(axes, "\n".join(filter(None, ("share of the parameters", missing))))
    total = sum(parts.values())
    says = [f"{number} {_said(name)} {share(parts[name], total)}" for number, name in enumerate(parts, start=1)]
    figure.legend(_patches(parts), says, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def to_scale(models: Mapping[str, Mapping[str, int]]) -> tuple[Figure, str]:
    """Models as bars of their parts, one below the other: each as high as it is large, so that areas are parameters."""
    figure = Figure(figsize=(_WIDE, 3.9), layout="constrained")
    axes = figure.subplots()
    largest = max(sum(parts.values()) for parts in models.values())
    names = list(dict.fromkeys(name for parts in models.values() for name in parts))
    top, says = 0.0, []
    for model, parts in models.items():
        total = sum(parts.values())
        height = total / largest
        places = _segments(axes, parts, top - height / 2, height)
        axes.text(0, top + 0.15, f"{model}: {total:,}", va="bottom", fontsize=10, color=_INK)
        for name, (left, size) in places.items():
            if size >= 2 * _ROOM:
                label = f"{names.index(name) + 1} {_said(name)} {share(parts[name], total)}"
                axes.text(left + size / 2, top + 0.02, label, ha="center", va="bottom", fontsize=9.5, color=_INK)
        says.append(f"{model}, {total:,}: {', '.join(f'{_said(n)} {share(parts[n], total)}' for n in parts)}")
        top -= height + 0.45
    axes.set(xlim=(0, 1), ylim=(top + 0.4, 0.3), yticks=[])
    _shares_below(axes, "share of the model's parameters; an area is a number of parameters, to one scale")
    labels = [f"{number} {_said(name)}" for number, name in enumerate(names, start=1)]
    figure.legend(_patches(names), labels, loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    return figure, (
        f"Bars of equal length, one for each model, each as high as the model is large, so that areas are parameters. "
        f"{'. '.join(says)}."
    )


def _shares_below(axes: Axes, label: str) -> None:
    """An axis of percentages as the only side of the picture."""
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel(label)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _said(part: str) -> str:
    return part.replace("_", " ")


def _patches(names: Iterable[str]) -> list[Rectangle]:
    looks = [_LEDGER.get(name, _OTHER) for name in names]
    return [Rectangle((0, 0), 1, 1, facecolor=color, hatch=hatch, edgecolor="white") for color, hatch in looks]
