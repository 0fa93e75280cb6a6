"""Texts that several lessons read, and the splitting of a text into words and sentences."""

from embedcourse.text.grammar import analogy_questions, grammar_text
from embedcourse.text.prose import course_prose, installed_documentation, sentences, words

__all__ = [
    "analogy_questions",
    "course_prose",
    "grammar_text",
    "installed_documentation",
    "paragraph",
    "sentences",
    "words",
]


# Written for this course. Small enough to read, with words that come again.
_PARAGRAPH = """\
The river rises in the hills above the town. In spring it carries the snow of the hills past the mill, and the miller
opens the gate and lets the water turn the wheel. In summer the river is low, the wheel stands still, and children
cross the water on stones. The miller says that the river never tires of the town; the town says that it is the miller
who never tires of the river. Both are right. When the rain comes back, so does the sound of the wheel, and everyone
in the town sleeps well.
"""


def paragraph() -> str:
    """A paragraph of plain English prose, 5 lines long."""
    return _PARAGRAPH
