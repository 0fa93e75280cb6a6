"""A learner's moves in lesson 2, in a real JupyterLab: the unsolved lesson, known mistakes, the solution, the explorers."""

import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import lessons

LESSON = lessons()[1]
RIGHT_ONLY = """@exercise
def skipgram_pairs(ids, window):
    pairs = [(a, b) for i, a in enumerate(ids) for b in ids[i + 1 : i + 1 + window]]
    return np.array([a for a, _ in pairs], dtype=np.int64), np.array([b for _, b in pairs], dtype=np.int64)"""
NAN = """@exercise
def cosine_similarity(A, B):
    return A @ B.T / np.outer(np.linalg.norm(A, axis=1), np.linalg.norm(B, axis=1))"""


@pytest.mark.browser
def test_a_learners_evening(lab):
    lab.begin(LESSON)
    the_explorers_answer_to_the_keyboard(lab)

    lab.mistake("skipgram_pairs", "only to the right", RIGHT_ONLY, "lesson-2-a-named-mistake")
    wrong = lab.mistake("cosine_similarity", "nan for zeros", NAN)
    expect(wrong).to_contain_text("✗ Not yet: cosine_similarity, part 2 of 2, rows of zeros. 1 of 2 points.")

    lab.finish(LESSON, "You passed the core of this lesson")
    lab.see("show(*figures.scores_against_pmi", "lesson-2-scores-against-pmi")


def the_explorers_answer_to_the_keyboard(lab):
    cell = lab.cell("training_map()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("after 20 steps"))
    lab.screenshot("lesson-2-map")
    cell.locator(".noUi-handle").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("after 21 steps"))

    cell = lab.cell("neighbours()")
    picture = cell.locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("of “king”, .*by PPMI: kingdom"))
    word = cell.get_by_label("Word")
    word.fill("paris")
    word.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("of “paris”.*france"))
    word.fill("submarine")
    word.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("“submarine” is not one of the 360 words"))
    word.fill("king")
    word.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("of “king”"))  # or the next key is lost while it is drawn
    cell.locator(".noUi-handle").focus()
    lab.page.keyboard.press("End")
    expect(picture).to_have_attribute("alt", re.compile("step 100: .*queen"))
    lab.screenshot("lesson-2-neighbours")
