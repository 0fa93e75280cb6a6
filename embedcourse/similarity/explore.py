"""The explorers of lesson 2: the map of words over the steps of training, and the neighbours of a word by three measures."""

from functools import cache

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.showing import Explorer
from embedcourse.similarity import figures
from embedcourse.similarity.reference import cooccurrence, nearest, ppmi
from embedcourse.similarity.training import train_sgns
from embedcourse.text import grammar_text
from embedcourse.text.grammar import relations

WINDOW, DIM, STEPS, NEIGHBOURS = 5, 32, 100, 6
MAP = {
    "people": ("king", "queen", "man", "woman", "boy", "girl"),
    "places": ("france", "paris", "italy", "rome"),
    "things": ("cat", "cats", "ship", "ships"),
    "doings": ("walk", "walked", "cook", "cooked"),
}


@cache
def _trained() -> tuple[dict[str, int], np.ndarray, np.ndarray, list[np.ndarray]]:
    """The vocabulary, counts and PPMI of the grammar, and the rows of W after each step."""
    vocabulary: dict[str, int] = {}
    texts = [[vocabulary.setdefault(word, len(vocabulary)) for word in sentence] for sentence in grammar_text()]
    counts = cooccurrence(texts, WINDOW, len(vocabulary))
    over_steps: list[np.ndarray] = []
    train_sgns(counts, DIM, steps=STEPS, watch=lambda step, W, C: over_steps.append(W.copy()))
    return vocabulary, counts, ppmi(counts), over_steps


@cache
def _kinds() -> dict[str, str]:
    """What each word is in the grammar."""
    kinds = {}
    for relation in relations():
        for side in relation.markers:
            kinds.update(dict.fromkeys(side, "marker"))
        for pair, topic in zip(relation.pairs, relation.topics, strict=True):
            kinds.update(dict.fromkeys(pair, "head"))
            kinds.update(dict.fromkeys(topic, "topic"))
    return kinds


def draw_map(step: int) -> tuple[Figure, str]:
    """The map of some words after `step` steps, always in the plane of the last step."""
    vocabulary, _, _, over_steps = _trained()
    plane = figures.main_plane(over_steps[-1], vocabulary, MAP)
    return figures.word_map(over_steps[step], vocabulary, MAP, step, plane)


def training_map() -> Explorer:
    """Move through the training and watch the words part."""
    return Explorer(
        draw_map, step=ipywidgets.IntSlider(value=20, min=0, max=STEPS, description="Step", continuous_update=False)
    )


def draw_neighbours(word: str, step: int) -> tuple[Figure, str]:
    """The neighbours of `word` by its row of counts, of PPMI, and of W after `step` steps."""
    vocabulary, counts, information, over_steps = _trained()
    word = word.strip().lower()
    if word not in vocabulary:
        return figures.neighbours(word, {f"“{word}” is not one of the 360 words": ()}, {}, step)
    number, names = vocabulary[word], list(vocabulary)
    tables = {"by counts": counts, "by PPMI": information, f"learned, step {step}": over_steps[step]}
    columns = {
        title: [names[near] for near in nearest(table, table[number], NEIGHBOURS, exclude=[number])]
        for title, table in tables.items()
    }
    kinds = _kinds()
    return figures.neighbours(word, columns, {name: kinds.get(name, "filler") for name in names}, step)


def neighbours() -> Explorer:
    """Type a word, move through the training, and compare its neighbours by three measures."""
    words = [word for relation in relations() for pair in relation.pairs for word in pair]
    return Explorer(
        draw_neighbours,
        word=ipywidgets.Combobox(value="king", options=words, description="Word", continuous_update=False),
        step=ipywidgets.IntSlider(value=5, min=0, max=STEPS, description="Step", continuous_update=False),
    )
