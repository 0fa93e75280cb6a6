"""The pictures of lesson 5. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_PALE = "#e3e3e3"
# How a part of a model looks: its colour, and a hatch for those who see none.
_PARTS = {"table": (_BLUE, ""), "head": (_ORANGE, "//"), "everything else": (_PALE, "")}
# What training holds for each parameter: its colour, that of the letters on it, and a hatch for those who see none.
_HELD = {
    "weights": (_BLUE, "white", ""),
    "gradient": (_ORANGE, "white", ""),
    "float32 copy": ("#a9cfe6", _INK, "///"),
    "mean of gradients": (_PALE, _INK, ""),
    "mean of squares": ("#c9c9c9", _INK, "..."),
}


def subwords(sizes: Sequence[int], per_token: Sequence[float], idle: Sequence[int]) -> tuple[Figure, str]:
    """What a larger vocabulary buys, and what it leaves unused.

    per_token  bytes of unseen text that a token covers, for each size of vocabulary
    idle       rows that the text from which the vocabulary was made never reads
    """
    figure = Figure(figsize=(8.1, 3.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(sizes, per_token, "o-", color=_BLUE)
    left.set(xlabel="vocabulary", ylabel="bytes of text a token", ylim=(0, 1.15 * max(per_token)))
    left.set_title("what it buys: longer tokens", fontsize=10, loc="left")
    used = [size - never for size, never in zip(sizes, idle, strict=True)]
    places = range(len(sizes))
    right.bar(places, used, color=_BLUE, label="read")
    right.bar(places, idle, bottom=used, color="white", edgecolor=_ORANGE, hatch="//", label="never read")
    right.set_xticks(places, [f"{size:,}" for size in sizes])
    right.set(xlabel="vocabulary", ylabel="rows")
    right.set_title("what it costs: rows, some of them idle", fontsize=10, loc="left")
    right.legend(frameon=False, loc="upper left")
    left.set_xscale("log")
    left.set_xticks(sizes, [f"{size:,}" for size in sizes])
    left.minorticks_off()
    for axes in (left, right):
        axes.tick_params(axis="x", labelsize=8)
    said = "; ".join(
        f"{size:,} rows, {bytes_:.2f} bytes a token, {never} rows never read"
        for size, bytes_, never in zip(sizes, per_token, idle, strict=True)
    )
    return figure, (
        "Two panels over the size of the vocabulary. Left, a curve: tokens grow longer, by less and less. Right, bars: the "
        f"rows of the table, and among them more and more that the text never reads. {said}."
    )


def training(recipes: Mapping[str, Mapping[str, int]], parameters: int) -> tuple[Figure, str]:
    """What a table holds in memory while Adam trains it, in one recipe and in another.

    recipes     for each its parts, from `_HELD`, and the bytes that each of them takes for a parameter
    parameters  of the table
    """
    figure = Figure(figsize=(8.1, 0.8 * len(recipes) + 0.7), layout="constrained")
    axes = figure.subplots()
    said = []
    for place, (recipe, parts) in enumerate(recipes.items()):
        left = 0.0
        for part, each in parts.items():
            color, ink, hatch = _HELD[part]
            width = each * parameters / 1e9
            axes.barh(place, width, left=left, color=color, hatch=hatch, edgecolor="white", height=0.72)
            label = part.replace(" of ", " of\n") + f"\n{each} bytes"
            box = {"fc": color, "ec": "none", "pad": 1.0}
            axes.text(left + width / 2, place, label, ha="center", va="center", fontsize=8, color=ink, bbox=box)
            left += width
        axes.text(left + 0.1, place, f"{left:.1f} GB", va="center", fontsize=9, color=_INK)
        held = ", ".join(f"{part} {each} bytes" for part, each in parts.items())
        said.append(f"{recipe}: {held}, together {sum(parts.values())} bytes a parameter and {left:.1f} GB")
    most = max(sum(parts.values()) for parts in recipes.values()) * parameters / 1e9
    axes.set_yticks(range(len(recipes)), recipes)
    axes.set(xlim=(0, 1.12 * most), ylim=(len(recipes) - 0.5, -0.5), xlabel="GB while Adam trains a table")
    return figure, f"Stacked bars, one for each recipe. {'; '.join(said)}."


def text_costs(sizes: Sequence[int], costs: Mapping[int, Sequence[float]]) -> tuple[Figure, str]:
    """What a text costs in multiplications with vocabularies of these sizes, for each number of layers in `costs`."""
    figure = Figure(figsize=(8.1, 2.7), layout="constrained")
    said = []
    for axes, (layers, work) in zip(figure.subplots(1, len(costs)), costs.items(), strict=True):
        named = f"{layers} layers" if layers else "no layers"
        millions = [number / 1e6 for number in work]
        best = millions.index(min(millions))
        axes.plot(sizes, millions, "o-", color=_BLUE)
        axes.plot(sizes[best], millions[best], "D", ms=13, mfc="none", mec=_ORANGE, mew=2)
        axes.annotate(
            f"cheapest:\n{sizes[best]:,} rows",
            (sizes[best], millions[best]),
            (0, -14),
            textcoords="offset points",
            ha="right" if best == len(sizes) - 1 else "center",
            va="top",
            fontsize=8,
            color=_INK,
        )
        axes.set_xscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.tick_params(labelsize=8)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set(xlabel="vocabulary", ylim=(0, 1.15 * max(millions)), xlim=(0.8 * sizes[0], 1.25 * sizes[-1]))
        axes.set_title(named, fontsize=10, loc="left")
        listed = ", ".join(f"{size:,} rows {number:,.0f}" for size, number in zip(sizes, millions, strict=True))
        said.append(f"{named}: {listed}, cheapest {sizes[best]:,} rows")
    figure.axes[0].set_ylabel("millions of multiplications")
    return figure, (
        f"A curve for each number of layers, over the size of the vocabulary, with its lowest point marked: what a text costs, "
        f"in millions of multiplications. {'; '.join(said)}."
    )


def text_cost(sizes: Sequence[int], layers: Sequence[float], head: Sequence[float], yours: int) -> Figure:
    """What a text costs over the size of the vocabulary: in the layers, in the head, together; `yours` is marked if it is there.

    layers, head  multiplications at each of `sizes`
    """
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    together = {size: (one + other) / 1e6 for size, one, other in zip(sizes, layers, head, strict=True)}
    axes.plot(sizes, [work / 1e6 for work in layers], "--", color=_GREEN, label="in the layers")
    axes.plot(sizes, [work / 1e6 for work in head], ":", color=_ORANGE, lw=2, label="in the head")
    axes.plot(sizes, list(together.values()), "o-", color=_BLUE, label="together")
    if yours in together:
        axes.plot(yours, together[yours], "D", ms=13, mfc="none", mec=_INK, mew=2, label="yours")
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=8)
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set(xlabel="vocabulary", ylabel="millions of multiplications", ylim=(0, 1.15 * max(together.values())))
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def shares(models: Sequence[Mapping], many: int = 100_000) -> tuple[Figure, str]:
    """The share of table and head in real models over their size; filled where the vocabulary has `many` rows or more."""
    ordered = sorted(models, key=tables_share, reverse=True)
    figure = Figure(figsize=(8.1, 5), layout="constrained")
    axes = figure.subplots()
    for model in ordered:
        place = (model["total"], 100 * tables_share(model))
        filled = model["vocab_size"] >= many
        axes.plot(*place, "o" if model["tied"] else "s", ms=7, mfc=_BLUE if filled else "white", mec=_BLUE, mew=1.5)
        label = {"textcoords": "offset points", "fontsize": 8, "color": _INK, "va": "center"}
        axes.annotate(
            f"{model['name']} {percent(tables_share(model))}", place, (7, 0) if filled else (-4, -12), **label
        )
    axes.set(xscale="log", yscale="log", xlabel="parameters", ylabel="in table and head", xlim=(9e7, 6e12))
    axes.set_yticks((0.3, 1, 3, 10, 30, 60), ["0.3%", "1%", "3%", "10%", "30%", "60%"])
    axes.set_xticks(
        [1e8, 1e9, 1e10, 1e11, 1e12], ["100 million", "1 billion", "10 billion", "100 billion", "1 trillion"]
    )
    axes.minorticks_off()
    for marker, face, meaning in (
        ("o", _BLUE, f"tied, {many:,} rows or more"),
        ("o", "white", "tied, fewer rows"),
        ("s", _BLUE, f"untied, {many:,} rows or more"),
        ("s", "white", "untied, fewer rows"),
    ):
        axes.plot([], [], marker, mfc=face, mec=_BLUE, mew=1.5, label=meaning)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    said = "; ".join(
        f"{model['name']}, {short(model['total'])}, {model['vocab_size']:,} rows: {tables_share(model):.1%} "
        f"({'tied' if model['tied'] else 'untied'})"
        for model in ordered
    )
    return figure, (
        f"Points for {len(ordered)} models, falling to the right: the larger the model, the smaller mostly the share of table "
        f"and head; of models of one size those with more rows stand higher. From the largest share to the smallest: {said}."
    )


def split(model: Mapping) -> dict[str, int]:
    """The parameters of a model of the table, by part; the head is 0 where it is tied."""
    rest = model["total"] - model["embedding"] - model["lm_head"]
    return {"table": model["embedding"], "head": model["lm_head"], "everything else": rest}


def tables_share(model: Mapping) -> float:
    """The share of table and head among all parameters."""
    return (model["embedding"] + model["lm_head"]) / model["total"]


def two_models(before: Mapping[str, int], after: Mapping[str, int], names: tuple[str, str]) -> Figure:
    """Two models as bars on one scale of parameters: where these are, before and after a change."""
    figure = Figure(figsize=(8, 2.7), layout="constrained")
    axes = figure.subplots()
    largest = max(sum(before.values()), sum(after.values()))
    for place, parts in enumerate((before, after)):
        total = sum(parts.values())
        label = f"{percent(1 - parts['everything else'] / total)} of {short(total)}"
        _bar(axes, place, parts, scale=total)
        axes.text(total + 0.012 * largest, place, label, va="center", fontsize=9, color=_INK)
    axes.set_yticks((0, 1), names)
    axes.invert_yaxis()
    # The label stands behind its bar, whatever the bar's hatching.
    axes.set(xlabel="parameters", xlim=(0, 1.36 * largest))
    axes.set_xticks([tick for tick in MaxNLocator(4).tick_values(0, largest) if 0 <= tick <= 1.01 * largest])
    axes.xaxis.set_major_formatter(lambda value, _: short(value) if value else "0")
    _legend(figure, axes)
    return figure


def _bar(axes, place: int, parts: Mapping[str, int], scale: float = 1.0) -> None:
    left, total = 0.0, sum(parts.values())
    for name, number in parts.items():
        if number:
            color, hatch = _PARTS[name]
            width = scale * number / total
            axes.barh(place, width, left=left, color=color, hatch=hatch, edgecolor="white", height=0.72, label=name)
            left += width


def _legend(figure: Figure, axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    names = [name for name in _PARTS if name in found]
    figure.legend([found[name] for name in names], names, loc="outside lower center", ncols=3, frameon=False)


def percent(share: float) -> str:
    """A share in percent, and never 0.0% of something."""
    return "below 0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


def short(number: float) -> str:
    """A number of parameters as people say it: 124 million, 8.03 billion."""
    if number >= 1e9:
        return f"{number / 1e9:.3g} billion" if number < 1e11 else f"{number / 1e9:.0f} billion"
    return f"{number / 1e6:.3g} million"
