"""The explorer of lesson 1: a sentence, one of its tokens, and the row that its one-hot vector picks out."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.lookup.figures import one_hot_product
from embedcourse.lookup.reference import UNKNOWN, build_vocabulary
from embedcourse.showing import Explorer

SENTENCES = ("the cat saw the dog", "a dog saw the cat", "the bird saw a cat", "a zebra saw the bird")
_VOCABULARY = build_vocabulary([UNKNOWN, *" ".join(SENTENCES[:3]).split()])
_NEW_IDS = (3, 5, 0, 6, 2, 1, 4)  # no token keeps its id
_E = np.random.default_rng(1).normal(size=(len(_VOCABULARY), 4)).round(1)


def draw(sentence: str, place: int, renumbered: bool) -> tuple[Figure, str]:
    """The token number `place` (from 1) of `sentence`; `renumbered` hands out the ids, and with them the rows, anew."""
    vocabulary, E = _VOCABULARY, _E
    if renumbered:
        E = _E[np.argsort(_NEW_IDS)]
        vocabulary = {token: _NEW_IDS[number] for token, number in vocabulary.items()}
    return one_hot_product(sentence.split(), place - 1, vocabulary, E)


def explorer() -> Explorer:
    """Choose a sentence and a token; hand out the ids anew and see that the same vector comes out."""
    return Explorer(
        draw,
        # not a Dropdown: JupyterLab takes its arrow keys to move between cells
        sentence=ipywidgets.SelectionSlider(options=SENTENCES, description="Sentence", continuous_update=False),
        place=ipywidgets.IntSlider(value=2, min=1, max=5, description="Token", continuous_update=False),
        renumbered=ipywidgets.Checkbox(value=False, description="Hand out the ids anew"),
    )
