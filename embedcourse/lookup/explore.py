"""The explorer of lesson 1: a sentence, one of its tokens, and the row that its one-hot vector picks out."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.lookup.figures import one_hot_product
from embedcourse.lookup.reference import UNKNOWN, build_vocabulary
from embedcourse.showing import Explorer
from embedcourse.text import words

SENTENCES = ("the cat saw the dog", "a dog saw the bird", "the bird saw a zebra")
MOST_TOKENS = 6
_VOCABULARY = build_vocabulary([UNKNOWN, *"the cat saw dog a bird".split()])
_E = np.random.default_rng(1).normal(size=(len(_VOCABULARY), 4)).round(1)
_NEW_IDS = (3, 5, 0, 6, 2, 1, 4)  # no token keeps its id


def draw(sentence: str, place: int, renumbered: bool) -> tuple[Figure, str]:
    """The token number `place` (from 1) of the first six in `sentence`; beyond its end, the last.

    `renumbered` hands out the ids, and with them the rows, anew.
    """
    tokens = words(sentence)[:MOST_TOKENS] or [UNKNOWN]
    vocabulary, E = _VOCABULARY, _E
    if renumbered:
        E = _E[np.argsort(_NEW_IDS)]
        vocabulary = {token: _NEW_IDS[number] for token, number in vocabulary.items()}
    return one_hot_product(tokens, min(place, len(tokens)) - 1, vocabulary, E)


def explorer() -> Explorer:
    """Type a sentence, choose one of its tokens, hand out the ids anew and see that the same vector comes out."""
    return Explorer(
        draw,
        sentence=ipywidgets.Combobox(
            value=SENTENCES[0], options=SENTENCES, description="Sentence", continuous_update=False
        ),
        place=ipywidgets.IntSlider(value=2, min=1, max=MOST_TOKENS, description="Token", continuous_update=False),
        renumbered=ipywidgets.Checkbox(value=False, description="Hand out the ids anew"),
    )
