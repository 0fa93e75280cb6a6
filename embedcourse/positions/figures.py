"""The pictures of lesson 7. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence
from statistics import mean

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from embedcourse.positions.reference import position_ids, sinusoidal
from embedcourse.showing import spoken

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_SCHEMES = {
    "learned": (_ORANGE, "s", "--"),
    "sinusoidal": (_BLUE, "o", "-"),
    "none": (_GREEN, "^", ":"),
}
_TASKS = {"previous": "say the token before", "first": "say the first token"}
_LEGIBLE = 4  # degrees between two numbers on a dial
_MAP = "cividis"  # its lightness grows from end to end, so that it reads without colours
Table = Float[np.ndarray, "positions dim"]


def attention_maps(weights: Mapping[str, Float[np.ndarray, "length length"]], trained: int) -> tuple[Figure, str]:
    """How much each place looks at each, the mean over many texts, for each task; a line where training ended."""
    figure = Figure(figsize=(8.1, 4.1), layout="constrained")
    says = []
    for axes, (task, of) in zip(figure.subplots(1, len(weights)), weights.items(), strict=True):
        picture = axes.imshow(of, cmap=_MAP, vmin=0, vmax=1)
        axes.axhline(trained - 0.5, color="white", ls="--", lw=1.2)
        axes.text(len(of) - 1, trained + 0.5, "not trained", color="white", ha="right", va="top", fontsize=9)
        axes.set(title=_TASKS[task], xlabel="place that is looked at", ylabel="place that looks")
        wanted = [of[place, place - 1 if task == "previous" else 0] for place in range(1, len(of))]
        names = "the place before it" if task == "previous" else "place 0"
        says.append(
            f"To {_TASKS[task]}, each place looks at {names} with weight {mean(wanted[: trained - 1]):.2f} up to place "
            f"{trained - 1}, and with {mean(wanted[trained - 1 :]):.2f} from place {trained} on{_elsewhere(of, wanted, trained)}"
        )
    figure.colorbar(picture, ax=figure.axes, label="weight", shrink=0.8)
    return figure, (
        f"Two squares: how much each place looks at each, the mean over many texts. {'. '.join(says)}. "
        "Place 0 can look only at itself."
    )


def _elsewhere(of: Float[np.ndarray, "length length"], wanted: Sequence[float], trained: int) -> str:
    """Where the untrained places look if not where they should: most of all, and in what range nearly always."""
    if mean(wanted[trained - 1 :]) > 1 / 2:
        return ""
    looked = of[trained:].mean(axis=0)
    low, high = np.searchsorted(np.cumsum(looked) / looked.sum(), (0.025, 0.975))
    return (
        f": these look mostly at place {looked.argmax()} ({looked.max():.2f}), the rest scattered from {low} to {high}"
    )


def untrained_rows(stored: Mapping[str, Sequence[Sequence[float]]], chance: float) -> tuple[Figure, str]:
    """The accuracy at the last place when one place has an untrained row: for each task, over the place that has it."""
    figure = Figure(figsize=(8.1, 2.9), layout="constrained")
    says = []
    for axes, (task, runs) in zip(figure.subplots(1, len(stored), sharey=True), stored.items(), strict=True):
        means = np.mean(runs, axis=0)
        axes.vlines(range(len(means)), np.min(runs, axis=0), np.max(runs, axis=0), color=_GRID, lw=3)
        axes.plot(means, "o", ms=4, color=_BLUE)
        _chance(axes, chance, 0.5)
        axes.set(title=_TASKS[task], xlabel="the place that has an untrained row", ylim=(0, 1.05))
        broken = [place for place, right in enumerate(means) if right < 1 / 2]
        for place in broken:
            left = place >= len(means) / 2 and place + 1 < len(means)  # the last one's label stands above its bar
            above = place + 1 == len(means)
            axes.annotate(
                f"place {place}",
                (place, np.max(runs, axis=0)[place] if above else means[place]),
                (6, 4) if above else (-8 if left else 8, 2),
                textcoords="offset points",
                ha="right" if above or left else "left",
                fontsize=9,
            )
        others = min(right for right in means if right >= 1 / 2)
        found = " and ".join(
            f"{place} ({means[place]:.2f}, from {np.min(runs, axis=0)[place]:.2f} to {np.max(runs, axis=0)[place]:.2f})"
            for place in broken
        )
        says.append(f"{_TASKS[task]}: it falls only for place {found}, with all others it stays at {others:.2f}")
    figure.axes[0].set_ylabel(f"right at place {len(means) - 1}")
    return figure, (
        f"Points: how often the answer at place {len(means) - 1} is right when one place has the row of a position that was "
        f"never trained, the mean of {len(runs)} models, with a bar from the worst to the best. "
        f"{'; '.join(says)}. Guessing gives {chance:.2f}."
    )


def lengths(stored: Mapping, schemes: Sequence[str], chance: float) -> tuple[Figure, str]:
    """How often each scheme is right on each task, against the length of the text; bars reach from seed to seed."""
    figure = Figure(figsize=(8.1, 3.6), layout="constrained")
    names, says = stored["lengths"], []
    panels = zip(figure.subplots(1, 2, sharey=True), stored["accuracies"].items(), strict=True)
    for axes, (task, runs_of) in panels:
        for shift, scheme in zip((-0.12, 0, 0.12), schemes, strict=False):
            color, mark, line = _SCHEMES[scheme]
            runs = np.array(runs_of[scheme])
            means = runs.mean(axis=0)
            bars = [means - runs.min(axis=0), runs.max(axis=0) - means]
            places = np.arange(len(names)) + shift
            axes.errorbar(places, means, bars, color=color, marker=mark, ls=line, capsize=3, label=scheme)
            ends = ", ".join(
                f"at {names[at]} from {runs[:, at].min():.2f} to {runs[:, at].max():.2f}" for at in (-2, -1)
            )
            says.append(f"{_TASKS[task]}, {scheme}: {', '.join(f'{x:.2f}' for x in means)} ({ends})")
        _chance(axes, chance, 0.02)
        axes.set_xticks(range(len(names)), names)
        axes.set(title=_TASKS[task], xlabel=f"length (beyond {names[0]}: the places beyond)", ylim=(0, 1.05))
    figure.axes[0].set_ylabel("share of right answers")
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure, (
        f"How often the answer is right at length {', '.join(map(str, names))}, at the first over the trained places, at the "
        f"others over the places beyond; the mean of {len(stored['seeds'])} seeds. {'; '.join(says)}. Guessing: {chance:.2f}."
    )


def padded(texts: Sequence[str]) -> tuple[Figure, str]:
    """A batch of texts, padded on the left and on the right: in each cell the token and, below it, its position id."""
    tokens = [text.split() for text in texts]
    width = max(map(len, tokens))
    figure = Figure(figsize=(8.1, 0.55 + 0.62 * len(tokens)), layout="constrained")
    says = []
    for axes, side in zip(figure.subplots(1, 2), ("left", "right"), strict=True):
        for row, text in enumerate(tokens):
            padding = [None] * (width - len(text))
            cells = padding + text if side == "left" else text + padding
            ids = position_ids(np.array([cell is not None for cell in cells], dtype=int))
            for column, (cell, at) in enumerate(zip(cells, ids, strict=True)):
                color = "#e4e4e4" if cell is None else "white"
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=color, edgecolor=_GRID))
                axes.text(column, row - 0.2, cell or "–", ha="center", va="center", fontsize=9, color=_INK)
                if cell is not None:
                    axes.text(column, row + 0.22, at, ha="center", va="center", weight="bold", color=_BLUE)
            begins = cells.index(text[0])
            says.append(
                f"padded on the {side}, “{' '.join(text)}” stands in columns {begins} to {begins + len(text) - 1} and has "
                f"position ids 0 to {len(text) - 1}"
            )
        axes.set(xlim=(-0.5, width - 0.5), ylim=(len(tokens) - 0.5, -0.5), yticks=[], xticks=range(width))
        axes.set_title(f"padded on the {side}; bold: position ids", fontsize=9)
        axes.set_xlabel("column", fontsize=9)
        axes.tick_params(length=0, labelsize=8)
    return figure, f"Two grids of {len(tokens)} texts and {width} columns: {'; '.join(says)}."


def clocks(length: int, dim: int, pairs: Sequence[int], base: float = 10_000.0) -> tuple[Figure, str]:
    """Sinusoidal positions as clocks: for some pairs of columns, the hand (sin to the right, cos up) at each position."""
    rows = sinusoidal(length, dim, base)
    figure = Figure(figsize=(2.02 * len(pairs), 2.35), layout="constrained")
    says = []
    for axes, pair in zip(np.atleast_1d(figure.subplots(1, len(pairs))), pairs, strict=True):
        axes.add_patch(Circle((0, 0), 1, fill=False, color=_GRID))
        for sine, cosine in rows[:, 2 * pair : 2 * pair + 2]:
            axes.plot([0, sine], [0, cosine], color=_BLUE, lw=1.2)
        turn = base ** (-2 * pair / dim)
        apart = turn > np.radians(_LEGIBLE)
        for position in range(length) if apart else ():
            sine, cosine = 1.17 * rows[position, 2 * pair : 2 * pair + 2]
            axes.text(sine, cosine, position, ha="center", va="center", fontsize=8, color=_INK)
        if not apart:
            sine, cosine = 1.17 * rows[(length - 1) // 2, 2 * pair : 2 * pair + 2]
            axes.text(sine, cosine, f"0 to {length - 1}", ha="center", va="center", fontsize=8, color=_INK)
        axes.set_title(f"columns {2 * pair}, {2 * pair + 1}\n{np.degrees(turn):.2f}° a position", fontsize=9)
        axes.set(xlim=(-1.35, 1.35), ylim=(-1.3, 1.3), aspect="equal")
        axes.axis("off")
        says.append(f"columns {2 * pair} and {2 * pair + 1}, {np.degrees(turn):.2f} degrees a position")
    return figure, (
        f"{len(pairs)} dials with the hands of positions 0 to {length - 1}. All begin at twelve and turn clockwise: "
        f"{'; '.join(says)}."
    )


def alike(tables: Mapping[str, Table]) -> tuple[Figure, str]:
    """For each table of positions a square: the cosine of each row with each."""
    down = -(-len(tables) // 2)
    figure = Figure(figsize=(7.2, 3.3 * down), layout="constrained")
    grid = figure.add_gridspec(down, 2)
    for number, (name, rows) in enumerate(tables.items()):
        picture = _square(figure.add_subplot(grid[number // 2, number % 2]), rows, name)
    figure.colorbar(picture, ax=figure.axes, label="cosine of the two rows", shrink=0.85)
    said = "; ".join(f"{name}: {in_words(rows)}" for name, rows in tables.items())
    return figure, (f"{len(tables)} squares: how alike the rows of any two of {len(rows)} positions are. {said}.")


def alike_beside(
    learned: Table, name: str, base: float, place: int, tables_alike: Sequence[str] = ("learned", "sinusoidal")
) -> tuple[Figure, str]:
    """Learned rows beside sinusoidal ones: two squares of cosines, and below them how like the others one place is."""
    made = sinusoidal(*learned.shape, base)
    figure = Figure(figsize=(8.1, 6), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.5, 1))
    titles = f"learned for: {name}", f"sinusoidal, base {base:,.10g}"
    for column, (rows, title) in enumerate(zip((learned, made), titles, strict=True)):
        axes = figure.add_subplot(grid[0, column])
        picture = _square(axes, rows, title)
        axes.plot(len(rows) + 0.6, place, "<", color=_ORANGE, ms=8, clip_on=False)  # beside the row, not on it
        axes.set_xlim(-0.5, len(rows) - 0.5)
    figure.colorbar(picture, ax=figure.axes, label="cosine", shrink=0.85)
    below, says = figure.add_subplot(grid[1, :]), []
    looks = ((_ORANGE, "s", "--"), (_BLUE, "o", "-"))
    for kind, rows, (color, mark, line) in zip(tables_alike, (learned, made), looks, strict=True):
        cosines = cosine(rows)[place]
        below.plot(cosines, marker=mark, ms=4, ls=line, color=color, label=kind)
        others = np.delete(np.arange(len(rows)), place)
        most = others[cosines[others].argmax()]
        says.append(f"{kind}, most like it is {most} ({spoken(cosines[most])})")
    below.axhline(0, color=_GRID, lw=0.8)
    below.set(xlabel="position", ylabel=f"cosine with position {place}", ylim=(-1.05, 1.05))
    figure.legend(*below.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    return figure, (
        f"Two squares of cosines between positions. {titles[0]}: {in_words(learned)}. {titles[1]}: {in_words(made)}. Below, "
        f"position {place} with all others: {'; '.join(says)}."
    )


def cosine(rows: Table) -> Float[np.ndarray, "positions positions"]:
    """The cosine of each row with each."""
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T


def in_words(rows: Table) -> str:
    """What a square of cosines shows: its shape, how like its neighbours a row is, how unlike all others row 0 is."""
    cosines = cosine(rows)
    apart = [step for step in (1, 2, 3, 8, 16, 24) if step < len(rows)]
    steps = ", ".join(f"{spoken(np.diagonal(cosines, step).mean())} at {step}" for step in apart)
    others = spoken(cosines[np.triu_indices(len(rows), 1)].mean())
    return (
        f"{_shape(cosines)}; mean cosine {steps} apart, {others} over all pairs, "
        f"{spoken(cosines[0, 1:].mean())} of row 0 with the rest"
    )


def _shape(cosines: Float[np.ndarray, "positions positions"]) -> str:
    """What the eye sees first in a square of cosines."""
    diagonals = [np.diagonal(cosines, step) for step in range(1, len(cosines))]
    if max(diagonal.std() for diagonal in diagonals) < 1e-6:
        return "stripes along the diagonal"
    if cosines[0, 1:].mean() < 0 and cosines[1:, 1:].mean() > 0.5:
        return "row 0 against all others, which are alike"
    if diagonals[1].mean() > diagonals[0].mean() + 0.25:
        return "a fine checked pattern, places two apart more alike than neighbours"
    half = len(cosines) // 2
    if diagonals[0].mean() > 0.5 and cosines[:half, half:].mean() < 0:
        return "two bright blocks, early places and late ones, dark against each other"
    return "no plain pattern"


def _square(axes: Axes, rows: Table, title: str):
    picture = axes.imshow(cosine(rows), cmap=_MAP, vmin=-1, vmax=1)
    axes.set_title(title, fontsize=10)
    axes.set(xlabel="position", ylabel="position")
    return picture


def _chance(axes: Axes, chance: float, place: float) -> None:
    axes.axhline(chance, color=_INK, lw=0.8, ls="-.")
    where = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axes.annotate("guessing", (place, chance), (0, 3), fontsize=8, **where)
