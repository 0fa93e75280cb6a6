"""A learner's moves in lesson 9, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = next(lesson for lesson in lessons() if lesson.number == 9)
COUNTED_ANEW = """@exercise
def attend_with_cache(q, k, v, cache):
    positions = torch.arange(len(q))
    q, k = rotate(q, positions), rotate(k, positions)
    if cache is not None:
        k, v = torch.cat([cache[0], k]), torch.cat([cache[1], v])
    seen = torch.ones(len(q), len(k), dtype=torch.bool).tril(len(k) - len(q))
    scores = (q @ k.T / q.shape[-1] ** 0.5).masked_fill(~seen, -torch.inf)
    return scores.softmax(dim=-1) @ v, (k, v)"""
POSITION_0 = """@exercise
def bug_hunt():
    call = (torch.randn(1, 8), torch.tensor([0]), 10000.0)
    return {name: [call] for name in "abcd"}"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("attend_with_cache", "counted anew", COUNTED_ANEW, "lesson-9-counted-anew")
    lab.mistake("bug_hunt", "position 0", POSITION_0, "lesson-9-position-0")

    lab.finish(LESSON, "You passed the core of this lesson")
    for place in ("rows_moved", "masks", "trade"):
        lab.see(f"show(*figures.{place}", "lesson-9-" + place)


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("scaling_over_wavelengths()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("NTK, slowed by 4, texts of 8,192 tokens. .* not shown: 22;"))
    lab.screenshot("lesson-9-explorer")
    cell.locator(".noUi-handle").nth(2).focus()
    lab.page.keyboard.press("Home")
    expect(picture).to_have_attribute(
        "alt", re.compile("nothing is slowed .factor 1., texts of 8,192 tokens. .* not shown: 23;")
    )
    lab.screenshot("lesson-9-explorer-nothing-slowed")
