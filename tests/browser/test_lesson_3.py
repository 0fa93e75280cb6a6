"""A learner's moves in lesson 3, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorer."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = lessons()[2]
RAW_ROWS = """@exercise
def analogy(E, a, b, c, k, exclude_inputs):
    scores = E @ (E[b] - E[a] + E[c]) / np.linalg.norm(E, axis=1)
    if exclude_inputs:
        scores[[a, b, c]] = -np.inf
    return np.argsort(-scores)[:k]"""
GUESS = """@exercise
def dial_prediction():
    return {"left out": "palace", "left in": "king", "only b": "palace"}"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorer_answers_to_the_keyboard(lab)

    lab.mistake("analogy", "rows of any length", RAW_ROWS, "lesson-3-a-named-mistake")
    wrong = lab.write("def dial_prediction(", GUESS)
    expect(wrong).to_contain_text("Who is nearest to king, once king itself is left out?")
    lab.screenshot("lesson-3-a-prediction")

    lab.finish(LESSON, "You passed this lesson")
    lab.see("show(*analogy_figures.dial", "lesson-3-dial")
    lab.see("show(*analogy_figures.sixty_degrees", "lesson-3-sixty-degrees")


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("analogies()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("left in: queen"))
    lab.screenshot("lesson-3-analogies")
    cell.locator(".noUi-handle").focus()
    lab.page.keyboard.press("Home")
    expect(picture).to_have_attribute("alt", re.compile("purity 0.50.*left in: king"))
    lab.screenshot("lesson-3-analogies-at-half")
    word = cell.get_by_label("b", exact=True)
    word.fill("submarine")
    word.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("“submarine” is not one of the 360 words"))
