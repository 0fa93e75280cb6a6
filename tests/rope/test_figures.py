"""The pictures and the explorer of lesson 8: what their alt text says is what they were drawn from."""

import math
import re

import numpy as np
import pytest
import torch
from matplotlib.text import Text

from embedcourse.positions.training import stored_lengths, train
from embedcourse.rope import explore, figures, rotate
from embedcourse.rope.reference import only_the_offset_matters
from embedcourse.rope.specimens import SPECIMENS, VERSIONS
from embedcourse.showing.figure import figure_html


def test_the_hands_are_turned_by_the_angle_and_keep_their_length():
    figure, alt = figures.clock_hands((2.0, 0.0), angle=math.pi / 2, positions=range(3))
    assert "0 at (2.00, 0.00); 1 at (0.00, 2.00); 2 at (minus 2.00, 0.00)." in alt
    tips = [line.get_xydata()[1] for line in figure.axes[0].lines]
    np.testing.assert_allclose(tips, [(2, 0), (0, 2), (-2, 0)], atol=1e-6)


def test_dials_with_the_same_offset_have_the_same_angle_and_score():
    alt = figures.two_hands((3.0, 1.0), (2.0, 2.0), 0.5, [(5, 3), (12, 10), (3, 5)])[1]
    assert (
        "query at 5 and key at 3, the query 31 degrees ahead of the key, score 7.69; query at 12 and key at 10" in alt
    )
    assert "query at 3 and key at 5, the query 84 degrees behind the key, score 0.96." in alt


def test_wavelengths_are_those_of_the_facts():
    figure, alt = figures.wavelengths(128, (10_000.0, 500_000.0), (2_048,))
    assert "base 10,000: from 6.3 to 54,410 positions; of 64 pairs 23 more than 2,048" in alt
    assert "base 500,000: from 6.3 to 2,559,196 positions; of 64 pairs 35 more" in alt
    np.testing.assert_allclose(
        figure.axes[0].lines[0].get_ydata(), [2 * math.pi * 10_000 ** (i / 64) for i in range(64)], rtol=1e-6
    )


def test_the_layouts_are_those_of_the_reference():
    alt = figures.layouts(6)[1]
    assert "In the layout half, 0 and 3, 1 and 4, 2 and 5. In the layout interleaved, 0 and 1, 2 and 3, 4 and 5." in alt
    for layout, partner in (("half", 4), ("interleaved", 3)):
        moved = rotate(torch.eye(6)[[1 if layout == "half" else 2]], torch.tensor([1]), layout=layout)[0]
        assert moved.nonzero().flatten().tolist() == [1 if layout == "half" else 2, partner]


def test_the_squares_say_how_much_a_diagonal_varies_where_a_mask_lets_one_look():
    even = torch.tensor([[1.0, 9.0, 9.0], [2.0, 1.0, 5.0], [3.0, 2.0, 1.0]])
    figure, alt = figures.score_squares({"even": even, "odd": even + torch.diag(torch.tensor([0.0, 4.0, 0.0]))})
    assert "even: scores from 1.0 to 3.0; with the key one before the query from 2.0 to 2.0; along one diagonal" in alt
    assert "up to 0.0 apart; one before leads all other keys of its row by minus 1.0 to 1.0; with the" in alt
    assert "up to 4.0 apart; one before leads all other keys of its row by minus 3.0 to minus 1.0; with the" in alt
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), even)


def test_lines_of_scores_say_where_they_are_largest_and_how_often_they_rise():
    figure, alt = figures.scores_by_distance({"mine": torch.tensor([0.5, 0.25, -0.5, 0.75])})
    assert "mine: 0.50 at 0, 0.25 at 1; largest at 3; it rises at 1 of 3 steps." in alt
    assert figure.axes[0].lines[0].get_ydata().tolist() == [0.5, 0.25, -0.5, 0.75]


@pytest.mark.parametrize(("m", "n", "base"), [(12, 9, 10_000.0), (0, 60, 1.0), (60, 0, 100.0), (7, 7, 10.0)])
def test_the_dials_add_up_to_the_score(m, n, base):
    q, k = explore.QUERY, explore.QUERY.flip(0)
    alt = figures.dials(q, k, m, n, base, explore.LAST)[1]
    score = (rotate(q[None], torch.tensor([m]), base) * rotate(k[None], torch.tensor([n]), base)).sum().item()
    spoken = f"{score:.2f}".replace("-", "minus ")
    assert f"Their sum, the score, is {spoken}; a diamond marks it on the line." in alt


def test_the_explorer_draws_all_that_its_controls_offer():
    controls = explore.turned_by_hand().controls
    for _, exponent in controls["exponent"].options:
        for m, n in ((controls["m"].min, controls["n"].max), (controls["m"].max, controls["n"].min)):
            for made_for in (controls["made_for"].min, controls["made_for"].max):
                alt = explore.draw_dials(m, n, made_for, exponent)[1]
                made = f"{made_for}".replace("-", "minus ")
                assert f"Query at {m}, key at {n}, made for {made}, base {10**exponent:,.0f}: " in alt


def test_a_key_of_the_explorer_has_its_largest_score_where_it_was_made_for():
    for made_for in (-20, 0, 5, 20):
        assert f"it is largest at {made_for}, ".replace("-", "minus ") in explore.draw_dials(12, 9, made_for, 2.0)[1]


def test_letters_can_be_read_on_a_telephone():
    lines = {
        name: torch.rand(256) for name in ("query = key, mean of 200", "one query, another key", "a key made for 20")
    }
    drawn = (
        figures.clock_hands((3.0, 1.0), 0.5, range(6)),
        figures.two_hands((3.0, 1.0), (2.0, 2.0), 0.5, [(5, 3), (12, 10), (3, 5)]),
        figures.wavelengths(128, (10_000.0, 500_000.0), (2_048, 8_192)),
        figures.layouts(8),
        figures.score_squares({"learned table": torch.rand(32, 32), "RoPE": torch.rand(32, 32)}),
        figures.scores_by_distance(lines),
        figures.scores_by_distance(
            {name: torch.rand(256) for name in ("all pairs", "pairs 0 to 5", "pairs 6 to 31")}, (1, 177), trained=32
        ),
        explore.draw_dials(12, 9, 5, 4.0),
    )
    for figure, _ in drawn:
        figure.draw_without_rendering()
        words = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
        points = 360 / figure.get_size_inches()[0] / 72  # pixels of a point, where the picture fills 360 pixels
        assert min(text.get_fontsize() for text in words) * points >= 7


def test_the_explorer_marks_the_next_highest_peak():
    for exponent, said in ((0.0, "4.12"), (1.0, "2.24"), (4.0, "3.91")):
        figure, alt = explore.draw_dials(12, 9, 5, exponent)
        assert re.search(rf"; a triangle marks the next highest peak, at [minus \d]+, {said}\.$", alt), alt
        line, mark = figure.axes[-1].lines[0], next(line for line in figure.axes[-1].lines if line.get_marker() == "v")
        offset = int(mark.get_xdata()[0])
        assert f"next highest peak, at {offset}, ".replace("-", "minus ") in alt
        scores = dict(zip(line.get_xdata().tolist(), line.get_ydata().tolist(), strict=True))
        assert max(scores[offset - 1], scores[offset + 1]) <= scores[offset] == pytest.approx(float(said), abs=0.005)


def test_one_wave_of_one_peak_has_no_other():
    assert "; it has no other peak." in figures.dials(torch.ones(2), torch.ones(2), 0, 0, 1.0, 3)[1]


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (figure_html(*explore.draw_dials(12, 9, 5, 4.0)) for _ in range(2))
    assert first == second


def test_specimens_are_what_their_names_say():
    x, positions = torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 3, 1, 40, 2])
    for layout in ("half", "interleaved"):
        torch.testing.assert_close(VERSIONS[layout](x, positions), rotate(x, positions, layout=layout))
    torch.testing.assert_close(VERSIONS["sine flipped"](x, positions), rotate(x, -positions))
    torch.testing.assert_close(VERSIONS["off by one"](x, positions), rotate(x, positions + 1))
    broken = {name for name, turn in SPECIMENS.items() if not only_the_offset_matters(turn)}
    assert broken == {
        "mixed layout",
        "a learned table, added",
        "a learned table of small numbers, added",
        "sines and cosines, added",
        "turned by the square of the position",
        "longer with each position",
        "counted down to 64, then up",
        "a table of angles that ends at 64",
    }


def test_both_models_of_the_lesson_look_one_back_and_only_rope_says_it_once():
    for scheme in ("learned", "rope"):
        model = train("previous", scheme, seed=0)
        rows = model.rows(torch.arange(16)[:, None].expand(16, 32)).mean(0)
        q, k = model.query(rows), model.key(rows)
        if scheme == "rope":
            q, k = rotate(q, torch.arange(32)), rotate(k, torch.arange(32))
        scores = (q @ k.T / 8).detach().numpy()
        assert [int(scores[m, : m + 1].argmax()) for m in range(1, 32)] == list(range(31))
        apart = max(np.ptp(scores.diagonal(offset)) for offset in range(-30, 1))
        assert apart < 1e-3 if scheme == "rope" else apart > 15


def test_what_the_lesson_says_of_the_stored_runs():
    runs = stored_lengths()["accuracies"]
    means = {(task, scheme): np.mean(runs[task][scheme], axis=0) for task in runs for scheme in ("learned", "rope")}
    assert means["previous", "rope"].min() > 0.8
    assert means["previous", "learned"][1:].max() < 0.1
    assert means["first", "rope"][1:].max() < 0.2
    assert means["first", "learned"].min() > 0.98
