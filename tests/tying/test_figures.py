"""The pictures and the explorer of lesson 4: what their alt text says is what they were drawn from."""

import pytest
import torch

from embedcourse.counting import models
from embedcourse.showing.figure import figure_html
from embedcourse.tying import explore, figures, training

MODELS = {model["name"]: model for model in models()}


def test_the_model_is_drawn_with_its_shapes():
    alt = figures.language_model(["a", "cat", "in"], "milk", vocab_size=360, dim=16, hidden=64)[1]
    assert "the words a, cat, in read 3 rows of the table, of shape (360, 16)" in alt
    assert "Side by side they are 48 numbers" in alt
    assert "The head gives 360 scores, one for each word that may follow, such as milk." in alt


def test_the_two_gradients_count_the_rows_they_reach():
    read, scored = torch.zeros(5, 2), torch.ones(5, 2)
    read[3] = torch.tensor([3.0, 4.0])
    figure, alt = figures.two_gradients(read, scored)
    assert "From reading, 1 of 5 rows have a bar, up to 5.000, all others none." in alt
    assert "From scoring, 5 of 5 rows have a bar, up to 1.414; 0 stand out, the others are about 1.414 high." in alt
    assert [axes.patches[3].get_height() for axes in figure.axes] == pytest.approx([5.0, 2**0.5])


def test_every_arm_is_drawn_with_its_mean_and_its_seeds():
    stored = training.stored_arms()
    figure, alt = figures.arms(stored, {"grammar": "A", "crossed": "B"})
    assert [axes.get_title() for axes in figure.axes] == ["A", "B"]
    assert [len(axes.containers) for axes in figure.axes] == [4, 4]
    first = stored["losses"]["grammar"]["untied"][0]
    assert f"untied {sum(first) / len(first):.2f}," in alt
    assert "A: lowest is tied and wider from 4,000 tokens on." in alt
    assert "B: lowest is untied from 4,000 tokens on." in alt
    last = stored["losses"]["crossed"]["tied"][-1]
    assert f"(the seeds of the last: {min(last):.2f} to {max(last):.2f})" in alt


def test_what_a_model_would_save_is_what_it_has_and_what_it_lacks():
    assert figures.size_and_share(MODELS["GPT-2 small"]) == (163_037_184, 38_597_376 / 163_037_184)
    assert figures.size_and_share(MODELS["Llama-3 8B"]) == (8_030_261_248, 525_336_576 / 8_030_261_248)


def test_each_real_model_is_one_point_and_in_one_range_of_sizes():
    figure, alt = figures.real_savings(list(MODELS.values()), ["GPT-2 small"])
    assert sum(len(points.get_offsets()) for points in figure.axes[0].collections) == len(MODELS)
    assert [text.get_text() for text in figure.axes[0].texts] == ["GPT-2 small"]
    counted = [int(words.split(" tie;")[0].split()[-1]) for words in alt.split(". ") if " tie;" in words]
    assert sum(counted) == len(MODELS)


def test_the_explorer_finds_gpt_2_at_its_own_sizes():
    alt = explore.draw_savings(50_257, 768, 12)[1]
    assert "50,257 words × 768, 12 layers: tying saves 23.8% of 162 million parameters." in alt
    assert "GPT-2 small, tied, 23.7%" in alt


def test_every_star_of_the_explorer_lies_in_the_picture():
    sliders = explore.tying_savings().controls
    vocabularies = [size for _, size in sliders["vocab_size"].options]
    for vocab_size in (min(vocabularies), max(vocabularies)):
        for dim in (explore.DIMS[0], explore.DIMS[-1]):
            for depth in (sliders["depth"].min, sliders["depth"].max):
                axes = explore.draw_savings(vocab_size, dim, depth)[0].axes[0]
                (x,), (y,) = axes.lines[-1].get_data()
                assert axes.get_xlim()[0] <= x <= axes.get_xlim()[1]
                assert axes.get_ylim()[0] <= y <= axes.get_ylim()[1]


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (figure_html(*explore.draw_savings(32_000, 4096, 32)) for _ in range(2))
    assert first == second
