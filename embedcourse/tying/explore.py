"""The explorer of lesson 4: the share that tying saves, for sizes of your own, among real models."""

import math

import ipywidgets
from matplotlib.figure import Figure

from embedcourse.counting import models
from embedcourse.showing import Explorer
from embedcourse.tying import figures
from embedcourse.tying.reference import tying_saving

DIMS = (256, 384, 512, 768, 896, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384)
NEAREST = 3


def decoders() -> list[dict]:
    """The models of the table that write text, which alone have a head that says the next token."""
    return [model for model in models() if model["hf_class"].endswith(("CausalLM", "LMHeadModel"))]


def draw_savings(vocab_size: int, dim: int, depth: int) -> tuple[Figure, str]:
    """The share saved with these sizes as a star, the line of all dimensions with it, and the nearest real models."""
    curve = [_point(vocab_size, one, depth) for one in DIMS]
    size, share = curve[DIMS.index(dim)]
    real = decoders()
    near = sorted(real, key=lambda model: _distance(model, size, share))[:NEAREST]
    figure = figures.savings(real, curve=curve, chosen=DIMS.index(dim), least=1.4e7)
    title = f"{vocab_size:,} words × {dim:,}, {depth} layers: tying saves {share:.1%} of {_short(size)}"
    figure.axes[0].set_title(f"{title}\nnearest: {near[0]['name']}, {near[1]['name']}", fontsize=10, loc="left")
    return figure, (
        f"Your model, the star: {title}. The line, all dimensions with this vocabulary and depth, goes from {curve[0][1]:.1%} "
        f"at {DIMS[0]} to {curve[-1][1]:.1%} at {DIMS[-1]:,}. Nearest of the real models: {figures.listed(near)}."
    )


def _point(vocab_size: int, dim: int, depth: int) -> tuple[int, float]:
    return 2 * vocab_size * dim + 12 * depth * dim**2, tying_saving(vocab_size, dim, depth)


def _distance(model: dict, size: float, share: float) -> float:
    """How far apart in the picture, where a factor of ten is as far as a tenth of the parameters."""
    its_size, its_share = figures.size_and_share(model)
    return abs(math.log10(its_size / size)) + 10 * abs(its_share - share)


def _short(size: int) -> str:
    return f"{size / 1e9:.1f} billion parameters" if size >= 1e9 else f"{size / 1e6:.0f} million parameters"


def tying_savings() -> Explorer:
    """Choose a vocabulary, a dimension and a depth, and see which share tying saves, among real models."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_savings,
        vocab_size=ipywidgets.SelectionSlider(
            options=[(f"{size:,}", size) for size in (32_000, 50_257, 128_256, 151_936, 262_144)],
            value=50_257,
            description="Vocabulary",
            **look,
        ),
        dim=ipywidgets.SelectionSlider(options=DIMS, value=768, description="Dimension", **look),
        depth=ipywidgets.IntSlider(value=12, min=0, max=126, description="Layers", **look),
    )
