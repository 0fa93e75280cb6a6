"""A learner's moves in lesson 7, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = next(lesson for lesson in lessons() if lesson.number == 7)
P_BY_ID = """@exercise
def learned_input(E, P, ids):
    return E[ids] + P[ids]"""
TURNED_BACK = """@exercise
def shift_matrix(offset, dim, base=10000.0):
    R = np.zeros((dim, dim))
    for j in range(0, dim, 2):
        turn = offset / base ** (j / dim)
        c, s = np.cos(turn), np.sin(turn)
        R[j : j + 2, j : j + 2] = [[c, -s], [s, c]]
    return R"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("learned_input", "p by id", P_BY_ID, "lesson-7-p-by-id")
    lab.mistake("shift_matrix", "turned back", TURNED_BACK, "lesson-7-turned-back")

    lab.finish(LESSON, "You passed the core of this lesson")
    for place in ("attention_maps", "untrained_rows", "clocks", "lengths", "alike"):
        lab.see(f"show(*figures.{place}", "lesson-7-" + place)


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("positions_alike()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("sinusoidal, base 10,000"))
    lab.screenshot("lesson-7-explorer")
    cell.locator(".noUi-handle").nth(1).focus()
    lab.page.keyboard.press("Home")
    expect(picture).to_have_attribute("alt", re.compile("sinusoidal, base 1:"))
    lab.screenshot("lesson-7-explorer-base-1")
