"""A class of thirty, as it comes: who is done, who is not, who went wrong, and who tries the grader.

`python -m tests.grading.classroom FOLDER` writes their notebooks, to be graded and looked at.
"""

import json
import sys
from pathlib import Path

from embedcourse import catalogue, files

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[31mred\x1b[0m \u202eevil"
_ALPHABETICAL = (
    "def build_vocabulary(tokens):\n    return {token: number for number, token in enumerate(sorted(set(tokens)))}"
)
_WRAPPING = "def lookup(E, ids):\n    return np.asarray(E)[np.asarray(ids)]"
_ODD = (
    "def lookup_gradient(ids, G, vocab):\n    dE = np.zeros((vocab, np.shape(G)[-1]), dtype=np.asarray(G).dtype)\n"
    "    rows = np.asarray(ids).reshape(-1)\n    for place in range(len(rows)):\n"
    "        dE[rows[place]] = np.reshape(G, (len(rows), -1))[place]\n    return dE"
)


def lesson(number: int, solved: bool = True) -> dict:
    """A lesson's notebook, with the answers or as it is handed out."""
    name = catalogue.lessons()[number - 1].name
    folder = "solutions" if solved else "lessons"
    notebook = json.loads((files.repository() / folder / f"{name}.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if "rubric" not in cell["metadata"].get("tags", [])]
    return {**notebook, "cells": cells}


def answering(notebook: dict, name: str, code: str) -> dict:
    """The notebook with another answer to an exercise."""
    cell = next(one for one in notebook["cells"] if one["cell_type"] == "code" and f"def {name}(" in _source(one))
    cell["source"] = f"@exercise\n{code}"
    return notebook


def saying(notebook: dict, text: str) -> dict:
    """The notebook with an answer to the open question."""
    cell = next(one for one in notebook["cells"] if "open" in one["metadata"].get("tags", []))
    cell["source"] = text
    return notebook


def _source(cell: dict) -> str:
    return "".join(cell["source"])


def _adding(notebook: dict, *sources: str) -> dict:
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": one} for one in sources
    ]
    notebook["cells"][3:3] = cells
    return notebook


def class_of_twelve() -> dict[str, dict]:
    """The notebooks by the name of the student; "Ada Lovelace/2" is another lesson of hers."""
    looping = answering(lesson(1), "one_hot_cost", "def one_hot_cost():\n    while True: pass")
    missing = lesson(1)
    missing["cells"] = [cell for cell in missing["cells"] if "def rows_that_move" not in _source(cell)]
    telling = "def lookup(E, ids):\n    print(E, ids)\n    raise ValueError(f'told {E!r} {ids!r}')"
    nasty = (
        f"def encode(tokens, vocabulary):\n    raise type({HOSTILE!r}, (Exception,), {{}})({HOSTILE!r} + repr(tokens))"
    )
    return {
        "Ada Lovelace": saying(
            lesson(1), "Ids are names.\n\nDividing them makes `17` and `18` neighbours, which they are not."
        ),
        "Ada Lovelace/8": lesson(8),
        "Blaise Pascal": lesson(1, solved=False),
        "Carl Friedrich Gauß": saying(
            answering(lesson(1), "build_vocabulary", _ALPHABETICAL), "Numbers are too small."
        ),
        "Doña Ana": answering(answering(lesson(1), "build_vocabulary", _ALPHABETICAL), "lookup", _WRAPPING),
        "Emmy Noether": answering(lesson(1), "lookup_gradient", _ODD),
        "Felix Klein": answering(lesson(1), "lookup_gradient", _ODD),
        "Grace Hopper": looping,
        "Hypatia": _adding(missing, "undefined_name + 1", "print('hello')", "import time\n1 / 0"),
        "=cmd()": answering(lesson(1), "lookup", telling),
        "<b>Ivan & Söhne": saying(answering(lesson(1), "encode", nasty), HOSTILE),
        "شمس الدين": saying(lesson(1), "لا. 😀\n" + "long " * 400),
    }


# What people write, by the name of the exercise.
_SLIPS = {
    "build_vocabulary": _ALPHABETICAL,
    "encode": "def encode(tokens, vocabulary):\n    return [vocabulary[token] for token in tokens if token in vocabulary]",
    "lookup": _WRAPPING,
    "one_hot": "def one_hot(i, vocab):\n    return [1.0 if row == i else 0.0 for row in range(vocab)]",
    "one_hot_cost": "def one_hot_cost():\n    rows, dim = 128_000, 4_096\n"
    "    return {'multiplications': rows * dim, 'one_hot_bytes': rows, 'lookup_bytes': dim}",
    "lookup_gradient": "def lookup_gradient(ids, G, vocab):\n"
    "    dE = np.zeros((vocab, np.shape(G)[-1]))\n    dE[ids] += G\n    return dE",
}


def eighteen_more() -> dict[str, dict]:
    """Who has nothing special: some slips, and the end of the lesson not reached. The last six hand in another lesson."""
    return {f"Student {number:02}": _usual(number) for number in range(12)} | {
        f"Student {number:02}/{number - 10}": unfinished(lesson(number - 10), number - 10, number % 3)
        for number in range(12, 18)
    }


def _usual(number: int) -> dict:
    made = unfinished(lesson(1), 1, number % 4)
    left = {name for name in _SLIPS if f"def {name}(" in str([_source(cell) for cell in made["cells"]])}
    for place, (name, code) in enumerate(_SLIPS.items()):
        if name in left and number >> (place % 4) & 1:
            made = answering(made, name, code)
    return made


def unfinished(notebook: dict, number: int, left: int) -> dict:
    """The notebook with the last exercises as they were handed out."""
    names = catalogue.lessons()[number - 1].exercises
    stubs = lesson(number, solved=False)["cells"]
    for name in names[len(names) - left :]:
        cell = next(one for one in notebook["cells"] if one["cell_type"] == "code" and f"def {name}(" in _source(one))
        cell["source"] = next(
            _source(one) for one in stubs if f"def {name}(" in _source(one) and one["cell_type"] == "code"
        )
    return notebook


def write(folder: Path) -> None:
    """Hand them in."""
    for who, notebook in {**class_of_twelve(), **eighteen_more()}.items():
        name, _, number = who.partition("/")
        path = folder / name / f"{catalogue.lessons()[int(number or 1) - 1].name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "Late Larry").mkdir(parents=True)
    (folder / "Late Larry" / "01_lookup_matrix.ipynb").write_text("{", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
