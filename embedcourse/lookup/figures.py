"""The pictures of lesson 1. Each function returns a matplotlib figure and its alt text, and shows nothing itself.

A picture says by numbers and frames what it also says by colour, so it loses nothing in grey.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from embedcourse.lookup.reference import lookup, lookup_gradient, one_hot

_BLUE, _ORANGE, _GREY, _INK = "#0072b2", "#d55e00", "#c9c9c9", "#222222"
_CELL = 1.25  # width of a cell; its height is 1


def reading_rows(
    tokens: Sequence[str], vocabulary: Mapping[str, int], E: Float[np.ndarray, "vocab dim"]
) -> tuple[Figure, str]:
    """Tokens, the rows of `E` that their ids name, and the vectors that come out, joined by lines."""
    ids = [vocabulary[token] for token in tokens]
    names = {number: token for token, number in vocabulary.items()}
    figure, axes = _canvas(width=9.5, height=0.48 * max(len(tokens), len(E)) + 0.9)
    for place, (token, number) in enumerate(zip(tokens, ids, strict=True)):
        axes.text(0, -place, token, ha="right", va="center", fontsize=12, color=_INK)
        axes.text(0.9, -place, str(number), ha="center", va="center", fontsize=12, color=_BLUE, weight="bold")
        _line(axes, (1.3, -place), (3.4, -number))
    right = _grid(axes, 4, 0, E, labels=[f"{number}" for number in range(len(E))])
    for number in range(len(E)):
        axes.text(right + 0.15, -number, names[number], va="center", fontsize=10, color="#666666")
    out = right + 3.2
    for place, number in enumerate(ids):
        _line(axes, (right + 1.2, -number), (out - 0.15, -place))
    _grid(axes, out, 0, lookup(E, ids))
    for x, title in (
        (0, "token"),
        (0.9, "id"),
        (4 + (right - 4) / 2, "E, one row per id"),
        (out + 1.9, "what comes out"),
    ):
        axes.text(x, 0.95, title, ha="right" if x == 0 else "center", va="bottom", fontsize=11, color=_INK)
    _fit(axes)
    read = "; ".join(
        f"{token} has id {number} and gets row {number}" for token, number in zip(tokens, ids, strict=True)
    )
    return figure, (
        f"Lines lead from each of {len(tokens)} tokens to a row of E, a table of {len(E)} rows and {E.shape[1]} columns, "
        f"and from there to the output, which has one row per token: {read}."
    )


def adding_gradients(
    ids: Int[np.ndarray, " n"], upstream: Float[np.ndarray, "n dim"], vocab_size: int
) -> tuple[Figure, str]:
    """One gradient per token on the left, the gradient of the table on the right, joined by lines that add up."""
    gradient = lookup_gradient(ids, upstream, vocab_size)
    figure, axes = _canvas(width=7.6, height=0.48 * max(len(ids), vocab_size) + 0.9)
    right = _grid(axes, 0.4, 0, upstream, labels=[str(number) for number in ids])
    repeated = {int(number) for number in ids if np.sum(np.asarray(ids) == number) > 1}
    out = right + 3.5
    for place, number in enumerate(ids):
        _line(axes, (right + 0.1, -place), (out - 0.75, -int(number)), strong=int(number) in repeated)
    edge = _grid(axes, out, 0, gradient, labels=[str(number) for number in range(vocab_size)], frame=sorted(repeated))
    for number in sorted(set(range(vocab_size)) - {int(number) for number in ids}):
        axes.text(edge + 0.2, -number, "not read", va="center", fontsize=10, color="#666666")
    for number in repeated:
        times = int(np.sum(np.asarray(ids) == number))
        axes.text(edge + 0.2, -number, f"sum of {times}", va="center", fontsize=10, color=_ORANGE)
    axes.text(0.4 + (right - 0.4) / 2, 0.95, "gradient for each token (id at the left)", ha="center", fontsize=11)
    axes.text(out + (edge - out) / 2, 0.95, "gradient of E", ha="center", fontsize=11)
    _fit(axes)
    sums = "; ".join(
        f"row {number} is {_plain(gradient[number])}"
        + (
            f", the sum for the {np.sum(np.asarray(ids) == number)} tokens with id {number}"
            if number in repeated
            else ""
        )
        for number in range(vocab_size)
    )
    return (
        figure,
        f"Each of {len(ids)} gradients on the left flows into the row of its id in the gradient of E: {sums}.",
    )


def one_hot_product(
    tokens: Sequence[str], place: int, vocabulary: Mapping[str, int], E: Float[np.ndarray, "vocab dim"]
) -> tuple[Figure, str]:
    """The token at `place` (from 0), its id, its one-hot vector, and the product with `E` that picks out a row."""
    token = tokens[place]
    number = vocabulary.get(token, vocabulary.get("<unk>"))
    names = {row: name for name, row in vocabulary.items()}
    vector = one_hot(number, len(E))
    figure, axes = _canvas(width=10.5, height=0.42 * (len(E) + 4))
    for index, word in enumerate(tokens):
        chosen = index == place
        x = 1.9 * index
        axes.add_patch(
            Rectangle((x - 0.85, 2.6), 1.7, 0.9, fill=chosen, fc="#cfe5f3", ec=_BLUE if chosen else _GREY, lw=2)
        )
        axes.text(x, 3.05, word, ha="center", va="center", fontsize=12, weight="bold" if chosen else "normal")
    known = f"id {number}" if token in vocabulary else f"id {number}, the id of <unk>"
    axes.text(1.9 * place, 2.25, known, ha="center", va="center", fontsize=12, color=_BLUE, weight="bold")
    for row, bit in enumerate(vector):
        shade = "#cfe5f3" if bit else "white"
        axes.add_patch(Rectangle((-0.85, -row - 0.45), 0.9, 0.9, fc=shade, ec=_GREY))
        axes.text(-0.4, -row, f"{bit:.0f}", ha="center", va="center", fontsize=11, weight="bold" if bit else "normal")
    axes.text(-0.4, 0.9, "one-hot", ha="center", va="center", fontsize=11)
    axes.text(0.6, -(len(E) - 1) / 2, "×", ha="center", va="center", fontsize=16)
    right = _grid(axes, 2.0, 0, E, labels=[f"{row}" for row in range(len(E))], frame=[number])
    for row in range(len(E)):
        weight = "bold" if row == number else "normal"
        axes.text(right + 0.15, -row, names[row], va="center", fontsize=10, color="#555555", weight=weight)
    axes.text(2.0 + (right - 2.0) / 2, 0.9, "E", ha="center", va="center", fontsize=11)
    axes.text(right + 2.2, -number, "=", ha="center", va="center", fontsize=16)
    _grid(axes, right + 2.8, -number, E[number : number + 1])
    axes.text(right + 2.8, -number + 0.9, f"row {number} of E", ha="left", va="center", fontsize=11)
    _fit(axes)
    text = " ".join(tokens)
    return figure, (
        f"The token “{token}”, number {place + 1} of {len(tokens)} in “{text}”, has {known}. Its one-hot vector of length "
        f"{len(E)} has a 1 in place {number} and 0 elsewhere. Times E it gives row {number}: {_plain(E[number])}."
    )


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")  # not pyplot's: nothing to close, no state
    axes = figure.subplots()
    axes.axis("off")
    return figure, axes


def _grid(
    axes: Axes, x: float, y: float, array: np.ndarray, labels: Sequence[str] = (), frame: Sequence[int] = ()
) -> float:
    """Draw `array` with its upper left corner at (x, y), row labels at its left, some rows framed. Returns its right edge."""
    rows, columns = array.shape
    for row in range(rows):
        for column in range(columns):
            corner = (x + column * _CELL, y - row - 0.45)
            shade = "#cfe5f3" if row in frame else "white"
            axes.add_patch(Rectangle(corner, _CELL, 0.9, fc=shade, ec=_GREY))
            axes.text(
                x + (column + 0.5) * _CELL, y - row, f"{array[row, column]:g}", ha="center", va="center", fontsize=10
            )
    for row in frame:
        axes.add_patch(Rectangle((x, y - row - 0.45), columns * _CELL, 0.9, fill=False, ec=_ORANGE, lw=2.5, zorder=3))
    for row, label in enumerate(labels):
        axes.text(x - 0.2, y - row, label, ha="right", va="center", fontsize=11, color=_BLUE, weight="bold")
    return x + columns * _CELL


def _line(axes: Axes, start: tuple[float, float], end: tuple[float, float], strong: bool = False) -> None:
    color, width = (_ORANGE, 2.0) if strong else ("#9a9a9a", 1.0)
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": color, "lw": width, "shrinkA": 0, "shrinkB": 0}
    )


def _fit(axes: Axes) -> None:
    axes.relim()
    axes.autoscale_view()
    axes.margins(0.02)
    texts = [text.get_position() for text in axes.texts]
    xs, ys = zip(*texts, strict=True)
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    axes.set_xlim(min(left, min(xs) - 1.2), max(right, max(xs) + 1.6))
    axes.set_ylim(min(bottom, min(ys) - 0.6), max(top, max(ys) + 0.7))


def _plain(row: np.ndarray) -> str:
    return "(" + ", ".join(f"{number:g}" for number in row) + ")"
