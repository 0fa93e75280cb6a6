"""The pages of a graded class in Chromium: wide and narrow, light and dark, on paper, and nothing in them runs."""

import pytest

from embedcourse import catalogue
from embedcourse.grading import report, results
from embedcourse.grading.intake import Refused
from embedcourse.grading.points import Override
from tests.grading.classroom import HOSTILE
from tests.grading.entries import entry

PAGES = (
    "report.html",
    "open.html",
    "feedback/ada/01_lookup_matrix.html",
    "feedback/hostile/01_lookup_matrix.html",
    "evidence/hostile/01_lookup_matrix.html",
)
_CONTRAST = """() => {
  const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(c => c / 255)
      .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = element => { for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (/^rgb\\(/.test(colour)) return colour; } return 'rgb(255, 255, 255)'; };
  const ratios = [...document.querySelectorAll('h1, h2, h3, p, td, th, dt, dd, caption, a, li, pre, strong')].map(element => {
      const one = light(getComputedStyle(element).color), other = light(ground(element));
      return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05); });
  return Math.min(...ratios); }"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    wrong = {
        name: catalogue.exercises()[name].mistakes[0].implementation for name in catalogue.lessons()[0].exercises[:5]
    }
    hostile = entry(HOSTILE * 3, slug="hostile", answers=wrong, notes=(HOSTILE * 20,), open=HOSTILE * 50)
    hostile["cells"] = [[3, HOSTILE + "x" * 500]]
    entries = [
        entry("Ada", answers={"lookup": wrong["lookup"]}, open="words " * 300),
        hostile,
        entry("Bob", flags=["died"]),
    ]
    report.keep_run(out, report.Run("2026-01-02 03:04", "Walls: namespaces, landlock, seccomp."))
    refused = [Refused("Cyd", "cyd/" + "x" * 200 + ".pdf", "It is no notebook: ask the student to hand it in again.")]
    results.write(out, b"s" * 32, entries, refused, [Override("Ada", 1, "", "*0.8", "late " * 30)])
    return out


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_pages_fit_can_be_read_and_run_nothing(browser, folder, name, scheme, width):
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    said = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: said.append(request.url) if request.url.startswith("http") else None)
    page.goto((folder / name).as_uri())
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_CONTRAST) >= 4.5
    assert page.locator("h1").count() == 1
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate(_CONTRAST) >= 4.5
    context.close()
