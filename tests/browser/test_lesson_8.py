"""A learner's moves in lesson 8, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = next(lesson for lesson in lessons() if lesson.number == 8)
OTHER_LAYOUT = """@exercise
def rotate_half(x, positions, base=10000.0):
    head_dim = x.shape[-1]
    angles = positions[:, None] * base ** -(torch.arange(0, head_dim, 2) / head_dim)
    c, s = angles.cos(), angles.sin()
    x1, x2 = x[..., 0::2], x[..., 1::2]
    return torch.stack([x1 * c - x2 * s, x1 * s + x2 * c], dim=-1).flatten(-2)"""
OFFSET_0 = """@exercise
def only_the_offset_matters(turn):
    q, k = torch.randn(2, 1, 8)
    def score(m):
        return (turn(q, torch.tensor([m])) * turn(k, torch.tensor([m]))).sum()
    return torch.allclose(score(5), score(105), atol=1e-4)"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("rotate_half", "the other layout", OTHER_LAYOUT, "lesson-8-the-other-layout")
    lab.mistake("only_the_offset_matters", "offset 0 alone", OFFSET_0, "lesson-8-offset-0")

    lab.finish(LESSON, "You passed this lesson")
    for place in (
        "clock_hands",
        "two_hands",
        "wavelengths",
        "layouts",
        "scores_by_distance(lines",
    ):
        lab.see(f"show(*figures.{place}", "lesson-8-" + place.replace("(lines", "-fast-and-slow"))
    lab.see("show(*figures.scores_by_distance(curves", "lesson-8-a-key-made-for-20")
    lab.see('parts = {"all pairs"', "lesson-8-scores-far-out")
    lab.see("show(*figures.score_squares", "lesson-8-score_squares")


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("turned_by_hand()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("Query at 12, key at 9, made for 5, base 10,000"))
    lab.screenshot("lesson-8-explorer")
    cell.locator(".noUi-handle").nth(3).focus()
    lab.page.keyboard.press("Home")
    expect(picture).to_have_attribute("alt", re.compile("base 1: "))
    lab.screenshot("lesson-8-explorer-base-1")
