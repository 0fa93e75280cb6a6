import numpy as np
import pytest

from embedcourse.lookup import build_vocabulary, explore, figures
from embedcourse.showing.figure import figure_html

TOKENS = "the cat saw the dog".split()
VOCABULARY = build_vocabulary(TOKENS)
E = np.arange(12.0).reshape(4, 3)
PICTURES = {
    "reading_rows": lambda: figures.reading_rows(TOKENS, VOCABULARY, E),
    "adding_gradients": lambda: figures.adding_gradients(np.array([0, 1, 0]), np.ones((3, 2)), 4),
    "one_hot_product": lambda: figures.one_hot_product(TOKENS, 1, VOCABULARY, E),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_bytes_each_time(name):
    first, second = (figure_html(*PICTURES[name]()) for _ in range(2))
    assert first == second


def test_alt_texts_say_what_is_drawn():
    alt = figures.reading_rows(TOKENS, VOCABULARY, E)[1]
    assert "dog has id 3" in alt
    assert "Rows 0 and 3 of the output are equal, since both tokens are “the”." in alt
    assert (
        "row 0 gets (1, 1) + (1, 1) = (2, 2); row 1 gets (1, 1); row 2 gets nothing"
        in PICTURES["adding_gradients"]()[1]
    )
    assert "Times E it gives row 1: (3, 4, 5)" in PICTURES["one_hot_product"]()[1]


def test_renumbering_changes_every_id_and_no_vector():
    for sentence in (*explore.SENTENCES, "the cat saw a dog bird", "nobody", ""):
        for place in range(1, 7):
            before, after = (explore.draw(sentence, place, renumbered)[1] for renumbered in (False, True))
            assert before.split(" has id ")[1][0] != after.split(" has id ")[1][0], "the id must change"
            assert before.split(": ")[-1] == after.split(": ")[-1], "the vector must not"


@pytest.mark.parametrize(
    ("sentence", "limit"), [("the cat saw the dog", 2 / 7), ("the the the the", 2 / 16), ("a b c", 2 / 3)]
)
def test_learning_explodes_where_the_lesson_says(sentence, limit):
    vocabulary = build_vocabulary(sentence.split())
    ids = [vocabulary[token] for token in sentence.split()]
    table = np.random.default_rng(0).normal(size=(len(vocabulary), 3))
    below, above = (figures._losses(ids, table, limit * factor, 20, False, repeats=True) for factor in (0.97, 1.03))
    assert below[-1] < 1 < above[-1]


def test_the_learning_explorer_says_what_the_lessons_cell_prints():
    alt = explore.draw_learning("the cat saw the dog", 0.05, False)[1]
    assert "scatter-add: 0.013 of it is left after 5 steps" in alt
    assert "with +=: 0.056 of it is left after 5 steps" in alt
    assert explore.draw_learning("", 0.1, True)[1]


def test_with_a_wish_for_each_reading_the_lossy_gradient_settles_at_the_wrong_place():
    table = np.zeros((1, 3))
    right, lossy = (figures._losses([0, 0, 0, 0], table, 0.1, 200, True, repeats) for repeats in (True, False))
    # wishes 1, -1, 1, -1: their mean is 0, where the row stands already; the last one alone pulls it to -1
    assert right[-1] == pytest.approx(1)
    assert lossy[-1] == pytest.approx(2, rel=1e-3)
    right, lossy = (figures._losses([0, 1, 2], np.zeros((3, 2)), 0.1, 60, True, repeats) for repeats in (True, False))
    np.testing.assert_allclose(right, lossy)


def test_a_word_that_the_vocabulary_lacks_is_read_as_unk():
    alt = explore.draw("a zebra saw the bird", 2, False)[1]
    assert "“zebra”" in alt
    assert "<unk>" in alt
