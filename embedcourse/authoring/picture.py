"""`make picture`: the README's picture, drawn by the lesson's own figure function."""

from __future__ import annotations

from embedcourse.files import repository
from embedcourse.lookup import build_vocabulary
from embedcourse.lookup.figures import reading_rows


def draw() -> None:
    """Write `.github/lookup.png`."""
    import numpy as np

    tokens = "the cat saw the dog".split()
    E = np.random.default_rng(0).normal(size=(4, 3)).round(1)
    figure, _ = reading_rows(tokens, build_vocabulary(tokens), E)
    figure.savefig(repository() / ".github" / "lookup.png", dpi=110, facecolor="white", metadata={"Software": None})


if __name__ == "__main__":
    draw()
