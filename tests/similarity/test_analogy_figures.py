"""The pictures of lesson 3: what their alt text says is what they were drawn from."""

import numpy as np

from embedcourse.similarity import analogy_figures, explore


def test_the_dial_says_where_each_line_begins_and_ends():
    figure, alt = analogy_figures.dial((1.0, 0.7, 0.5), (1, 0.9, 0.8), (1, 0.4, 0.1), (0, 0.6, 0.9))
    assert "Query words left out: nearly all from 1 to 0.7, a part at 0.5;" in alt
    assert "query words left in: nearly all at 1, about half at 0.7, hardly any at 0.5;" in alt
    assert "only b: hardly any at 1, about half at 0.7, nearly all at 0.5." in alt
    left, right = figure.axes[0].get_xlim()
    assert left > right


def test_the_rule_is_compared_with_every_question():
    cosines = np.repeat([-0.75, 0.05, 0.75], 20)
    figure, alt = analogy_figures.sixty_degrees(cosines, cosines > 0.5)
    assert "right for a share of 1.0" in alt
    points = figure.axes[0].lines[1]
    np.testing.assert_allclose(points.get_ydata(), [0, 0, 1])
    assert "right for a share of 0.0" in analogy_figures.sixty_degrees(cosines, cosines < 0.5)[1]


def test_the_dial_turns_the_same_question_round():
    pure, blurred = (explore.draw_analogy("Man ", "king", "woman", purity)[1] for purity in (1.0, 0.5))
    for alt in (pure, blurred):
        assert "king − man + woman" in alt
        assert "left out: queen" in alt
    assert "left in: queen" in pure
    assert "left in: king" in blurred


def test_an_unknown_word_gets_a_sentence():
    assert "“submarine” is not one of the 360 words" in explore.draw_analogy("man", "submarine", "woman", 1.0)[1]
