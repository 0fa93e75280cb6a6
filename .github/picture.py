"""`make picture`: the README's picture, drawn by the lesson's own figure function."""

from pathlib import Path

import numpy as np

from embedcourse.lookup import build_vocabulary
from embedcourse.lookup.figures import reading_rows


def draw() -> None:
    """Write `.github/lookup.png`."""
    tokens = "the cat saw the dog".split()
    E = np.random.default_rng(0).normal(size=(4, 3)).round(1)
    figure, _ = reading_rows(tokens, build_vocabulary(tokens), E)
    figure.savefig(Path(__file__).with_name("lookup.png"), dpi=110, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    draw()
