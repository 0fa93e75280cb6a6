"""The pictures of lesson 6. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence

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
    for axes, steps, enters in zip(figure.subplots(2, 1), halves, ("x", "the\nsum"), strict=True):
        _half(axes, steps, enters)
    return figure, (
        f"One layer, in two rows from left to right. First half: LayerNorm (2 × {dim}), three maps to query, key and value "
        f"(each {dim} by {dim}), attention in {heads} heads, which has no parameters, the output map ({dim} by {dim}), and a "
        f"plus, where x as it came in is added. Second half: LayerNorm (2 × {dim}), a map up ({dim} by {width}), GELU, which "
        f"has no parameters, a map down ({width} by {dim}), and a plus again."
    )


def _half(axes: Axes, steps: Sequence[tuple[str, str, str]], enters: str) -> None:
    """Boxes in a row (what they do, their shape, their colour), then a plus, where what entered is added."""
    axes.axis("off")
    axes.set(xlim=(-0.2, 8.5), ylim=(-1.0, 1.5))
    axes.text(0.1, 0, enters, fontsize=11, va="center", ha="center")
    plus = 0.8 + 1.6 * len(steps)
    boxes = [(0.8 + 1.6 * place, 1.3, *step) for place, step in enumerate(steps)] + [(plus, 0.5, "+", "", "white")]
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
    "attention": ("#56b4e9", ""),
    "mlp": (_PALE, ""),
    "experts": (_PALE, ".."),
    "output_head": (_ORANGE, "//"),
    "norms": ("#6e6e6e", "||"),
}
_OTHER = ("#6e6e6e", "")


def ledger(title: str, parts: Mapping[str, int], chosen: str = "", formula: str = "") -> Figure:
    """The ledger of a model as one stacked bar; the chosen part is outlined, and its formula stands below."""
    figure = Figure(figsize=(_WIDE, 2.7), layout="constrained")
    axes = figure.subplots()
    total, left = sum(parts.values()), 0.0
    for name, number in parts.items():
        color, hatch = _LEDGER.get(name, _OTHER)
        share = number / total
        label = f"{name.replace('_', ' ')} {share:.1%}" if share >= 0.0005 else f"{name.replace('_', ' ')} below 0.1%"
        axes.barh(0, share, left=left, height=0.6, color=color, hatch=hatch, edgecolor="white", label=label)
        if name == chosen:
            axes.barh(0, share, left=left, height=0.72, fill=False, edgecolor=_INK, lw=2.5, zorder=5)
            middle = left + share / 2
            axes.annotate(
                formula,
                (middle, -0.36),
                (min(max(middle, 0.02), 0.98), -0.72),
                ha="left" if middle < 0.33 else "right" if middle > 0.67 else "center",
                va="top",
                fontsize=9.5,
                arrowprops={"arrowstyle": "-", "color": _INK},
            )
        left += share
    axes.set(xlim=(0, 1), ylim=(-1.5, 0.45), yticks=[])
    axes.set_title(title, fontsize=10, loc="left")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel("share of the parameters")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure
