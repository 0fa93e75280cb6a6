"""The pictures, the explorer and the sheet of lesson 10: what their words say is what they were made from."""

import re

import numpy as np
import pytest
import torch

from embedcourse.capstone import checkpoint, explore, figures, load, sheet, tokenizer
from embedcourse.capstone.training import SCHEMES
from embedcourse.counting import count, models
from embedcourse.showing.figure import figure_html


def test_the_map_of_a_file_says_its_bytes_and_where_the_row_is():
    data = {name: (checkpoint(name) / "model.safetensors").read_bytes() for name in ("gpt2", "llama")}
    figure, alt = figures.file_map(data, row=3)
    for name, content in data.items():
        told = re.search(rf"{name}, ([\d,]+) bytes: (.*?); row 3 of the token table at ([\d,]+) to ([\d,]+)", alt)
        sizes = [int(size.replace(",", "")) for size in re.findall(r" ([\d,]+\d)", told[2])]
        assert int(told[1].replace(",", "")) == len(content) == sum(sizes)
        first, last = (int(told[i].replace(",", "")) for i in (3, 4))
        row = torch.frombuffer(
            bytearray(content[first : last + 1]), dtype=torch.float32 if name == "gpt2" else torch.bfloat16
        )
        table = load(name)[1]["wte.weight" if name == "gpt2" else "model.embed_tokens.weight"]
        assert torch.equal(row, table[3])
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert sum(widths) == sum(map(len, data.values()))
    assert "position table" in alt.partition("llama")[0]
    assert "position table" not in alt.partition("llama")[2]


def test_the_picture_of_choices_says_means_and_spread():
    runs = {"tied": {"a": [1.0, 3.0], "b": [5.0, 5.0]}, "untied": {"a": [2.0, 2.0], "b": [4.0, 6.0]}}
    figure, alt = figures.choices(runs, top=9.0)
    assert "tied: a 2.00 plus or minus 1.41, b 5.00 plus or minus 0.00." in alt
    assert "untied: a 2.00 plus or minus 0.00, b 5.00 plus or minus 1.41." in alt
    drawn = [line.get_xdata().tolist() for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert [1.0, 3.0] in drawn
    assert [4.0, 6.0] in drawn
    figure, alt = figures.choices(runs, top=4.0)
    assert "b 5.00 plus or minus 0.00 (beyond the axis). untied: a 2.00 plus or minus 0.00, b" in alt
    assert [text.get_text().strip() for text in figure.axes[0].texts] == ["5.00", "5.00"]


def test_the_picture_of_pairs_says_what_is_clear_of_zero():
    other = {0: 4.0, 1: 3.0, 2: 5.0}
    shifted = {seed: other[seed] + d for seed, d in {2: -1.25, 0: -1.0, 1: -0.75}.items()}
    groups = {"first": {"a": (shifted, other), "b": ({0: 4.5, 1: 2.5}, other)}, "second": {"c − d": (other, shifted)}}
    figure, alt = figures.paired(groups, times=3)
    assert "bar of 3 standard errors" in alt
    assert (
        "first: a: minus 1.000, 3 of 3 below 0, below 0 with all of its bar, farthest from the mean seed 2 with" in alt
    )
    assert "seed 2 with minus 1.250; b: 0.000, 1 of 2 below 0, its bar holds 0, farthest" in alt
    assert "second: c minus d: 1.000, 0 of 3 below 0, above 0 with all of its bar, farthest" in alt
    points = [line for axes in figure.axes for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in points] == [False, True, False]
    ticks = [sorted(line.get_xdata()) for axes in figure.axes for line in axes.lines if line.get_marker() == "|"]
    assert ticks == [[-1.25, -1.0, -0.75], [-0.5, 0.5], [0.75, 1.0, 1.25]]
    bars = [
        line.get_xdata() for line in figure.axes[1].lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2
    ]
    assert np.allclose(bars[0], [1 - 3 * 0.25 / 3**0.5, 1 + 3 * 0.25 / 3**0.5])


def test_the_cosines_say_which_tokens_are_equal():
    alike = torch.tensor([[0.5, -0.25], [-0.001, 1.0]])
    figure, alt = figures.cosines(["a", "b"], ["c", "b"], alike, "somewhere")
    assert "Equal tokens: b at 1 and at 1: 1.00. Different tokens: from minus 0.25 to 0.50." in alt
    assert "2 tokens of one sentence (a b) against 2 of another (c b)" in alt
    assert alt.endswith("Row by row: a 0.50, minus 0.25; b 0.00, 1.00.")
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.50", "−0.25", "0.00", "1.00"]
    assert "No token stands in both." in figures.cosines(["a"], ["c"], alike[:1, :1], "x")[1]


@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_each_control_of_the_explorer_changes_the_picture(name):
    explorer = explore.two_sentences()
    first = {key: control.value for key, control in explorer.controls.items()} | {"name": name}
    drawn = {figure_html(*explore.compare(**first))}
    for change in (
        {"first": "A token"},
        {"second": "A token"},
        {"stage": "after block 1"},
        {"stage": "after block 2"},
        {"name": "llama" if name == "gpt2" else "gpt2"},
    ):
        drawn.add(figure_html(*explore.compare(**first | change)))
    assert len(drawn) == 6
    explore.compare(**first | {"first": "", "second": "many words " * 40})


def test_only_gpt2_tells_places_apart_before_the_first_block():
    ids = torch.tensor([7, 7])
    for name, alike in (("gpt2", False), ("llama", True)):
        rows = explore.stages(name, ids)
        assert torch.equal(rows[0][0], rows[0][1])
        assert torch.equal(rows[1][0], rows[1][1]) == alike


def test_what_the_lesson_says_of_tokens_after_a_block():
    """Its one pair is no exception: closer after a block in most pairs of equal tokens in GPT-2, further in Llama."""
    ids = torch.randint(400, (40, 64), generator=torch.Generator().manual_seed(0))
    for name, closer in (("gpt2", True), ("llama", False)):
        rows = [x.flatten(0, 1) for x in explore.stages(name, ids)]
        places = [(ids.flatten() == token).nonzero()[:2, 0] for token in range(400)]
        one, other = torch.stack([pair for pair in places if len(pair) == 2]).T
        cosines = [torch.cosine_similarity(x[one], x[other], dim=-1) for x in rows]
        assert ((cosines[2] > cosines[1]).float().mean() > 0.5) == closer
        assert rows[2].norm(dim=-1).mean() > 5 * rows[1].norm(dim=-1).mean()


def test_the_sheet_has_the_numbers_of_the_course_and_a_part_for_each_lesson():
    page = sheet.sheet()
    known = {model["name"]: model["config"] for model in models()}
    for number in (count(known["GPT-2 small"]).total, 786_432, 38_597_376, 525_336_576, 7_087_872, 54_410):
        assert f"{number:,}" in page
    assert re.findall(r"<h2><b>(\d*)</b>", page) == [*map(str, range(1, 11)), ""]
    assert "1.139" in page
    assert "@page{size:A4" in page


def test_two_sentences_in_which_one_token_is_hardly_the_same_after_a_block():
    both = [tokenizer().encode(text) for text in ("A text has 20 words", "Now for any text.")]
    rows = [explore.stages("llama", torch.tensor(one.ids))[2][one.tokens.index("Ġtext")] for one in both]
    assert float(torch.cosine_similarity(*rows, dim=0)) == pytest.approx(0.06, abs=0.005)


@pytest.mark.browser
def test_the_sheet_fits_one_page(browser, tmp_path):
    (tmp_path / "sheet.html").write_text(sheet.sheet(), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "sheet.html").as_uri())
    page.pdf(path=str(tmp_path / "sheet.pdf"), prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page[^s]", (tmp_path / "sheet.pdf").read_bytes())) == 1


def test_the_sheet_in_words_has_no_mark_of_html(capsys):
    sheet.show_sheet()
    said = capsys.readouterr().out
    assert said.startswith("Embedding layers on one page\n")
    assert not re.search(r"</?[a-z]+[ >]|&[a-z]+;", said)
    assert said.count("\nTrap: ") == 10
    assert "base^(−2j/dim)" in said
    assert "x_target" in said


def test_figures_stay_within_the_page():
    losses = {kind: {scheme: [1.0, 2.0] for scheme in SCHEMES} for kind in ("tied", "untied")}
    pairs = {scheme: ({0: 1.0, 1: 2.0}, {0: 1.5, 1: 2.25}) for scheme in SCHEMES}
    for drawn, _ in (figures.choices(losses, top=3.0), figures.paired({"one": pairs, "other": pairs}, times=2)):
        assert drawn.get_size_inches()[0] <= 7.5
        assert np.all(drawn.get_size_inches() > 1)
