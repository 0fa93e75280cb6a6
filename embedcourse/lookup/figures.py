"""The pictures of lesson 1. Each function returns a matplotlib figure and its alt text, and shows nothing itself.

A picture says by numbers and frames what it also says by colour, so it loses nothing in grey; its alt text says the
point of it and every number that a reader of the lesson may need.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from embedcourse.lookup.reference import lookup, lookup_gradient, one_hot

# On white: text at least 4.5 : 1, lines at least 3 : 1 (WCAG 2.2).
_BLUE, _ORANGE, _LINE, _GRID, _SOFT, _INK = "#0072b2", "#a84300", "#6e6e6e", "#8f8f8f", "#555555", "#222222"
_SHADE = "#d9ebf7"
_CELL = 1.25  # width of a cell; its height is 1
_INCH = 0.44  # of a unit, in both directions


def reading_rows(
    tokens: Sequence[str], vocabulary: Mapping[str, int], E: Float[np.ndarray, "vocab dim"]
) -> tuple[Figure, str]:
    """Tokens, the rows of `E` that their ids name, and the vectors that come out, joined by lines."""
    ids = [vocabulary[token] for token in tokens]
    names = {number: token for token, number in vocabulary.items()}
    axes = _canvas()
    for place, (token, number) in enumerate(zip(tokens, ids, strict=True)):
        axes.text(0, -place, token, ha="right", va="center", fontsize=12, color=_INK)
        axes.text(0.8, -place, str(number), ha="center", va="center", fontsize=12, color=_BLUE, weight="bold")
        _arrow(axes, (1.2, -place), (3.0, -number))
    right = _grid(axes, 4.6, 0, E, labels=[f"{names[number]} {number}" for number in range(len(E))])
    out = right + 2.2
    for place, number in enumerate(ids):
        _arrow(axes, (right + 0.15, -number), (out - 0.15, -place))
    edge = _grid(axes, out, 0, lookup(E, ids))
    _titles(axes, (-0.3, "token"), (0.8, "id"), ((4.6 + right) / 2, "E"), ((out + edge) / 2, "what comes out"))
    read = "; ".join(f"{token} has id {number}" for token, number in zip(tokens, ids, strict=True))
    rows = "; ".join(f"{place} is {_plain(E[number])}" for place, number in enumerate(ids))
    twice = [
        f" Rows {first} and {second} of the output are equal, since both tokens are “{tokens[first]}”."
        for first in range(len(ids))
        for second in range(first + 1, len(ids))
        if ids[first] == ids[second]
    ]
    return _fitted(axes, (-1.2, edge)), (
        f"Arrows lead from each of {len(tokens)} tokens to the row of E that its id names, and on to the output, which "
        f"has one row per token: {read}. The output's rows: {rows}.{''.join(twice)}"
    )


def adding_gradients(
    ids: Int[np.ndarray, " n"], upstream: Float[np.ndarray, "n dim"], vocab_size: int
) -> tuple[Figure, str]:
    """One gradient per token on the left, the gradient of the table on the right, joined by lines that add up."""
    gradient = lookup_gradient(ids, upstream, vocab_size)
    shares = {
        number: [row for one, row in zip(ids, upstream, strict=True) if one == number] for number in range(vocab_size)
    }
    repeated = [number for number, rows in shares.items() if len(rows) > 1]
    axes = _canvas()
    right = _grid(axes, 0, 0, upstream, labels=[f"id {number}" for number in ids])
    out = right + 4.0
    for place, number in enumerate(ids):
        _arrow(axes, (right + 0.1, -place), (out - 1.75, -int(number)), strong=number in repeated)
    edge = _grid(axes, out, 0, gradient, labels=[f"row {number}" for number in range(vocab_size)], frame=repeated)
    for number, rows in shares.items():
        says, color = {0: ("not read", _SOFT), 1: ("", _INK)}.get(len(rows), (f"sum of {len(rows)}", _ORANGE))
        axes.text(edge + 0.2, -number, says, va="center", fontsize=11, color=color)
    _titles(axes, (right / 2, "for each token"), ((out + edge) / 2, "for each row of E"))
    added = "; ".join(
        f"row {number} gets "
        + (f"{' + '.join(map(_plain, rows))} = " if len(rows) > 1 else "")
        + (_plain(gradient[number]) if rows else "nothing and stays zero")
        for number, rows in shares.items()
    )
    return _fitted(axes, (-1.2, edge + 2.0)), (
        f"Each of {len(ids)} gradients, for the ids {', '.join(map(str, ids))}, flows into the row of its id: {added}."
    )


def one_hot_product(
    tokens: Sequence[str], place: int, vocabulary: Mapping[str, int], E: Float[np.ndarray, "vocab dim"]
) -> tuple[Figure, str]:
    """The token at `place` (from 0), its id, its one-hot vector, and the product with `E` that picks out a row."""
    token = tokens[place]
    number = vocabulary.get(token, vocabulary.get("<unk>"))
    names = {row: name for name, row in vocabulary.items()}
    vector = one_hot(number, len(E))
    axes = _canvas()
    for index, word in enumerate(tokens):
        chosen = index == place
        x = 1.9 * index + 0.1
        look = {"fc": _SHADE, "ec": _BLUE, "lw": 2.5} if chosen else {"fc": "white", "ec": _GRID}
        axes.add_patch(Rectangle((x - 0.85, 2.5), 1.7, 0.9, **look))
        word = word if len(word) <= 6 else f"{word[:5]}…"
        axes.text(x, 2.95, word, ha="center", va="center", fontsize=12, weight="bold" if chosen else "normal")
    known = f"id {number}" if token in vocabulary else f"id {number}, the id of <unk>"
    axes.text(1.9 * place + 0.1, 2.05, known, ha="center", va="center", fontsize=12, color=_BLUE, weight="bold")
    _grid(axes, 0, 0, vector[:, None], frame=[number], labels=[f"{row}" for row in range(len(E))])
    left = 3.0
    for row in range(len(E)):
        axes.text(2.1, -row, "×", ha="center", va="center", fontsize=12)
    right = _grid(axes, left, 0, E, frame=[number])
    for row in range(len(E)):
        weight = "bold" if row == number else "normal"
        axes.text(right + 0.2, -row, names[row], va="center", fontsize=11, color=_INK, weight=weight)
    below = -len(E) - 0.3
    axes.text(left - 0.3, below, f"sum = row {number}", ha="right", va="center", fontsize=11)
    _grid(axes, left, below, E[number : number + 1], frame=[0])
    _titles(axes, (_CELL / 2, "one-hot"), ((left + right) / 2, "E"))
    everyone = ", ".join(f"{name} {row}" for row, name in sorted(names.items()))
    return _fitted(axes, (-0.9, max(right + 1.4, 10.6))), (
        f"The token “{token}”, number {place + 1} of {len(tokens)} in “{' '.join(tokens)}”, has {known}. (All ids: "
        f"{everyone}.) Its one-hot vector has a 1 at index {number} of 0 to {len(E) - 1}, and 0 elsewhere. "
        f"Times E it gives row {number}: {_plain(E[number])}."
    )


def learning_curves(
    ids: Sequence[int], E: Float[np.ndarray, "vocab dim"], lr: float, steps: int, own_wishes: bool
) -> tuple[Figure, str]:
    """The loss over steps of learning rate `lr`, with the gradient and with what `gradient[ids] += upstream` makes of it.

    The loss is lesson 1's, the distance of the sum of the rows from (1, 1, …); with `own_wishes` it is the sum of the
    distances of each row that is read from a wish of that reading, which is 1 and −1 in turn for the same id.
    """
    curves = {
        "scatter-add": _losses(ids, E, lr, steps, own_wishes, repeats=True),
        "with +=": _losses(ids, E, lr, steps, own_wishes, repeats=False),
    }
    same = np.allclose(*curves.values())
    values = np.concatenate(list(curves.values()))
    low, high = max(1e-6, values.min() / 2), min(1e3, values.max() * 2)
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.subplots()
    for (name, losses), (color, line) in zip(curves.items(), ((_BLUE, "-"), (_ORANGE, "--")), strict=True):
        axes.plot(np.maximum(losses, 1e-30), line, color=color, lw=2.2)
        end = (steps, np.clip(losses[-1], low, high))
        label = "both" if same else name
        axes.annotate(label, end, (6, 0), textcoords="offset points", va="center", color=color, fontsize=11)
    axes.set(yscale="log", ylim=(low, high), xlim=(0, steps), xlabel="step", ylabel="loss, as a share of the first")
    axes.axhline(1, color=_GRID, lw=1)
    axes.set_xticks(range(0, steps + 1, 5))
    wish = "a wish for each reading" if own_wishes else "one wish for the sum"
    says = "; ".join(
        f"{name}: {losses[5]:.2g} of it is left after 5 steps, {losses[-1]:.2g} after {steps}"
        for name, losses in curves.items()
    )
    return (
        figure,
        f"The loss over {steps} steps with learning rate {lr:g} and {wish}, as a share of the first loss. {says}.",
    )


def _losses(ids: Sequence[int], E: np.ndarray, lr: float, steps: int, own_wishes: bool, repeats: bool) -> np.ndarray:
    ids, table, losses = np.asarray(ids), E.copy(), []
    wishes = np.array([1 - 2 * (np.sum(ids[:place] == number) % 2) for place, number in enumerate(ids)])[:, None]
    last = [place for place, number in enumerate(ids) if number not in ids[place + 1 :]]  # what `+=` leaves of each id
    kept = np.arange(len(ids)) if repeats else np.array(last)
    for _ in range(steps + 1):
        vectors = lookup(table, ids)
        upstream = vectors - wishes if own_wishes else np.tile(vectors.sum(axis=0) - 1.0, (len(ids), 1))
        losses.append(np.sum(upstream**2) if own_wishes else np.sum(upstream[0] ** 2))
        table -= lr * lookup_gradient(ids[kept], upstream[kept], len(table))
    return np.array(losses) / losses[0]


def _canvas() -> Axes:
    figure = Figure(layout="constrained")  # not pyplot's: nothing to close, no global state
    axes = figure.subplots()
    axes.axis("off")
    axes.set_aspect("equal")
    return axes


def _fitted(axes: Axes, width: tuple[float, float]) -> Figure:
    """The axes' figure, cut to what is drawn between two x's, so that letters have the same size in every picture."""
    left, right = width[0] - 0.2, width[1] + 0.2
    heights = [y for text in axes.texts for y in [text.get_position()[1]]]
    heights += [edge for patch in axes.patches for edge in (patch.get_y(), patch.get_y() + patch.get_height())]
    bottom, top = min(heights) - 0.4, max(heights) + 0.5
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.figure.set_size_inches(_INCH * (right - left), _INCH * (top - bottom))
    return axes.figure


def _titles(axes: Axes, *titles: tuple[float, str]) -> None:
    for x, title in titles:
        axes.text(x, 0.95, title, ha="center", va="center", fontsize=11, color=_INK)


def _grid(
    axes: Axes, x: float, y: float, array: np.ndarray, labels: Sequence[str] = (), frame: Sequence[int] = ()
) -> float:
    """Draw `array` with its first row at height y, row labels at its left, some rows framed. Returns its right edge."""
    rows, columns = array.shape
    for row in range(rows):
        for column in range(columns):
            corner = (x + column * _CELL, y - row - 0.45)
            axes.add_patch(Rectangle(corner, _CELL, 0.9, fc=_SHADE if row in frame else "white", ec=_GRID))
            number = f"{array[row, column]:g}"
            axes.text(x + (column + 0.5) * _CELL, y - row, number, ha="center", va="center", fontsize=11)
    for row in frame:
        axes.add_patch(Rectangle((x, y - row - 0.45), columns * _CELL, 0.9, fill=False, ec=_ORANGE, lw=2.5, zorder=3))
    for row, label in enumerate(labels):
        axes.text(x - 0.2, y - row, label, ha="right", va="center", fontsize=11, color=_BLUE, weight="bold")
    return x + columns * _CELL


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], strong: bool = False) -> None:
    look = {"color": _ORANGE, "lw": 2.2} if strong else {"color": _LINE, "lw": 1.1}
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look})


def _plain(row: np.ndarray) -> str:
    return "(" + ", ".join(f"{number:g}" for number in row) + ")"
