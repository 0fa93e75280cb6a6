"""A learner's moves in lesson 1, in a real JupyterLab: the unsolved lesson, a known mistake, the solution, the explorer."""

import json
import re

import pytest
from playwright.sync_api import expect

from embedcourse.catalogue import exercises, lessons
from tests.browser.lab import sentence

LESSON = lessons()[0]
NEGATIVE = sentence("lookup", "negative ids wrap")
CORE = [exercises()[name] for name in LESSON.exercises if exercises()[name].core]
POINTS = sum(part.points for exercise in CORE for part in exercise.parts)
WRONG = "@exercise\ndef lookup(E, ids):\n    return E[np.asarray(ids)]"


@pytest.mark.browser
def test_a_learners_evening(lab):
    expect(lab.page.locator(".jp-Dialog")).to_have_count(0)  # no news pop-up
    lab.begin(LESSON)
    card = lab.cell("scorecard(1)")
    expect(card.locator("table")).to_contain_text(f"Core: 0 of {POINTS} points")
    expect(card).to_contain_text("Still open in the core: build_vocabulary, encode")
    lab.screenshot("1-scorecard-unsolved")
    the_explorer_answers_to_the_keyboard(lab)
    a_cell_that_cannot_be_read_blocks_nothing(lab)

    wrong = lab.write("def lookup(", WRONG)
    expect(wrong).to_contain_text("✗ Not yet: lookup, part 3 of 3, bad ids are refused. 2 of 3 points.")
    expect(wrong).to_contain_text(NEGATIVE)
    expect(wrong).to_contain_text("Until yours passes, later cells use the course's own lookup.")
    lab.screenshot("2-a-named-mistake")

    lab.solve(LESSON)
    lab.screenshot("3-a-right-answer")

    lab.restart_and_run_all()
    lab.assert_no_error()
    card = lab.cell("scorecard(1)")
    expect(card.locator("table")).to_contain_text(f"Core: {POINTS} of {POINTS} points")
    expect(card).to_contain_text("You passed the core of this lesson")
    lab.screenshot("4-scorecard-solved")

    lab.save("You passed the core")
    assert json.loads(lab.path.read_text())["metadata"]["embedcourse"]["lesson"] == LESSON.name
    a_reopened_notebook_still_shows_the_explorers_figure(lab)


def the_explorer_answers_to_the_keyboard(lab):
    cell = lab.cell("explorer()")
    picture = cell.locator("figure img")
    expect(picture).to_have_count(1)
    expect(picture).to_have_attribute("alt", re.compile("The token “dog”, number 2 of 5"))
    cell.locator(".noUi-handle").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("The token “saw”, number 3 of 5"))
    lab.screenshot("5-explorer-moved")

    sentence = cell.get_by_label("Sentence")
    sentence.fill("my bird saw nothing")
    sentence.press("Enter")
    expect(picture).to_have_attribute("alt", re.compile("in “my bird saw nothing”"))
    before = picture.get_attribute("alt")
    cell.locator("input[type=checkbox]").focus()
    lab.page.keyboard.press("Space")
    expect(picture).not_to_have_attribute("alt", before)
    after = picture.get_attribute("alt")
    assert before.split(": ")[-1] == after.split(": ")[-1], "another id, the same vector"

    cell = lab.cell("def loss_left(")
    cell.get_by_label("Sentence").fill("the the the the")
    cell.get_by_label("Sentence").press("Enter")
    cell.locator(".noUi-handle").focus()
    for _ in range(8):
        lab.page.keyboard.press("ArrowRight")
    expect(cell.locator("figure img")).to_have_attribute(
        "alt", re.compile("learning rate 0.13.*scatter-add: 2.2 of it")
    )
    lab.screenshot("5-learning-explodes")


def a_reopened_notebook_still_shows_the_explorers_figure(lab):
    lab.save("Run this cell in Jupyter for its controls")
    lab.menu("Kernel", "Shut Down Kernel")
    lab.page.reload()
    picture = lab.cell("explorer()").locator("figure img")
    expect(picture).to_have_attribute("alt", re.compile("The token “dog”"), timeout=30_000)
    lab.screenshot("8-reopened-without-kernel")


def a_cell_that_cannot_be_read_blocks_nothing(lab):
    cell = lab.write("def one_hot(", "@exercise\ndef one_hot(ids, vocab_size):\n    return np.eye(vocab_size")
    expect(cell).to_contain_text("! Stopped by an error: one_hot")
    expect(cell).to_contain_text("SyntaxError in line 3")
    lab.cell("explorer()").locator(".cm-content").click()
    lab.page.keyboard.press("Shift+Enter")
    lab.wait_until_idle()
    expect(lab.cell("explorer()")).to_contain_text("all tokens:  True")


@pytest.mark.browser
def test_feedback_reads_in_both_themes(lab):
    lab.run_all()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.menu("Settings", "Theme", theme)
        expect(lab.page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        cell = lab.write("def lookup(", WRONG)  # drawn anew in this theme
        expect(cell).to_contain_text("✗ Not yet")
        lab.screenshot(f"6-feedback-{theme.split()[-1].lower()}")
        for element in (cell.locator("p", has_text=NEGATIVE), cell.locator("code", has_text="[-1]").first):
            assert contrast(element) >= 4.5
        lab.cell("explorer()")
        lab.page.wait_for_timeout(300)
        lab.screenshot(f"7-explorer-{theme.split()[-1].lower()}")


def contrast(element):
    """The WCAG contrast of an element's text with the page behind it."""
    colour = element.evaluate("e => getComputedStyle(e).color")
    ground = element.evaluate(
        """e => { for (; e; e = e.parentElement) {
             const c = getComputedStyle(e).backgroundColor;
             if (!/rgba\\(.*, ?0?\\.\\d+\\)|rgba\\(0, 0, 0, 0\\)/.test(c)) return c;
           } return 'rgb(255, 255, 255)'; }"""
    )
    first, second = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(colour):
    channels = [int(float(number)) / 255 for number in re.findall(r"[\d.]+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
