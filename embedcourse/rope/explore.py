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
    return figures.dials(QUERY, key, m, n, 10.0**exponent, LAST, made_for)


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


METHODS = {name: method for method, name in practice_figures.NAMES.items()}
HEAD_DIM = 128
TRAINED = 2_048
FACTORS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 20, 24, 32)


def draw_scaling(method: str, times: int, factor: int, base: float) -> tuple[Figure, str]:
    """What a method with a factor does to the pairs of a head of 128 numbers, in texts `times` as long as in training."""
    return practice_figures.scaling(HEAD_DIM, base, METHODS[method], TRAINED, times, factor)


def scaling_over_wavelengths() -> Explorer:
    """Choose the method, how long the text is, the factor, and the base."""
    look = {"continuous_update": False, "style": {"description_width": "9em"}}
    bases = [(f"{base:,}", float(base)) for base in (10_000, 100_000, 500_000, 1_000_000)]
    return Explorer(
        draw_scaling,
        method=ipywidgets.SelectionSlider(options=list(METHODS), value="NTK", description="Method", **look),
        times=ipywidgets.SelectionSlider(
            options=[(f"{times} × {TRAINED:,}", times) for times in (1, 2, 4, 8, 16, 32)],
            value=4,
            description="Text length",
            **look,
        ),
        factor=ipywidgets.SelectionSlider(options=FACTORS, value=4, description="Factor", **look),
        base=ipywidgets.SelectionSlider(options=bases, value=10_000.0, description="Base", **look),
    )
