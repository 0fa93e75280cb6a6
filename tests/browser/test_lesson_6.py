"""A learner's moves in lesson 6, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons
from tests.browser.lab import sentence

LESSON = lessons()[5]
MASKED_AFTER = """@exercise
def attention(q, k, v, causal=False):
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return (np.tril(weights) if causal else weights) @ v"""
UNTIED = """@exercise
def gpt2_parameters(vocab_size, dim, layers, positions):
    layer = 12 * dim**2 + 13 * dim
    return (2 * vocab_size + positions) * dim + layers * layer + 2 * dim"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)

    wrong = lab.write("def attention(", MASKED_AFTER)
    expect(wrong).to_contain_text(sentence("attention", "masked after the softmax"))
    lab.screenshot("lesson-6-masked-after")
    wrong = lab.write("def gpt2_parameters(", UNTIED)
    expect(wrong).to_contain_text(sentence("gpt2_parameters", "untied"))
    lab.screenshot("lesson-6-untied")

    lab.solve(LESSON)
    lab.restart_and_run_all()
    lab.assert_no_error()
    expect(lab.cell("scorecard(6)")).to_contain_text("You passed this lesson")
    for place in ("show(*figures.weights", "show(*figures.block"):
        expect(lab.cell(place).locator("figure img")).to_be_visible()
        lab.screenshot("lesson-6-" + place.partition(".")[2])
    explorer = lab.cell("model_ledger()")
    picture = explorer.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("Opened, part 3 of 5: attention"))
    lab.screenshot("lesson-6-explorer")
    explorer.locator(".noUi-handle").nth(0).focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("DeepSeek-V3: 671,026,404,352 parameters"))
    lab.screenshot("lesson-6-explorer-large")
