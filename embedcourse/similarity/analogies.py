"""Analogies: a is to b as c is to ?, answered by adding and subtracting rows, and the baselines such a test needs.

Taught in lesson 3. Questions are ids, an array of shape (n, 4) with columns a, b, c and the answer d: man, king, woman,
queen for king − man + woman. Every function works on rows brought to length 1, as the field does (3CosAdd, Mikolov et
al. 2013, NAACL).
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike

from embedcourse.similarity.reference import _inside, _token_ids, nearest, unit_rows


def analogy(
    E: Float[np.ndarray, "vocab dim"], a: int, b: int, c: int, k: int = 1, exclude_inputs: bool = True
) -> Int[np.ndarray, " k"]:
    """The `k` ids whose rows are nearest to b − a + c of unit rows: a is to b as c is to them. An array also for k=1.

    exclude_inputs  leave out a, b and c, as nearly every published number does; with False the answer is often b or c.

    >>> E = np.array([[1, 0, 0.2], [1, 0, 1], [0, 1, 0.2], [0, 1, 1.0]])  # man, king, woman, queen
    >>> analogy(E, a=0, b=1, c=2)
    array([3])
    """
    unit = unit_rows(E)
    a, b, c = _inside(_token_ids([a, b, c]), len(unit), f"E has {len(unit)} rows")
    return nearest(unit, unit[b] - unit[a] + unit[c], k, exclude={a, b, c} if exclude_inputs else ())


def analogy_accuracy(
    E: Float[np.ndarray, "vocab dim"], questions: Int[np.ndarray, "n 4"], exclude_inputs: bool = True
) -> float:
    """The share of `questions` (a, b, c, d) that `analogy` answers with d."""
    unit, questions = unit_rows(E), _questions(questions, len(E))
    a, b, c, d = questions.T
    return _share(unit, unit[b] - unit[a] + unit[c], questions[:, :3] if exclude_inputs else None, d)


def only_b_accuracy(E: Float[np.ndarray, "vocab dim"], questions: Int[np.ndarray, "n 4"]) -> float:
    """The share of `questions` answered with d by the word nearest to b alone, with a, b and c left out.

    A baseline with the same candidates as `analogy_accuracy`: what it answers, no offset is needed for.
    Source: Linzen 2016 (arXiv 1606.07736).
    """
    unit, questions = unit_rows(E), _questions(questions, len(E))
    return _share(unit, unit[questions[:, 1]], questions[:, :3], questions[:, 3])


def offset_cosine(E: Float[np.ndarray, "vocab dim"], questions: Int[np.ndarray, "n 4"]) -> Float[np.ndarray, " n"]:
    """The cosine between the offsets c − a and d − b of unit rows, one for each question; 0 where an offset is 0.

    c − a is what `analogy` adds to b, and d − b what it should have added. If both are equally long, d is nearer than b
    to the point that `analogy` aims at exactly when this is above 1/2.
    """
    unit, (a, b, c, d) = unit_rows(E), _questions(questions, len(E)).T
    return np.sum(unit_rows(unit[c] - unit[a]) * unit_rows(unit[d] - unit[b]), axis=1)


def centered(E: Float[np.ndarray, "vocab dim"]) -> Float[np.ndarray, "vocab dim"]:
    """`E` with the mean row subtracted from each row. Source: Mu & Viswanath 2018 (arXiv 1702.01417)."""
    E = np.asarray(E, dtype=np.result_type(E, np.float32))
    return E - E.mean(axis=0)


def question_ids(questions: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> Int[np.ndarray, "n 4"]:
    """Questions in words as ids. Raises KeyError for a word that the vocabulary does not have."""
    return np.array([[vocabulary[word] for word in question] for question in questions], dtype=np.int64).reshape(-1, 4)


def _questions(questions: ArrayLike, vocab_size: int) -> Int[np.ndarray, "n 4"]:
    questions = np.asarray(questions)
    if questions.ndim != 2 or questions.shape[1] != 4 or not len(questions):
        raise ValueError(
            f"questions have shape {questions.shape}; they are rows of four ids (a, b, c, d), at least one"
        )
    return _inside(_token_ids(questions.ravel()), vocab_size, f"E has {vocab_size} rows").reshape(-1, 4)


def _share(unit: np.ndarray, targets: np.ndarray, excluded: np.ndarray | None, answers: np.ndarray) -> float:
    right = 0
    for first in range(0, len(targets), 512):  # a block of questions at a time, so that a large table fits
        block = slice(first, first + 512)
        similarity = targets[block] @ unit.T
        if excluded is not None:
            np.put_along_axis(similarity, excluded[block], -np.inf, axis=1)
        right += int(np.sum(similarity.argmax(axis=1) == answers[block]))
    return right / len(targets)
