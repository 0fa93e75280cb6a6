"""The explorer of lesson 8: a query and a key turned by hand, pair by pair, and what it does to their score."""

import ipywidgets
import torch
from matplotlib.figure import Figure

from embedcourse.rope import figures
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
