"""The explorer of lesson 7: how alike positions are, learned for one of three tasks, beside sinusoidal ones of any base."""

from functools import cache

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.positions import figures
from embedcourse.positions.training import stored_lengths
from embedcourse.showing import Explorer

LEARNED = {
    "the token before": "previous",
    "the first token": "first",
    "the next word of the grammar": "grammar",
}
BASES = (1.0, 1.5, 2.0, 5.0, 10.0, 100.0, 1_000.0, 10_000.0, 1e6, 1e9)


@cache
def learned_rows() -> dict[str, np.ndarray]:
    """The rows of the trained places, for each of the three tasks, by what the model had to say."""
    stored = stored_lengths()["rows"]
    return {name: np.array(stored[task]) for name, task in LEARNED.items()}


def draw_alike(task: str, base: float, place: int) -> tuple[Figure, str]:
    """Learned rows beside sinusoidal ones with this base, and one place with all others."""
    return figures.alike_beside(learned_rows()[task], task, base, place)


def positions_alike() -> Explorer:
    """Choose what the rows were learned for, the base of the sinusoidal ones, and a place."""
    look = {"continuous_update": False, "style": {"description_width": "8em"}}
    return Explorer(
        draw_alike,
        task=ipywidgets.SelectionSlider(
            options=list(LEARNED), value="the token before", description="Learned for", **look
        ),
        base=ipywidgets.SelectionSlider(
            options=[(f"{base:,.10g}", base) for base in BASES], value=10_000.0, description="Base", **look
        ),
        place=ipywidgets.IntSlider(value=8, min=0, max=31, description="Position", **look),
    )
