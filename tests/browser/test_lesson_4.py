"""A learner's moves in lesson 4, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = lessons()[3]
A_COPY = """@exercise
def tie(table, head):
    with torch.no_grad():
        head.weight.copy_(table.weight)"""
BY_STATE_DICT = """@exercise
def count_parameters(module):
    return sum(tensor.numel() for tensor in module.state_dict().values())"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("tie", "a copy", A_COPY, "lesson-4-a-copy")
    lab.mistake("count_parameters", "by state dict", BY_STATE_DICT, "lesson-4-by-state-dict")

    lab.finish(LESSON, "You passed this lesson")
    for place in ("show(*figures.language_model", "show(*figures.two_gradients", "show(*figures.arms"):
        lab.see(place, "lesson-4-" + place.partition(".")[2])


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("tying_savings()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("GPT-2 small, tied"))
    lab.screenshot("lesson-4-explorer")
    cell.locator(".noUi-handle").nth(1).focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("50,257 words × 16,384"))
    lab.screenshot("lesson-4-explorer-large")
