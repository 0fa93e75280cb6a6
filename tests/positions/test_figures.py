"""The pictures and the explorer of lesson 7: what their alt text says is what they were drawn from."""

import numpy as np
import pytest

from embedcourse.positions import explore, figures, sinusoidal, training
from embedcourse.showing.figure import figure_html

STORED = training.stored_lengths()


def test_the_maps_say_how_much_is_looked_where_it_should():
    before, first = np.zeros((2, 4, 4))
    for place in range(4):
        before[place, max(place - 1, 0)] = 1 if place < 3 else 0.25
        first[place, 0] = 1 - place / 10
    figure, alt = figures.attention_maps({"previous": before, "first": first}, trained=3)
    assert "the place before it with weight 1.00 up to place 2, and with 0.25 from place 3 on" in alt
    assert "place 0 with weight 0.85 up to place 2, and with 0.70 from place 3 on." in alt
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), before)


def test_untrained_places_that_look_elsewhere_are_said_where():
    before = np.zeros((6, 6))
    for place in range(1, 6):
        before[place, place - 1 if place < 4 else 2] = 1
    alt = figures.attention_maps({"previous": before, "first": before}, trained=4)[1]
    assert "and with 0.00 from place 4 on: these look mostly at place 2 (1.00), the rest scattered from 2 to 2." in alt
    assert alt.endswith("Place 0 can look only at itself.")


def test_a_padded_batch_has_one_numbering_whatever_the_side():
    figure, alt = figures.padded(("the dog bit the man", "the cat"))
    assert "padded on the left, “the cat” stands in columns 3 to 4 and has position ids 0 to 1" in alt
    assert "padded on the right, “the cat” stands in columns 0 to 1 and has position ids 0 to 1" in alt
    assert [text.get_text() for text in figure.axes[0].texts][-7:] == ["–", "–", "–", "the", "0", "cat", "1"]


def test_the_shape_of_a_square_is_said_first():
    said = [figures.in_words(rows).partition(";")[0] for rows in explore.learned_rows().values()]
    assert [words.split(",")[0] for words in said] == [
        "a fine checked pattern",
        "row 0 against all others",
        "two bright blocks",
    ]
    assert figures.in_words(sinusoidal(32, 64)).startswith("stripes along the diagonal; ")
    assert figures.in_words(np.eye(8)[[0, 3, 2, 1, 0, 4, 4, 0]] + 0.1).startswith("no plain pattern; ")


def test_the_places_that_must_not_be_untrained_are_named():
    figure, alt = figures.untrained_rows({"previous": [[1, 0.9, 0.1], [1, 1, 0.2]], "first": [[0, 1, 1]]}, chance=0.25)
    assert (
        "say the token before: it falls only for place 2 (0.15, from 0.10 to 0.20), with all others it stays at 0.95"
        in alt
    )
    assert "say the first token: it falls only for place 0 (0.00, from 0.00 to 0.00)" in alt
    assert [text.get_text() for text in figure.axes[0].texts] == ["guessing", "place 2"]


def test_the_stored_runs_break_at_the_places_that_the_lesson_names():
    alt = figures.untrained_rows(STORED["untrained"], chance=1 / 16)[1]
    assert (
        "it falls only for place 30 (0.07, from 0.02 to 0.10) and 31 (0.12, from 0.09 to 0.17), with all others" in alt
    )
    assert "it falls only for place 0 (0.25, from 0.18 to 0.45), with all others it stays at 1.00" in alt


def test_every_scheme_is_drawn_with_its_mean_and_its_seeds():
    figure, alt = figures.lengths(STORED, ("learned", "none"), chance=1 / 16)
    assert [len(axes.containers) for axes in figure.axes] == [2, 2]
    last = [run[-1] for run in STORED["accuracies"]["first"]["learned"]]
    assert f"at 256 from {min(last):.2f} to {max(last):.2f})" in alt
    assert "say the token before, learned: 1.00, 0.06, 0.06, 0.06, 0.06" in alt
    assert "sinusoidal" not in alt


def test_the_hands_of_the_clocks_are_the_columns():
    figure, alt = figures.clocks(3, 4, (0, 1), base=100.0)
    assert "columns 0 and 1, 57.30 degrees a position; columns 2 and 3, 5.73 degrees a position." in alt
    hand = figure.axes[1].lines[2].get_xydata()[1]
    np.testing.assert_allclose(hand, sinusoidal(3, 4, 100.0)[2, 2:])


def test_squares_hold_the_cosines_of_the_rows():
    rows = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]] * 3)
    figure, alt = figures.alike({"mine": rows})
    np.testing.assert_allclose(figure.axes[0].images[0].get_array()[:3, 0], [1, 0, -1])
    assert "mean cosine minus 0.25 at 1, minus 0.43 at 2" in alt


def test_the_clocks_of_base_1_cannot_tell_0_from_25():
    alt = explore.draw_alike("the first token", 1.0, 0)[1]
    assert "sinusoidal, base 1: stripes along the diagonal; mean cosine 0.54 at 1" in alt
    assert (
        "position 0 with all others: learned, most like it is 31 (0.05); sinusoidal, most like it is 25 (0.99)" in alt
    )


def test_the_explorer_draws_all_that_its_controls_offer():
    controls = explore.positions_alike().controls
    assert set(controls["task"].options) == set(explore.learned_rows())
    for task in controls["task"].options:
        for _, base in controls["base"].options:
            for place in (controls["place"].min, controls["place"].max):
                assert f"position {place} with all others" in explore.draw_alike(task, base, place)[1]


@pytest.mark.parametrize("task", explore.LEARNED.values())
def test_learned_rows_are_the_stored_ones(task):
    names = {task: name for name, task in explore.LEARNED.items()}
    np.testing.assert_array_equal(explore.learned_rows()[names[task]], STORED["rows"][task])


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (figure_html(*explore.draw_alike("the token before", 100.0, 3)) for _ in range(2))
    assert first == second
