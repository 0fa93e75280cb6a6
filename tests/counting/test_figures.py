"""The pictures and the explorer of lesson 5: what their alt text says is what they were drawn from."""

import numpy as np
import pytest
from matplotlib.text import Text

from embedcourse.counting import config_from_hf, count, explore, figures, ledger_figures, models
from embedcourse.showing.figure import figure_html

MODELS = {model["name"]: model for model in models()}


def test_idle_rows_stand_on_those_that_are_read():
    figure, alt = figures.subwords([256, 512], [1.0, 2.5], [156, 112])
    read, idle = (bars.patches for bars in figure.axes[1].containers)
    assert [bar.get_height() for bar in read] == [100, 400]
    assert [bar.get_y() for bar in idle] == [100, 400]
    assert "512 rows, 2.50 bytes a token, 112 rows never read." in alt


def test_what_training_holds_is_stacked_without_a_gap():
    recipes = {"one": {"weights": 4, "gradient": 4}, "other": {"weights": 2, "gradient": 2, "float32 copy": 4}}
    figure, alt = figures.training(recipes, 10**9)
    bars = figure.axes[0].patches
    assert [(bar.get_x(), bar.get_width()) for bar in bars] == [(0, 4), (4, 4), (0, 2), (2, 2), (4, 4)]
    assert "one: weights 4 bytes, gradient 4 bytes, together 8 bytes a parameter and 8.0 GB" in alt
    assert "float32 copy 4 bytes, together 8 bytes a parameter and 8.0 GB." in alt
    assert "float32 copy\n4 bytes" in [text.get_text() for text in figure.axes[0].texts]


def test_the_cheapest_vocabulary_is_marked_for_each_number_of_layers():
    figure, alt = figures.text_costs([256, 512, 1_024], {0: [3e6, 2e6, 4e6], 24: [9e6, 7e6, 5e6]})
    marked = [[float(number) for number in axes.lines[1].get_xydata()[0]] for axes in figure.axes]
    assert marked == [[512, 2], [1_024, 5]]
    assert "no layers: 256 rows 3, 512 rows 2, 1,024 rows 4, cheapest 512 rows; 24 layers: 256 rows 9" in alt
    assert "cheapest 1,024 rows." in alt


@pytest.mark.parametrize(
    "figure",
    [
        figures.training({"all float32": {"weights": 4}, "mixed": {"weights": 2}}, 525_336_576)[0],
        figures.text_costs([256, 512], {0: [3e6, 2e6], 2: [3e6, 2e6]})[0],
        explore.draw_text_cost((256, 512), (100, 40), 512, 2, 64)[0],
        explore.draw_vocabulary("Gemma-3 270M", 1_048_576, "untied", 512, "bfloat16")[0],
    ],
)
def test_letters_are_at_least_8_points_and_the_picture_fits_a_page(figure):
    assert figure.get_size_inches()[0] <= 8.1
    figure.draw_without_rendering()
    assert all(text.get_fontsize() >= 8 for text in figure.findobj(Text) if text.get_text())


def test_shares_are_drawn_from_the_largest_to_the_smallest():
    figure, alt = figures.shares([MODELS[name] for name in ("DeepSeek-V3", "GPT-2 small", "Gemma-3 270M")])
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert labels == ["Gemma-3 270M 62.6%", "GPT-2 small 31.0%", "DeepSeek-V3 0.3%"]
    assert "Gemma-3 270M, 268 million, 262,144 rows: 62.6% (tied); GPT-2 small, 124 million, 50,257 rows: 31.0%" in alt
    assert "671 billion, 129,280 rows: 0.3% (untied)." in alt
    filled = [line.get_markerfacecolor() != "white" for line in figure.axes[0].lines[:3]]
    assert filled == [True, False, True]


def test_a_model_is_split_as_its_ledger_says():
    for name in explore.NAMES:
        ledger = count(config_from_hf(MODELS[name]["config"]))
        parts = figures.split(MODELS[name])
        assert (parts["table"], parts["head"]) == (ledger.token_table, ledger.output_head)
        assert sum(parts.values()) == ledger.total


def test_the_explorer_leaves_a_model_as_it_is():
    for name in explore.NAMES:
        alt = explore.draw_vocabulary(name, 0, "as it is", 0, "bfloat16")[1]
        assert f"{MODELS[name]['total']:,} parameters; in bfloat16" in alt
        assert "and +0 parameters." in alt


def test_the_explorer_gives_llama_3_the_vocabulary_of_llama_2():
    alt = explore.draw_vocabulary("Llama-3 8B", 32_000, "as it is", 0, "bfloat16")[1]
    assert "Yours: 32,000 rows of 4,096, untied: 7,241,732,096 parameters" in alt
    assert (
        "in bfloat16 13.5 GiB, of these table and head 500 MiB; to train the tables with Adam in float32 3.91 GiB"
        in alt
    )
    assert "That is 3.6% in table and head, and -788,529,152 parameters." in alt


def test_the_two_ways_of_the_lesson_bring_gemma_below_a_fifth():
    for vocab_size, inner, share in ((32_000, 0, "17.0%"), (0, 64, "14.4%")):
        alt = explore.draw_vocabulary("Gemma-3 270M", vocab_size, "as it is", inner, "bfloat16")[1]
        assert f"That is {share} in table and head" in alt


def test_the_cost_of_a_text_is_its_tokens_times_layers_and_head():
    figure, alt = explore.draw_text_cost((256, 512), (100, 40), 512, 2, 16)
    assert "2 layers of 16; 512 rows: 40 tokens times 6,144 in the layers and 8,192 in the head" in alt
    assert "= 0.6 million, the cheapest that was measured. Together" in alt
    together, yours = figure.axes[0].lines[2:]
    assert list(together.get_ydata()) == [100 * (6_144 + 256 * 16) / 1e6, 40 * (6_144 + 512 * 16) / 1e6]
    assert yours.get_xydata().tolist() == [[512, together.get_ydata()[1]]]
    dearer = explore.draw_text_cost((256, 512), (100, 40), 256, 2, 16)[1]
    assert "78.6% above the cheapest" in dearer


def test_nothing_is_claimed_of_a_vocabulary_that_was_not_measured():
    explorer = explore.text_cost_calculator((256, 512), (100, 40))
    explorer.controls["vocab_size"].value = 4_096
    alt = explorer.draw()["text/plain"]
    assert "4,096 rows: not measured. The largest vocabulary that was measured has 512. Together" in alt
    assert "yours" not in [line.get_label() for line in explorer.figure_function(4_096, 1, 64)[0].axes[0].lines]


def test_sizes_are_said_in_whole_digits_and_no_share_is_none():
    assert [explore._size(int(number * 2**30)) for number in (0.5, 1, 1_023, 1_250)] == [
        "512 MiB",
        "1 GiB",
        "1,023 GiB",
        "1.22 TiB",
    ]
    assert [figures.percent(share) for share in (0.0, 0.0004, 0.0006, 0.626)] == ["0.0%", "below 0.1%", "0.1%", "62.6%"]
    assert (
        "That is below 0.1% in table and head" in explore.draw_vocabulary("DeepSeek-V3", 256, "as it is", 0, "int8")[1]
    )


def test_the_legend_knows_no_head_where_all_is_tied():
    for tying, words in (("as it is", ["table", "everything else"]), ("untied", ["table", "head", "everything else"])):
        figure = explore.draw_vocabulary("GPT-2 small", 0, tying, 0, "int8")[0]
        assert [text.get_text() for text in figure.legends[0].get_texts()] == words


def test_labels_stand_behind_their_bars_and_ticks_are_round():
    figure = explore.draw_vocabulary("Gemma-3 270M", 1_048_576, "untied", 0, "int8")[0]
    figure.draw_without_rendering()
    axes = figure.axes[0]
    for place, text in enumerate(axes.texts):
        end = max(bar.get_x() + bar.get_width() for bar in axes.patches if round(bar.get_y() + 0.36) == place)
        assert text.get_position()[0] > end
    assert [tick.get_text() for tick in axes.get_xticklabels()][:2] == ["0", "400 million"]


@pytest.mark.parametrize("tying", ["as it is", "tied", "untied"])
def test_every_stop_of_the_explorer_is_drawn(tying):
    controls = explore.vocabulary_calculator().controls
    for name in (controls["name"].options[0], controls["name"].options[-1]):
        for _, rows in controls["vocab_size"].options:
            for _, inner in controls["inner"].options:
                figure, alt = explore.draw_vocabulary(name, rows, tying, inner, "int4")
                assert figure.axes[0].get_title(loc="left").split(" rows")[0] in alt


def test_a_picture_is_the_same_bytes_each_time():
    first, second = (figure_html(*explore.draw_vocabulary("GPT-2 small", 0, "tied", 64, "int8")) for _ in range(2))
    assert first == second


def test_the_weights_are_written_into_their_tables():
    every = np.array([[0.25, 0.75], [0.5, 0.5]])
    figure, alt = ledger_figures.weights(["a", "b"], every, np.array([[1.0, 0.0], [0.5, 0.5]]))
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.25", "0.75", "0.50", "0.50"]
    assert "every place, a: 0.25, 0.75; b: 0.50, 0.50. causal: no later place, a: 1.00, 0.00" in alt


def test_the_block_is_drawn_with_its_shapes():
    figure, alt = ledger_figures.block(16, 4, 64)
    first, second = ({text.get_text() for text in axes.texts} for axes in figure.axes)
    assert {"3 × (16, 16)", "(16, 16)", "2 × 16"} <= first
    assert {"(16, 64)", "(64, 16)", "2 × 16"} <= second
    assert "a map up (16 by 64), GELU, which has no parameters, a map down (64 by 16)" in alt
    assert "Their sum enters the second half" in alt
    assert "the sum" in first
    assert "Biases are not drawn." in second
    assert "Biases are not drawn." in alt


def test_an_area_is_a_number_of_parameters():
    figure, alt = ledger_figures.to_scale({"one": {"token_table": 1, "mlp": 1}, "other": {"mlp": 8}})
    areas = [bar.get_width() * bar.get_height() for bar in figure.axes[0].patches]
    assert np.allclose(areas, np.array([1, 1, 8]) / 8)
    assert "one, 2: token table 50.0%, mlp 50.0%. other, 8: mlp 100.0%." in alt


def test_depth_has_a_line_for_each_way_at_each_scale_told_apart_without_colour():
    ways = {
        "neither": ([1, 1e-9], [1e-9, 1]),
        "norm": ([1, 1], [9, 1]),
        "residual": ([1, 9], [9, 1]),
        "both": ([1, 2], [2, 1]),
    }
    figure, alt = ledger_figures.depth({1: ways, 1.5: ways})
    assert len(figure.axes) == 4
    for axes in figure.axes:
        lines = [line for line in axes.lines if line.get_label() in ways]
        assert len({line.get_linestyle() for line in lines}) == 4
    assert "weights times 1.5, neither: numbers 1.0e-09, gradient 1.0e-09" in alt


def test_no_two_segments_of_an_explorer_look_alike():
    parts = {part for name in explore.LEDGERS for part in count(MODELS[name]["config"]).parts}
    looks = {part: ledger_figures._LEDGER[part] for part in parts if part in ledger_figures._LEDGER}
    assert len(set(looks.values())) == len(looks)


def test_segments_and_legend_are_numbered_alike():
    figure, alt = explore.draw_ledger("BERT base uncased", 4)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    written = [text.get_text() for text in figure.axes[0].texts[1:]]
    assert sorted(", ".join(written).split(", ")) == [label.split()[0] for label in labels]
    assert "7 head transform 0.5%" in labels
    assert "7 head transform 0.5%, 8 head bias below 0.1%" in alt


def test_every_part_of_every_ledger_opens():
    slider = explore.model_ledger().controls["part"]
    for name in explore.LEDGERS:
        ledger = count(MODELS[name]["config"])
        assert len(ledger.parts) <= slider.max
        for place, (part, number) in enumerate(ledger.parts.items(), start=1):
            figure, alt = explore.draw_ledger(name, place)
            said = part.replace("_", " ")
            assert f"Opened, part {place} of {len(ledger.parts)}: {said} = " in alt
            assert f"= {number:,}, " in alt
            assert figure.axes[0].texts[0].get_text().startswith(said)


def test_a_part_beyond_the_last_opens_the_last_and_what_was_not_counted_is_said():
    figure, alt = explore.draw_ledger("DeepSeek-V3", 10)
    assert "Opened, part 8 of 8: output head" in alt
    assert "with the experts that one token visits 37,552,282,624" in alt
    assert "Not counted: e_score_correction_bias" in alt
    assert "Not counted: e_score_correction_bias" in figure.axes[0].get_xlabel()
