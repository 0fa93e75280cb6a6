"""What feedback looks like: the same words in HTML and in text, escaped, without scripts."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from embedcourse.catalogue import exercises
from embedcourse.marking import mark
from embedcourse.notebook import feedback

LOOKUP = exercises()["lookup"]


class Text(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.words, self.tags = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words += data.split()


def hostile(E, ids):
    raise ValueError("<script>alert(1)</script> `code` & more")


def noisy(E, ids):
    print("<b>bold</b>")
    return np.zeros(3)


ANSWERS = [
    LOOKUP.reference,
    lambda E, ids: E[ids],
    lambda E, ids: [1, 2],
    hostile,
    noisy,
    "no function",
    *(mistake.implementation for mistake in LOOKUP.mistakes),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_html_and_text_say_the_same(answer):
    report = mark(LOOKUP, answer)
    html, text = feedback.as_html(LOOKUP, report), feedback.as_text(LOOKUP, report)
    parsed = Text(html)
    plain = re.sub(r"[`\s]", "", text)
    assert re.sub(r"[`\s]", "", "".join(parsed.words)) == plain
    assert not parsed.tags - {"div", "p", "code", "span"}
    assert "script" not in parsed.tags


def test_hostile_text_is_escaped():
    html = feedback.as_html(LOOKUP, mark(LOOKUP, hostile))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<script>alert(1)</script>" in unescape(html)


def test_no_colour_is_set_for_text_so_that_both_themes_work():
    html = feedback.as_html(LOOKUP, mark(LOOKUP, noisy))
    assert set(re.findall(r"[;'](?:color):([^;']+)", html)) <= {"inherit"}


def test_status_is_a_word_and_a_symbol():
    assert {look[1] for look in feedback.LOOK.values()} == {"Passed", "Not yet", "Stopped by an error", "Not attempted"}
    assert len({look[0] for look in feedback.LOOK.values()}) == 4


def test_a_value_exercise_keeps_its_secret():
    cost = exercises()["one_hot_cost"]
    text = feedback.as_text(cost, mark(cost, lambda: {"multiplications": 1, "one_hot_bytes": 2, "lookup_bytes": 3}))
    for number in cost.reference().values():
        assert str(number) not in text
    assert "Your value for 'multiplications' is not right." in text
    assert "open a hint" in text
