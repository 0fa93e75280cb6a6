"""A learner's moves in lesson 6, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

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

    lab.mistake("attention", "masked after the softmax", MASKED_AFTER, "lesson-6-masked-after")
    lab.mistake("gpt2_parameters", "untied", UNTIED, "lesson-6-untied")

    lab.finish(LESSON, "You passed this lesson")
    for place in ("show(*figures.weights", "show(*figures.block"):
        lab.see(place, "lesson-6-" + place.partition(".")[2])
    explorer = lab.cell("model_ledger()")
    picture = explorer.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("Opened, part 3 of 5: attention"))
    lab.screenshot("lesson-6-explorer")
    explorer.locator(".noUi-handle").nth(0).focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("DeepSeek-V3: 671,026,404,352 parameters"))
    lab.screenshot("lesson-6-explorer-large")
