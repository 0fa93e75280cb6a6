"""The explorers of lesson 1: the row that a token's one-hot vector picks out, and the learning of a sentence's rows."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.lookup.figures import learning_curves, one_hot_product
from embedcourse.lookup.reference import UNKNOWN, build_vocabulary, encode
from embedcourse.showing import Explorer
from embedcourse.text import words

SENTENCES = ("the dog saw a cat", "a bird saw the dog", "the bird saw a zebra")  # places differ from ids
LESSON_SENTENCE = "the cat saw the dog"
MOST_TOKENS = 6
STEPS = 20
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


def draw_learning(sentence: str, lr: float, own_wishes: bool) -> tuple[Figure, str]:
    """The loss of `sentence` (its words are the vocabulary) over 20 steps; `own_wishes` gives each reading its wish."""
    tokens = words(sentence) or [UNKNOWN]
    vocabulary = build_vocabulary(tokens)
    E = np.random.default_rng(0).normal(size=(len(vocabulary), 3)).round(1)
    return learning_curves(encode(tokens, vocabulary).tolist(), E, lr, STEPS, own_wishes)


def learning() -> Explorer:
    """Type a sentence, choose a learning rate, and watch the loss fall, or not."""
    return Explorer(
        draw_learning,
        sentence=ipywidgets.Text(value=LESSON_SENTENCE, description="Sentence", continuous_update=False),
        lr=ipywidgets.FloatSlider(
            value=0.05, min=0.01, max=0.7, step=0.01, description="lr", readout_format=".2f", continuous_update=False
        ),
        own_wishes=ipywidgets.Checkbox(value=False, description="A wish for each reading"),
    )
