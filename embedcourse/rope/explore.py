"""The explorer of lesson 8: a query and a key turned by hand, pair by pair, and what it does to their score."""

import ipywidgets
import torch
from matplotlib.figure import Figure

from embedcourse.rope import figures
from embedcourse.showing import Explorer

QUERY = torch.tensor([1.0, 0.9, 0.8, 0.5, 0.3, -0.4, 0.6, 0.9])
KEY = torch.tensor([0.8, 0.2, 0.9, 0.7, -0.5, 0.9, 0.3, -0.4])
LAST = 60  # position


def draw_dials(m: int, n: int, exponent: float) -> tuple[Figure, str]:
    """The query at m and the key at n, four pairs, with base 10 to the power of `exponent`."""
    return figures.dials(QUERY, KEY, m, n, 10.0**exponent, LAST)


def turned_by_hand() -> Explorer:
    """Choose where query and key stand, and the base."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_dials,
        m=ipywidgets.IntSlider(value=12, min=0, max=LAST, description="Query at", **look),
        n=ipywidgets.IntSlider(value=9, min=0, max=LAST, description="Key at", **look),
        exponent=ipywidgets.SelectionSlider(
            options=[(f"{10**power:,}", float(power)) for power in range(7)],
            value=4.0,
            description="Base",
            **look,
        ),
    )
