"""The pictures of lesson 10. Each function returns a matplotlib figure and its alt text, and shows nothing itself."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from embedcourse.capstone.reference import read_header, row_span
from embedcourse.capstone.training import paired_runs
from embedcourse.showing import spoken

_BLUE, _ORANGE, _GRID, _INK = "#0072b2", "#a84300", "#8f8f8f", "#222222"
_LETTERS = 10.5  # points: what is read on a screen at 740 pixels
_MAP = "cividis"  # its lightness grows from end to end, so that it reads without colours
_PARTS = {  # what a name begins with: the part of the file, its colour and its hatching
    "wte.": ("token table", "#bdd7e7", ""),
    "model.embed_tokens": ("token table", "#bdd7e7", ""),
    "wpe.": ("position table", "#f3cfb3", "///"),
    "lm_head": ("output head", "#cfe8d5", "..."),
    "": ("blocks and norms", "#ececec", ""),
}


def file_map(files: Mapping[str, bytes], row: int) -> tuple[Figure, str]:
    """Safetensors files as bars of bytes: header, tables, blocks, head, and the place of one row of the token table."""
    figure = Figure(figsize=(7.4, 1.5 + 1.0 * len(files)), layout="constrained")
    axes = figure.subplots()
    looks, says = {}, []
    for height, (file, data) in enumerate(files.items()):
        length, header = read_header(data)
        spans = [("header", "#6b6b6b", "", 0, 8 + length)]
        for name, entry in header.items():
            if name != "__metadata__":
                part, color, hatch = next(look for begins, look in _PARTS.items() if name.startswith(begins))
                begin, end = (8 + length + offset for offset in entry["data_offsets"])
                spans.append((part, color, hatch, begin, end))
                if part == "token table":
                    first, last = row_span(length, entry, row)
        sizes: dict[str, int] = {}
        for part, color, hatch, begin, end in spans:
            seen = axes.barh(height, end - begin, left=begin, height=0.5, color=color, hatch=hatch, ec=_GRID, lw=0.3)
            looks.setdefault(part, seen)
            sizes[part] = sizes.get(part, 0) + end - begin
        axes.plot([first], [height - 0.31], marker="v", color=_ORANGE, ms=8, clip_on=False)
        axes.annotate(
            f"row {row}: bytes {first:,} to {last - 1:,}",
            (first, height - 0.3),
            (7, 0),
            textcoords="offset points",
            fontsize=_LETTERS,
        )
        told = ", ".join(f"{part} {size:,}" for part, size in sizes.items())
        says.append(f"{file}, {len(data):,} bytes: {told}; row {row} of the token table at {first:,} to {last - 1:,}")
    axes.set_yticks(range(len(files)), list(files))
    axes.set(ylim=(len(files) - 0.5, -0.65))
    axes.set_xlabel("byte of the file", fontsize=_LETTERS)
    axes.tick_params(labelsize=_LETTERS)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(looks.values(), looks, loc="outside lower center", ncols=3, frameon=False, fontsize=_LETTERS)
    return figure, f"{len(files)} bars, one for each file, cut into its parts. {'. '.join(says)}."


def choices(losses: Mapping[str, Mapping[str, Sequence[float]]], top: float) -> tuple[Figure, str]:
    """Losses of several runs: a line for each scheme, with a row of points for tied and one for untied models.

    losses  for "tied" and "untied", the losses of all seeds of each scheme; the mean is drawn with a bar of one standard
            deviation to both sides
    top     where the axis ends: of a scheme whose mean is larger an arrow and a number are drawn
    """
    schemes = list(next(iter(losses.values())))
    figure = Figure(figsize=(7.4, 1.5 + 0.55 * len(schemes)), layout="constrained")
    axes = figure.subplots()
    says = []
    for (kind, runs), color, mark, shift in zip(losses.items(), (_BLUE, _ORANGE), "os", (0.14, -0.14), strict=True):
        means = np.array([np.mean(runs[scheme]) for scheme in schemes])
        spread = np.array([np.std(runs[scheme], ddof=1) for scheme in schemes])
        places = np.arange(len(schemes)) + shift
        seen = means <= top
        axes.errorbar(
            means[seen], places[seen], xerr=spread[seen], fmt=mark, color=color, ms=7, capsize=4, lw=1.6, label=kind
        )
        for scheme, place in zip(np.array(schemes)[seen], places[seen], strict=True):
            axes.plot(runs[scheme], [place + 0.1 * np.sign(shift)] * len(runs[scheme]), "|", color=color, ms=6)
        for mean, place in zip(means[~seen], places[~seen], strict=True):
            axes.plot([top], [place], ">", color=color, ms=7, clip_on=False)
            axes.text(top, place, f"{mean:.2f}   ", color=color, ha="right", va="center", fontsize=_LETTERS)
        says.append(
            f"{kind}: "
            + ", ".join(
                f"{s} {m:.2f} plus or minus {d:.2f}" + (" (beyond the axis)" if m > top else "")
                for s, m, d in zip(schemes, means, spread, strict=True)
            )
        )
    axes.set_yticks(range(len(schemes)), schemes)
    axes.invert_yaxis()
    seeds = len(next(iter(next(iter(losses.values())).values())))
    axes.set_xlabel(
        "loss on text that was held out, in nats a token (less is better)\n"
        f"point: mean of {seeds} seeds; bar: ± one standard deviation; tick: a seed",
        fontsize=_LETTERS,
    )
    axes.tick_params(labelsize=_LETTERS)
    axes.set_xlim(right=top)
    axes.grid(axis="x", color="#dddddd", lw=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False, fontsize=_LETTERS
    )
    return figure, (
        f"Means of {seeds} runs with bars of one standard deviation, and a tick for each run; rows from top to bottom. "
        f"{'. '.join(says)}."
    )


def paired(
    groups: Mapping[str, Mapping[str, tuple[Mapping[int, float], Mapping[int, float]]]], times: float
) -> tuple[Figure, str]:
    """Differences of runs seed by seed: a panel for each group, a line for each pair of choices in it.

    groups  for each pair the two losses by seed, as `paired_runs` takes them
    times   so many standard errors the bar reaches from the mean to both sides; the mean is filled if 0 is outside
    """
    figure = Figure(
        figsize=(7.4, 0.8 + sum(0.34 + 0.29 * len(pairs) for pairs in groups.values())), layout="constrained"
    )
    panels = figure.subplots(
        len(groups), sharex=True, squeeze=False, height_ratios=[len(pairs) + 0.6 for pairs in groups.values()]
    )[:, 0]
    says = []
    for axes, (title, pairs) in zip(panels, groups.items(), strict=True):
        told = []
        for place, (name, (one, other)) in enumerate(pairs.items()):
            found = paired_runs(one, other)
            mean, reach = found["mean"], times * found["error"]
            clear = abs(mean) > reach
            color = _ORANGE if clear else _BLUE
            by_seed = [one[seed] - other[seed] for seed in one if seed in other]
            axes.plot(by_seed, [place] * len(by_seed), "|", color=_INK, ms=9, mew=1.1)
            axes.plot([mean - reach, mean + reach], [place, place], color=color, lw=2.2, alpha=0.75, zorder=1)
            axes.plot([mean], [place], "o", color=color, mfc=color if clear else "white", ms=7, mew=1.6, zorder=3)
            verdict = ("below" if mean < 0 else "above") + " 0 with all of its bar" if clear else "its bar holds 0"
            farthest = max(
                (seed for seed in one if seed in other), key=lambda seed: abs(one[seed] - other[seed] - mean)
            )
            told.append(
                f"{name}: {spoken(mean, 3)}, {found['wins']} of {found['seeds']} below 0, {verdict}, farthest from the mean "
                f"seed {farthest} with {spoken(one[farthest] - other[farthest], 3)}"
            )
        axes.axvline(0, color=_GRID, lw=1.2, zorder=0)
        axes.set_yticks(range(len(pairs)), list(pairs))
        axes.set_ylim(len(pairs) - 0.4, -0.6)
        axes.set_title(title, fontsize=_LETTERS, loc="left")
        axes.tick_params(labelsize=_LETTERS)
        axes.spines[["top", "right"]].set_visible(False)
        says.append(f"{title}: {'; '.join(told)}")
    panels[-1].set_xlabel(
        "difference of the losses in nats (below 0: the first has less)\n"
        f"tick: a seed; bar: ± {times:g} standard errors; filled: clear of 0",
        fontsize=_LETTERS,
    )
    said = ". ".join(says).replace("−", "minus")  # screen readers drop the sign
    return figure, (
        f"Differences seed by seed: a tick for each seed, a point for the mean, and a bar of {times:g} standard errors to "
        f"both sides; the point is filled where the bar does not hold 0. {said}."
    )


def cosines(
    first: Sequence[str], second: Sequence[str], alike: Float[Tensor, "first second"], title: str
) -> tuple[Figure, str]:
    """The cosine of each token of one sentence with each of another, as squares; those of equal tokens are framed."""
    figure = Figure(figsize=(7.4, 2.0 + 0.38 * len(first)), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(alike.numpy(), cmap=_MAP, vmin=-1, vmax=1, aspect="auto")
    says = []
    for i, token in enumerate(first):
        for j, other in enumerate(second):
            number = alike[i, j].item()
            if token == other:
                axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec=_INK, lw=2))
                says.append(f"{token} at {i} and at {j}: {spoken(number)}")
            if token == other or len(second) <= 10:
                shown = spoken(number).replace("minus ", "−")
                axes.text(
                    j,
                    i,
                    shown,
                    ha="center",
                    va="center",
                    fontsize=_LETTERS,
                    color="w" if number < -0.1 else "k",
                    weight="bold" if token == other else "normal",
                )
    axes.set_xticks(range(len(second)), second, rotation=40, ha="right")
    axes.set_yticks(range(len(first)), first)
    axes.set_xlabel("the second sentence (_ stands for a space)", fontsize=_LETTERS)
    axes.set_ylabel("the first sentence", fontsize=_LETTERS)
    axes.set_title(title, fontsize=_LETTERS)
    axes.tick_params(labelsize=_LETTERS)
    bar = figure.colorbar(picture, ax=axes, shrink=0.8)
    bar.set_label("cosine", fontsize=_LETTERS)
    bar.ax.tick_params(labelsize=_LETTERS)
    different = [alike[i, j].item() for i, a in enumerate(first) for j, b in enumerate(second) if a != b]
    others = f" Different tokens: from {spoken(min(different))} to {spoken(max(different))}." if different else ""
    if len(first) <= 5 and len(second) <= 5:
        others += " Row by row: " + "; ".join(
            f"{token} {', '.join(spoken(number) for number in row)}"
            for token, row in zip(first, alike.tolist(), strict=True)
        )
        others += "."
    return figure, (
        f"A table of cosines, {title}: {len(first)} tokens of one sentence ({' '.join(first)}) against {len(second)} of "
        f"another ({' '.join(second)}). "
        + (f"Equal tokens: {'; '.join(says)}." if says else "No token stands in both.")
        + others
    )
