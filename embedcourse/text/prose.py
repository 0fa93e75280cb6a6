"""Real English: the course's own prose, frozen, and the documentation that every learner has on the machine.

The frozen text is short and the same everywhere, so what a lesson prints of it can be compared; it is written by
`authoring/prose.py`. The documentation is some hundred thousand words long and another one for each version of Python
and NumPy: nothing that is printed of it may be compared.
"""

import importlib
import inspect
import re
from contextlib import suppress
from importlib import resources

# The parts of NumPy whose functions are documented at length.
_NUMPY = ("numpy", "numpy.linalg", "numpy.random", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.strings")


def words(text: str) -> list[str]:
    """The words and punctuation marks of `text` in order, in lower case.

    >>> words("The wheel stands still.")
    ['the', 'wheel', 'stands', 'still', '.']
    """
    return re.findall(r"\w+(?:'\w+)?|[^\w\s]", text.lower())


def sentences(text: str) -> list[list[str]]:
    """The sentences of `text`, each a list of its words in lower case, without marks and numbers.

    A sentence ends at . ! ? : or ; before a space, and where a paragraph ends.

    >>> sentences("The wheel stands still. Why? It is 1 o'clock.")
    [['the', 'wheel', 'stands', 'still'], ['why'], ['it', 'is', "o'clock"]]
    """
    pieces = re.split(r"[.!?:;](?=[\s\"”)])|\n\s*\n", text.lower() + " ")
    split = (re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", piece) for piece in pieces)
    return [sentence for sentence in split if sentence]


def course_prose() -> str:
    """The prose of this course as it was on the day when it was frozen; the same text on every machine."""
    return resources.files("embedcourse.text").joinpath("course_prose.txt").read_text(encoding="utf-8")


def installed_documentation() -> str:
    """The English of the documentation installed with Python and NumPy: its language reference and its docstrings.

    Another text for each version. Examples and tables of code are left out.
    """
    texts = []
    with suppress(ModuleNotFoundError):  # some distributions of Python come without it; NumPy's is the larger part
        texts += importlib.import_module("pydoc_data.topics").topics.values()
    for name in _NUMPY:
        module = importlib.import_module(name)
        public = (getattr(module, member) for member in getattr(module, "__all__", ()))
        texts += [inspect.cleandoc(member.__doc__) for member in public if isinstance(member.__doc__, str)]
    return "\n\n".join(_without_code(text) for text in dict.fromkeys(texts))


def _without_code(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(one for one in paragraphs if ">>>" not in one and not re.search(r"[-=~]{4}|::=|\|", one))
