"""A learner's moves in lesson 5, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = lessons()[4]
ALWAYS_MORE = """@exercise
def pad_vocabulary(vocab_size, multiple):
    return (vocab_size // multiple + 1) * multiple"""
FIRST_MATRIX_ALONE = """@exercise
def albert_in_numbers():
    return {"factorised": 30_000 * 128, "rank": 128, "largest_inner": 3_603}"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)

    lab.mistake("pad_vocabulary", "always more", ALWAYS_MORE, "lesson-5-always-more")
    wrong = lab.mistake("albert_in_numbers", "first matrix alone", FIRST_MATRIX_ALONE, "lesson-5-first-matrix-alone")
    expect(wrong).not_to_contain_text("4364288")

    lab.finish(LESSON, "You passed the core of this lesson")
    for place in (
        "show(*figures.training",
        "show(*figures.subwords",
        "show(*figures.text_costs",
        "show(*figures.shares",
    ):
        lab.see(place, "lesson-5-" + place.partition(".")[2])
    explorer = lab.cell("text_cost_calculator(")
    picture = explorer.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("1 layer of 64; 2,048 rows"))
    explorer.locator(".noUi-handle").nth(0).focus()
    lab.page.keyboard.press("Home")
    expect(picture).to_have_attribute("alt", re.compile("1 layer of 64; 256 rows"))
    lab.screenshot("lesson-5-text-cost")
    explorer = lab.cell("vocabulary_calculator()")
    picture = explorer.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("GPT-2 small as it is.*128,256 rows of 768"))
    lab.screenshot("lesson-5-explorer")
    explorer.locator(".noUi-handle").nth(0).focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("DeepSeek-V3 as it is"))
    lab.screenshot("lesson-5-explorer-large")
