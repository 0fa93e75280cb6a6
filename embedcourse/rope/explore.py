"""The explorers of lessons 8 and 9: a query and a key turned by hand, and what each way of slowing does to each pair."""

import ipywidgets
import torch
from matplotlib.figure import Figure

from embedcourse.rope import figures, practice_figures
from embedcourse.rope.reference import rotate
from embedcourse.showing import Explorer

QUERY = torch.tensor([1.0, 0.9, 0.8, 0.5, 0.3, -0.4, 0.6, 0.9])
LAST = 60  # position


def draw_dials(m: int, n: int, made_for: int, exponent: float) -> tuple[Figure, str]:
    """The query at m and at n a key made for an offset, four pairs, with base 10 to the power of `exponent`."""
    key = rotate(QUERY[None], torch.tensor([made_for]), 10.0**exponent)[0]
    return figures.dials(QUERY, key, m, n, 10.0**exponent, LAST)


def turned_by_hand() -> Explorer:
    """Choose where query and key stand, for which offset the key is made, and the base."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_dials,
        m=ipywidgets.IntSlider(value=12, min=0, max=LAST, description="Query at", **look),
        n=ipywidgets.IntSlider(value=9, min=0, max=LAST, description="Key at", **look),
        made_for=ipywidgets.IntSlider(value=5, min=-20, max=20, description="Key made for", **look),
        exponent=ipywidgets.SelectionSlider(
            options=[(f"{10**power:,}", float(power)) for power in range(7)],
            value=4.0,
            description="Base",
            **look,
        ),
    )


METHODS = {"as trained": None} | {name: method for method, name in practice_figures.NAMES.items()}
HEAD_DIM = 128


def draw_scaling(method: str, trained: int, target: int, base: float) -> tuple[Figure, str]:
    """What a method does to the pairs of a head of 128 numbers."""
    return practice_figures.scaling(HEAD_DIM, base, METHODS[method], trained, target)


def scaling_over_wavelengths() -> Explorer:
    """Choose the method, both lengths, and the base."""
    look = {"continuous_update": False, "style": {"description_width": "9em"}}
    lengths = [(f"{2**power:,}", 2**power) for power in range(10, 18)]
    return Explorer(
        draw_scaling,
        method=ipywidgets.SelectionSlider(options=list(METHODS), value="NTK", description="Method", **look),
        trained=ipywidgets.SelectionSlider(options=lengths, value=2_048, description="Trained length", **look),
        target=ipywidgets.SelectionSlider(options=lengths, value=8_192, description="Target length", **look),
        base=ipywidgets.SelectionSlider(
            options=[(f"{base:,}", float(base)) for base in (10_000, 100_000, 500_000, 1_000_000)],
            value=10_000.0,
            description="Base",
            **look,
        ),
    )
