"""The explorers of lessons 5 and 6: what a text costs, a real model with another vocabulary, the ledger of a real model."""

import textwrap
from collections.abc import Sequence
from functools import partial

import ipywidgets
from matplotlib.figure import Figure

from embedcourse.counting import figures, ledger_figures
from embedcourse.counting.ledger import count
from embedcourse.counting.models import models
from embedcourse.counting.reference import (
    embedding_parameters,
    factorised_parameters,
    table_bytes,
    training_bytes,
)
from embedcourse.showing import Explorer

NAMES = (
    "Gemma-3 270M",
    "Pythia-160M",
    "GPT-2 small",
    "Qwen2.5 0.5B",
    "Llama-3.2 1B",
    "Llama-2 7B",
    "Llama-3 8B",
    "Gemma-2 27B",
    "Llama-3.1 70B",
    "DeepSeek-V3",
)
_AS_IT_IS = 0  # the first stop of a slider
_VOCABULARIES = (256, 8_000, 32_000, 50_257, 64_000, 128_256, 151_936, 262_144, 524_288, 1_048_576)
_INNER = (64, 128, 256, 512)


def draw_vocabulary(name: str, vocab_size: int, tying: str, inner: int, dtype: str) -> tuple[Figure, str]:
    """A model of the table as it is, and with another vocabulary, tied or not, factorised or not; bytes in `dtype`."""
    model = next(one for one in models() if one["name"] == name)
    before = figures.split(model)
    rows = vocab_size or model["vocab_size"]
    dim = model["hidden_size"]
    table = factorised_parameters(rows, dim, inner) if inner else embedding_parameters(rows, dim)
    tied = model["tied"] if tying == "as it is" else tying == "tied"
    rest = before["everything else"]
    after = {"table": table, "head": 0 if tied else table, "everything else": rest}
    total = sum(after.values())
    matrices = 1 if tied else 2
    stored = matrices * _bytes(table_bytes, rows, dim, inner, dtype)
    trained = matrices * _bytes(training_bytes, rows, dim, inner, "adam")
    through = f", through {inner}" if inner else ""
    title = (
        f"{rows:,} rows of {dim:,}{through}, {'tied' if tied else 'untied'}: {total:,} parameters\n"
        f"in {dtype} {_size(stored + table_bytes(rest, 1, dtype))}, of these table and head {_size(stored)}\n"
        f"to train the tables with Adam in float32 {_size(trained)}"
    )
    figure = figures.two_models(before, after, (f"{name},\nas it is", "yours"))
    figure.axes[0].set_title(title, fontsize=10, loc="left")
    share = 1 - rest / total
    changed = total - model["total"]
    return figure, (
        f"{name} as it is: {model['total']:,} parameters, {figures.percent(figures.tables_share(model))} of them in table "
        f"and head. Yours: {title.replace(chr(10), '; ')}. That is {figures.percent(share)} in table and head, and "
        f"{changed:+,} parameters. Each token that is said multiplies the head's {table:,} numbers."
    )


def _bytes(cost, rows: int, dim: int, inner: int, how: str) -> int:
    return cost(rows, inner, how) + cost(inner, dim, how) if inner else cost(rows, dim, how)


def _size(number: int) -> str:
    for power, unit in ((40, "TiB"), (30, "GiB")):
        if number >= 2**power:
            return _digits(number / 2**power, unit)
    return _digits(number / 2**20, "MiB")


def _digits(number: float, unit: str) -> str:
    return f"{number:,.0f} {unit}" if number >= 999.5 else f"{number:.3g} {unit}"


def vocabulary_calculator() -> Explorer:
    """Take a real model, give it another vocabulary, tie it or not, factorise its table, and read its size."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_vocabulary,
        name=ipywidgets.SelectionSlider(options=NAMES, value="GPT-2 small", description="Model", **look),
        vocab_size=ipywidgets.SelectionSlider(
            options=[("its own", _AS_IT_IS)] + [(f"{size:,}", size) for size in _VOCABULARIES],
            value=128_256,
            description="Vocabulary",
            **look,
        ),
        tying=ipywidgets.SelectionSlider(
            options=("as it is", "tied", "untied"), value="as it is", description="Tying", **look
        ),
        inner=ipywidgets.SelectionSlider(
            options=[("no", _AS_IT_IS)] + [(f"through {size}", size) for size in _INNER],
            value=_AS_IT_IS,
            description="Factorised",
            **look,
        ),
        dtype=ipywidgets.SelectionSlider(
            options=("float32", "bfloat16", "int8", "int4"), value="bfloat16", description="Stored in", **look
        ),
    )


_BEYOND = 4_096


def draw_text_cost(
    sizes: Sequence[int], tokens: Sequence[int], vocab_size: int, layers: int, dim: int
) -> tuple[Figure, str]:
    """What a text costs in multiplications with `vocab_size` rows, in a model of so many layers of this dim.

    sizes, tokens  vocabularies, and into how many tokens each of them splits the text; of any other nothing is claimed
    """
    in_layers = [count * 12 * layers * dim**2 for count in tokens]
    in_head = [count * size * dim for size, count in zip(sizes, tokens, strict=True)]
    together = [one + other for one, other in zip(in_layers, in_head, strict=True)]
    title = f"{layers} layer{'' if layers == 1 else 's'} of {dim:,}; {vocab_size:,} rows: "
    if vocab_size in sizes:
        place = list(sizes).index(vocab_size)
        above = together[place] / min(together) - 1
        title += (
            f"{tokens[place]:,} tokens\n"
            f"times {12 * layers * dim**2:,} in the layers and {vocab_size * dim:,} in the head\n"
            f"= {together[place] / 1e6:,.1f} million, "
            + (f"{figures.percent(above)} above the cheapest" if above else "the cheapest that was measured")
        )
    else:
        title += f"not measured.\nThe largest vocabulary that was measured has {sizes[-1]:,}."
    figure = figures.text_cost(sizes, in_layers, in_head, vocab_size)
    figure.axes[0].set_title(title, fontsize=10, loc="left")
    listed = ", ".join(f"{size:,} rows {work / 1e6:,.1f}" for size, work in zip(sizes, together, strict=True))
    return figure, (
        "What a text costs over the size of the vocabulary, in the layers, in the head, and together. "
        f"{title.replace(chr(10), ' ').rstrip('.')}. Together, in millions of multiplications: {listed}."
    )


def text_cost_calculator(sizes: Sequence[int], tokens: Sequence[int]) -> Explorer:
    """Hunt for the vocabulary that makes a text cheapest; `tokens` says into how many tokens each of `sizes` splits it."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    options = [(f"{size:,}", size) for size in (*sizes, _BEYOND)]
    return Explorer(
        partial(draw_text_cost, sizes, tokens),
        vocab_size=ipywidgets.SelectionSlider(options=options, value=sizes[-1], description="Vocabulary", **look),
        layers=ipywidgets.IntSlider(value=1, min=0, max=24, description="Layers", **look),
        dim=ipywidgets.SelectionSlider(options=(16, 32, 64, 128, 256), value=64, description="Dimension", **look),
    )


LEDGERS = (
    "GPT-2 small",
    "BERT base uncased",
    "ALBERT base v2",
    "T5 base",
    "Gemma-3 270M",
    "Llama-3.2 1B",
    "Llama-3 8B",
    "Qwen3 32B",
    "Mixtral-8x7B",
    "gpt-oss-20b",
    "DeepSeek-V3",
)


def draw_ledger(name: str, part: int) -> tuple[Figure, str]:
    """The ledger of a real model as a bar, with one of its parts opened: its formula, and what it comes to."""
    model = next(one for one in models() if one["name"] == name)
    counted = count(model["config"])
    parts = counted.parts
    chosen = list(parts)[min(part, len(parts)) - 1]
    formula = f"{chosen.replace('_', ' ')} = {_folded(counted.formulas[chosen])}\n= {parts[chosen]:,}"
    title = f"{name}: {counted.total:,} parameters"
    if counted.active not in (None, counted.total):
        title += f"; with the experts that one token visits {counted.active:,}"
    shares = ", ".join(
        f"{number} {one.replace('_', ' ')} {ledger_figures.share(parts[one], counted.total)}"
        for number, one in enumerate(parts, start=1)
    )
    missing = f"Not counted: {'; '.join(counted.uncounted)}." if counted.uncounted else ""
    figure = ledger_figures.ledger(title, parts, chosen, formula, _folded(missing, 110))
    return figure, (
        f"{title}. From input to output: {shares}. Opened, part {list(parts).index(chosen) + 1} of {len(parts)}: "
        f"{formula.replace(chr(10), ' ')}, {ledger_figures.share(parts[chosen], counted.total)}."
        + f" {missing}".rstrip()
    )


def _folded(formula: str, width: int = 90) -> str:
    return "\n".join(textwrap.wrap(formula, width))


def model_ledger() -> Explorer:
    """Choose a real model and open its ledger part by part."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_ledger,
        name=ipywidgets.SelectionSlider(options=LEDGERS, value="GPT-2 small", description="Model", **look),
        part=ipywidgets.IntSlider(value=3, min=1, max=10, description="Part", **look),
    )
