"""The pictures of lesson 5. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

_BLUE, _ORANGE, _GREEN, _GRID, _INK = "#0072b2", "#a84300", "#00694d", "#8f8f8f", "#222222"
_PALE = "#e3e3e3"
# How a part of a model looks: its colour, and a hatch for those who see none.
_PARTS = {"table": (_BLUE, ""), "head": (_ORANGE, "//"), "everything else": (_PALE, "")}


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


def shares(models: Sequence[Mapping]) -> tuple[Figure, str]:
    """Where the parameters of real models are: the table, the head where it is a matrix of its own, everything else."""
    ordered = sorted(models, key=tables_share, reverse=True)
    figure = Figure(figsize=(8.1, 0.36 * len(ordered) + 1.1), layout="constrained")
    axes = figure.subplots()
    for place, model in enumerate(ordered):
        _bar(axes, place, split(model), f"{tables_share(model):.1%}")
    axes.set_yticks(range(len(ordered)), [f"{model['name']}, {short(model['total'])}" for model in ordered])
    axes.set(xlabel="share of the parameters", xlim=(0, 1), ylim=(len(ordered) - 0.4, -0.6))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    _legend(figure, axes)
    said = "; ".join(
        f"{model['name']}, {short(model['total'])}: {tables_share(model):.1%} ({'tied' if model['tied'] else 'untied'})"
        for model in ordered
    )
    return figure, (f"Bars of {len(ordered)} models from the largest share of table and head to the smallest. {said}.")


def split(model: Mapping) -> dict[str, int]:
    """The parameters of a model of the table, by part; the head is 0 where it is tied."""
    rest = model["total"] - model["embedding"] - model["lm_head"]
    return {"table": model["embedding"], "head": model["lm_head"], "everything else": rest}


def tables_share(model: Mapping) -> float:
    """The share of table and head among all parameters."""
    return (model["embedding"] + model["lm_head"]) / model["total"]


def two_models(before: Mapping[str, int], after: Mapping[str, int], names: tuple[str, str]) -> Figure:
    """Two models as bars on one scale of parameters: where these are, before and after a change."""
    figure = Figure(figsize=(8, 2.5), layout="constrained")
    axes = figure.subplots()
    largest = max(sum(before.values()), sum(after.values()))
    for place, parts in enumerate((before, after)):
        total = sum(parts.values())
        _bar(axes, place, parts, f"{1 - parts['everything else'] / total:.1%} of {short(total)}", scale=total / largest)
    axes.set_yticks((0, 1), names)
    axes.invert_yaxis()
    axes.set(xlabel="parameters", xlim=(0, 1.0))
    axes.set_xticks((0, 0.25, 0.5, 0.75, 1), ["0"] + [short(part * largest) for part in (0.25, 0.5, 0.75, 1)])
    _legend(figure, axes)
    return figure


def _bar(axes, place: int, parts: Mapping[str, int], label: str, scale: float = 1.0) -> None:
    left, total = 0.0, sum(parts.values())
    for name, number in parts.items():
        color, hatch = _PARTS[name]
        width = scale * number / total
        axes.barh(place, width, left=left, color=color, hatch=hatch, edgecolor="white", height=0.72, label=name)
        left += width
    tables = scale - scale * parts["everything else"] / total
    inside = tables < 0.7
    place_of_label = tables + 0.012 if inside else tables - 0.012
    axes.text(
        place_of_label,
        place,
        label,
        va="center",
        ha="left" if inside else "right",
        fontsize=9,
        color=_INK,
        bbox={"fc": "white", "ec": "none", "pad": 1.0, "alpha": 0.85},
    )


def _legend(figure: Figure, axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    found = dict(zip(labels, handles, strict=True))
    figure.legend(found.values(), found.keys(), loc="outside lower center", ncols=3, frameon=False)


def short(number: float) -> str:
    """A number of parameters as people say it: 124 million, 8.03 billion."""
    if number >= 1e9:
        return f"{number / 1e9:.3g} billion" if number < 1e11 else f"{number / 1e9:.0f} billion"
    return f"{number / 1e6:.3g} million"
