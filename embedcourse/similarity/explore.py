"""The explorers of lesson 2 (the map over the steps, neighbours by three measures) and of lesson 3 (an analogy's arrows)."""

from functools import cache

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from embedcourse.showing import Explorer
from embedcourse.similarity import analogy_figures, figures
from embedcourse.similarity.analogies import analogy
from embedcourse.similarity.reference import cooccurrence, nearest, ppmi, unit_rows
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


def _counted(purity: float) -> tuple[dict[str, int], np.ndarray]:
    """The vocabulary of the grammar's text and its counts."""
    vocabulary: dict[str, int] = {}
    sentences = grammar_text(purity=purity)
    texts = [[vocabulary.setdefault(word, len(vocabulary)) for word in sentence] for sentence in sentences]
    return vocabulary, cooccurrence(texts, WINDOW, len(vocabulary))


@cache
def _trained() -> tuple[dict[str, int], np.ndarray, np.ndarray, list[np.ndarray]]:
    """The vocabulary, counts and PPMI of the grammar, and the rows of W after each step."""
    vocabulary, counts = _counted(purity=1)
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
            kinds.update(dict.fromkeys(pair, "subject"))
            kinds.update(dict.fromkeys(topic, "topic"))
    return kinds


def _unknown(word: str) -> tuple[Figure, str]:
    sentence = f"“{word}” is not one of the 360 words"
    return figures.neighbours(word, {sentence: ()}, {}, 0)[0], f"{sentence}."


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
        return _unknown(word)
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


LONG_TRAINING = 300  # steps; at a low purity the little that is left to learn about the sides takes longer


@cache
def grammar_rows(purity: float) -> tuple[dict[str, int], np.ndarray]:
    """The vocabulary of a text of this purity, and W after a long training on it."""
    vocabulary, counts = _counted(purity)
    return vocabulary, train_sgns(counts, DIM, steps=LONG_TRAINING)[0]


def draw_analogy(a: str, b: str, c: str, purity: float) -> tuple[Figure, str]:
    """b − a + c in the plane of its own parallelogram, with the words nearest to it by both conventions."""
    vocabulary, W = grammar_rows(purity)
    names, unit = list(vocabulary), unit_rows(W)
    query = [word.strip().lower() for word in (a, b, c)]
    unknown = [word for word in query if word not in vocabulary]
    if unknown:
        return _unknown(unknown[0])
    ids = [vocabulary[word] for word in query]
    target = unit[ids[1]] - unit[ids[0]] + unit[ids[2]]
    cosines = unit @ target / np.linalg.norm(target)
    columns = {
        heading: [(names[i], cosines[i]) for i in analogy(W, *ids, k=NEIGHBOURS, exclude_inputs=exclude)]
        for heading, exclude in (("a, b, c left out", True), ("a, b, c left in", False))
    }
    others = analogy(W, *ids)
    rows = np.vstack([unit[ids], target, unit[others]])
    directions = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:2]
    title = f"{query[1]} − {query[0]} + {query[2]}, purity {purity:.2f}"
    shown = [*query, "the aim", *(names[i] for i in others)]
    return analogy_figures.aim((rows - rows.mean(axis=0)) @ directions.T, shown, columns, title)


def analogies() -> Explorer:
    """Type a, b and c, turn the dial, and see where b − a + c lands."""
    words = [word for relation in relations() for pair in relation.pairs for word in pair]
    boxes = {
        name: ipywidgets.Combobox(value=value, options=words, description=name, continuous_update=False)
        for name, value in (("a", "man"), ("b", "king"), ("c", "woman"))
    }
    dial = ipywidgets.FloatSlider(
        value=1, min=0.5, max=1, step=0.05, description="Purity", readout_format=".2f", continuous_update=False
    )
    return Explorer(draw_analogy, **boxes, purity=dial)
