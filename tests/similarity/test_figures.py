"""The pictures of lesson 2: what their alt text says is what they were drawn from."""

import numpy as np

from embedcourse.similarity import explore, figures


def test_the_loss_curve_says_where_it_begins_and_ends():
    figure, alt = figures.loss_curve([4.2, 3.0, 2.0, 1.0], 4.16)
    assert "falls from 4.20" in alt
    assert "to 1.00" in alt
    assert "after 2 steps" in alt
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_ydata(), [4.2, 3.0, 2.0, 1.0])


def test_the_map_counts_neighbours_of_the_own_group():
    vocabulary = {word: number for number, word in enumerate("abcd")}
    E = np.array([[0.0, 0, 1], [0, 0.1, 1], [5, 0, 1], [5, 0.1, 1]])
    together = figures.word_map(E, vocabulary, {"one": ("a", "b"), "two": ("c", "d")}, 7)[1]
    assert "after 7 steps" in together
    assert "4 of 4 of them" in together
    apart = figures.word_map(E, vocabulary, {"one": ("a", "c"), "two": ("b", "d")}, 7)[1]
    assert "0 of 4 of them" in apart


def test_the_plane_is_that_of_the_largest_differences():
    E = np.random.default_rng(0).normal(size=(10, 4)) * [0.1, 5, 0.2, 1]
    plane = figures.main_plane(E, {str(number): number for number in range(10)}, {"all": [str(n) for n in range(10)]})
    np.testing.assert_allclose(plane.T @ plane, np.eye(2), atol=1e-12)
    assert np.abs(plane[:, 0]).argmax() == 1
    assert (plane.max(axis=0) >= -plane.min(axis=0)).all()


def test_scores_against_pmi_tells_how_far_off_the_line_they_are():
    pmi = np.linspace(-1, 3, 50)
    assert "50 cells" in figures.scores_against_pmi(pmi - np.log(5), pmi, 5)[1]
    assert "is 0.0 off that line" in figures.scores_against_pmi(pmi - np.log(5), pmi, 5)[1]
    assert "is 1.6 off that line" in figures.scores_against_pmi(pmi, pmi, 5)[1]


def test_the_map_unfolds_over_the_steps():
    def own(step):
        return int(explore.draw_map(step)[1].split(". ")[-1].split(" of ")[0])

    assert own(0) < own(20)
    assert own(100) >= 12


def test_neighbours_by_three_measures_come_together_with_training():
    alt = explore.draw_neighbours(" King ", 100)[1]
    assert "by counts: palace" in alt
    by_ppmi, learned = (alt.split(title)[1].split(";")[0].split(". ")[0] for title in ("by PPMI: ", "step 100: "))
    assert len(set(by_ppmi.split(", ")) & set(learned.split(", "))) >= 5
    first = explore.draw_neighbours("king", 0)[1].split("step 0: ")[1].split(". ")[0]
    assert len(set(by_ppmi.split(", ")) & set(first.split(", "))) <= 1


def test_an_unknown_word_gets_a_sentence():
    assert "“submarine” is not one of the 360 words" in explore.draw_neighbours("submarine", 5)[1]
