"""What the freezing of the course's prose keeps, and what it leaves out."""

from embedcourse import files
from embedcourse.authoring.prose import _plain, course_prose


def test_sentences_stay_and_the_rest_goes():
    text = """## A title of three

A **bold** word with [a link](https://example.org) and `code` stays a sentence.
It goes on, with $x^2$ left out.

```python
import this
```

| a | table | of words |

$$ a = b $$

<details>
<summary>A question that is asked?</summary>

The answer to it.
</details>

- a first thing named
- no
"""
    assert list(_plain(text)) == [
        "A title of three.",
        "A bold word with a link and code stays a sentence. It goes on, with left out.",
        "A question that is asked?",
        "The answer to it.",
        "a first thing named",
    ]


def test_lessons_feedback_and_documents_are_in_it_and_rubrics_are_not():
    text = course_prose(files.repository())
    assert "A model multiplies numbers, and a sentence has none." in text
    assert "This counts from 1." in text
    assert "Whatever needs a kernel needs a twin" in text
    assert "for the person who grades" not in text
