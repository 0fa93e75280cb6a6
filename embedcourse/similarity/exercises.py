"""The exercises of lesson 2: their cases, what is expected of an answer, and the mistakes that people make.

Each exercise is one function that builds it, in the order of the lesson; the names of the mistakes' functions are their
names. The references stand in `reference.py`; lesson 3 has its exercises in `analogy_exercises.py`.
"""

from collections.abc import Iterator

import numpy as np

from embedcourse.marking import Case, Exercise, Part, entry_part, mistake, with_numbers
from embedcourse.similarity import reference
from embedcourse.similarity.analogy_exercises import ANALOGY_EXERCISES
from embedcourse.similarity.reference import sigmoid

Rng = np.random.Generator


def _text(rng: Rng, length: int, vocab: int) -> np.ndarray:
    return rng.integers(0, vocab, size=length)


def _rows(rng: Rng, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).round(2)


def _pairs(ids, window, keep=lambda place, other: place != other):
    """All pairs of places that `keep` lets through, as an answer in loops gives them."""
    centers, contexts = [], []
    for place in range(len(ids)):
        for other in range(max(0, place - window), min(len(ids), place + window + 1)):
            if keep(place, other):
                centers.append(ids[place])
                contexts.append(ids[other])
    return np.array(centers, dtype=np.int64), np.array(contexts, dtype=np.int64)


def _skipgram_pairs() -> Exercise:
    def window_of_one(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([5, 6, 7]), 1))
        yield Case((np.array([0, 3]), 1))
        for length in (4, 5, 7):
            yield Case((rng.permutation(9)[:length], 1))
        yield Case((np.array([4]), 1))
        yield Case((np.array([], dtype=np.int64), 1))

    def wider_windows(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([5, 6, 7, 8]), 2))
        yield Case((np.array([1, 1, 0, 1]), 2))
        for length, window in ((6, 2), (7, 3), (9, 4), (3, 5), (12, 3)):
            yield Case((_text(rng, length, 5), window))
        yield Case((np.array([300, 2, 300, 70_000]), 2))

    @mistake(
        "A token is not its own context, but here each center is paired with itself too. Leave out the place of the center."
    )
    def paired_with_itself(ids, window):
        return _pairs(ids, window, lambda place, other: True)

    @mistake("These pairs look to the right only. The context stands on both sides: up to `window` before, and after.")
    def only_to_the_right(ids, window):
        return _pairs(ids, window, lambda place, other: other > place)

    @mistake("These pairs look to the left only. The context stands on both sides: up to `window` before, and after.")
    def only_to_the_left(ids, window):
        return _pairs(ids, window, lambda place, other: other < place)

    @mistake(
        "The last neighbour on the right is missing. A range ends before its second number, so write `place + window + 1`."
    )
    def a_range_that_ends_too_early(ids, window):
        return _pairs(ids, window, lambda place, other: place != other and other < place + window)

    @mistake(
        "At the beginning of the text, places below 0 are counted from the end by Python, so the first words are paired with "
        "the last. Let the context begin at `max(0, place - window)`."
    )
    def round_the_corner(ids, window):
        centers, contexts = [], []
        for place in range(len(ids)):
            for other in range(place - window, min(len(ids), place + window + 1)):
                if other != place and other >= -len(ids):
                    centers.append(ids[place])
                    contexts.append(ids[other])
        return np.array(centers, dtype=np.int64), np.array(contexts, dtype=np.int64)

    @mistake("The two arrays are exchanged: first the centers, each as often as it has contexts, then the contexts.")
    def contexts_first(ids, window):
        return _pairs(ids, window)[::-1]

    @mistake(
        "You leave out neighbours that are the same *word* as the center. Only the same *place* is left out: in `had had` "
        "each `had` is a context of the other."
    )
    def equal_words_left_out(ids, window):
        return _pairs(ids, window, lambda place, other: ids[place] != ids[other])

    @mistake(
        "These are the right pairs in another order. Go from center to center, and for each through its contexts from left "
        "to right."
    )
    def sorted_by_distance(ids, window):
        centers, contexts = [], []
        for offset in range(1, window + 1):
            for place in range(len(ids) - offset):
                centers += [ids[place], ids[place + offset]]
                contexts += [ids[place + offset], ids[place]]
        return np.array(centers, dtype=np.int64), np.array(contexts, dtype=np.int64)

    @mistake(
        "At the beginning, `ids[place - window : place]` starts below 0, Python counts that from the end, and the slice is "
        "empty or wrong: the first words lose their left neighbours. Begin it at `max(0, place - window)`."
    )
    def a_slice_from_below_zero(ids, window):
        centers, contexts = [], []
        for place in range(len(ids)):
            for other in [*ids[place - window : place], *ids[place + 1 : place + window + 1]]:
                centers.append(ids[place])
                contexts.append(other)
        return np.array(centers, dtype=np.int64), np.array(contexts, dtype=np.int64)

    @mistake(
        "Only centers with a whole window on both sides are here. At both ends of the text the window is cut off, and what "
        "is left of it still counts."
    )
    def whole_windows_only(ids, window):
        return _pairs(
            ids, window, lambda place, other: place != other and place >= window and place + window < len(ids)
        )

    @mistake("`window` counts the places on *each* side. Yours counts both sides together.")
    def half_a_window(ids, window):
        return _pairs(ids, window // 2)

    @mistake("Only the neighbours at exactly `window` places are here. All places up to there belong to the context.")
    def only_the_farthest(ids, window):
        return _pairs(ids, window, lambda place, other: abs(place - other) == window)

    @mistake("You return places in the text. What is asked for are the ids that stand there: `ids[place]`.")
    def places_for_ids(ids, window):
        return _pairs(np.arange(len(ids)), window)

    @mistake(
        "These are pairs in one list. Return two arrays, all centers and all contexts: `zip` can take pairs apart."
    )
    def a_list_of_pairs(ids, window):
        return list(zip(*(part.tolist() for part in _pairs(ids, window)), strict=True))

    @mistake("The pairs are right, as two lists. The docstring asks for NumPy arrays of dtype int64.")
    def two_lists(ids, window):
        centers, contexts = _pairs(ids, window)
        return centers.tolist(), contexts.tolist()

    @mistake("For a text without pairs you return float64: `np.array([])` cannot know better. Say `dtype=np.int64`.")
    def float_when_empty(ids, window):
        centers, contexts = _pairs(ids, window)
        return np.array(centers.tolist()), np.array(contexts.tolist())

    return Exercise(
        name="skipgram_pairs",
        title="Pairs",
        lesson=2,
        reference=reference.skipgram_pairs,
        parts=(Part("a window of 1", 1, window_of_one), Part("wider windows", 1, wider_windows)),
        mistakes=(
            paired_with_itself,
            only_to_the_right,
            only_to_the_left,
            a_range_that_ends_too_early,
            round_the_corner,
            contexts_first,
            equal_words_left_out,
            sorted_by_distance,
            half_a_window,
            only_the_farthest,
            places_for_ids,
            a_list_of_pairs,
            two_lists,
            float_when_empty,
            a_slice_from_below_zero,
            whole_windows_only,
        ),
    )


def _cooccurrence() -> Exercise:
    def short_texts(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([0, 1, 2]), 1, 4))
        yield Case((np.array([0, 1, 0, 2]), 1, 3))
        yield Case((np.array([2, 2, 2]), 1, 3))
        yield Case((np.array([1]), 2, 3))
        yield Case((np.array([], dtype=np.int64), 1, 2))

    def longer_texts(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([0, 1, 2, 1]), 2, 3))
        for length, window, vocab in ((8, 2, 5), (12, 3, 4), (20, 5, 6), (3, 4, 5), (40, 2, 3)):
            yield Case((_text(rng, length, vocab), window, vocab + 1))
        yield Case((np.zeros(400, dtype=np.int64), 2, 2))

    def counted(ids, window, vocab_size):
        return reference.cooccurrence(ids, window, vocab_size)

    @mistake(
        "Each pair is counted from one end only: what stands on the right of a word. The word on the right has a left "
        "neighbour too. Count both."
    )
    def to_the_right_only(ids, window, vocab_size):
        counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
        for offset in range(1, window + 1):
            np.add.at(counts, (ids[:-offset], ids[offset:]), 1)
        return counts

    @mistake(
        "`counts[centers, contexts] += 1` adds once where a pair comes several times, as in lesson 1. `np.add.at` adds each."
    )
    def lossy(ids, window, vocab_size):
        return np.minimum(counted(ids, window, vocab_size), 1)

    @mistake(
        "`counts[ids[:-offset], ids[offset:]] += 1` adds once where a pair comes several times, as in lesson 1. "
        "`np.add.at(counts, (ids[:-offset], ids[offset:]), 1)` adds each."
    )
    def lossy_offsets(ids, window, vocab_size):
        counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
        for offset in range(1, window + 1):
            counts[ids[:-offset], ids[offset:]] += 1
        return counts + counts.T

    @mistake(
        "`counts[ids[place], around] += 1` adds once where a word stands twice in the window, as in lesson 1. Go through the "
        "window in a loop, or take `np.add.at`."
    )
    def lossy_windows(ids, window, vocab_size):
        counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
        for place in range(len(ids)):
            around = [*ids[max(0, place - window) : place], *ids[place + 1 : place + window + 1]]
            counts[ids[place], np.array(around, dtype=np.int64)] += 1
        return counts

    @mistake(
        "The diagonal is half of what it should be. In `had had` each of the two is a center with the other as its context: "
        "two pairs in one cell."
    )
    def half_a_diagonal(ids, window, vocab_size):
        whole = counted(ids, window, vocab_size)
        return whole - np.diag(np.diag(whole) // 2)

    @mistake(
        "At the beginning of the text, places below 0 are counted from the end by Python, so the first words meet the last. "
        "Let the context begin at `max(0, place - window)`."
    )
    def round_the_corner(ids, window, vocab_size):
        counts = np.zeros((vocab_size, vocab_size), dtype=np.int64)
        for place in range(len(ids)):
            for other in range(place - window, min(len(ids), place + window + 1)):
                if other != place and other >= -len(ids):
                    counts[ids[place], ids[other]] += 1
        return counts

    @mistake(
        "Everything is counted twice. If you go through all centers and look both ways, each pair comes from both its ends "
        "already; then add 1 in one cell."
    )
    def twice(ids, window, vocab_size):
        return 2 * counted(ids, window, vocab_size)

    @mistake(
        "The diagonal is empty. A word can stand beside itself (`had had`), and then each of the two is a context of the "
        "other. Leave out the same place, not the same word."
    )
    def no_diagonal(ids, window, vocab_size):
        return counted(ids, window, vocab_size) * (1 - np.eye(vocab_size, dtype=np.int64))

    @mistake(
        "Each token is counted as its own context, so the diagonal is too large. Leave out the place of the center."
    )
    def with_itself(ids, window, vocab_size):
        return counted(ids, window, vocab_size) + np.diag(np.bincount(ids, minlength=vocab_size))

    @mistake("The farthest place of the window is missing: `range(1, window)` ends at window − 1.")
    def a_range_that_ends_too_early(ids, window, vocab_size):
        if window == 1:
            return np.zeros((vocab_size, vocab_size), dtype=np.int64)
        return counted(ids, window - 1, vocab_size)

    @mistake("The window is wider than asked: `window` places on each side of the center, no more.")
    def one_too_wide(ids, window, vocab_size):
        return counted(ids, window + 1, vocab_size)

    @mistake("Only neighbours at exactly `window` places are counted. All places up to there belong to the context.")
    def only_the_farthest(ids, window, vocab_size):
        closer = counted(ids, window - 1, vocab_size) if window > 1 else 0
        return counted(ids, window, vocab_size) - closer

    @mistake("The counts are right, in floating point: `np.zeros` makes float64 unless you say `dtype=np.int64`.")
    def in_floats(ids, window, vocab_size):
        return counted(ids, window, vocab_size).astype(np.float64)

    @mistake("The table is as large as the largest id needs. It has vocab_size rows and columns, met or not.")
    def only_the_words_met(ids, window, vocab_size):
        size = int(max(ids, default=-1)) + 1
        return counted(ids, window, vocab_size)[:size, :size]

    @mistake("The counts are right, in lists. Return one NumPy array.")
    def in_lists(ids, window, vocab_size):
        return counted(ids, window, vocab_size).tolist()

    return Exercise(
        name="cooccurrence",
        title="Counts",
        lesson=2,
        reference=reference.cooccurrence,
        parts=(
            Part("short texts, neighbours only", 1, short_texts),
            Part("longer texts, wider windows", 1, longer_texts),
        ),
        mistakes=(
            to_the_right_only,
            lossy,
            lossy_offsets,
            lossy_windows,
            half_a_diagonal,
            round_the_corner,
            twice,
            no_diagonal,
            with_itself,
            a_range_that_ends_too_early,
            one_too_wide,
            only_the_farthest,
            in_floats,
            only_the_words_met,
            in_lists,
        ),
    )


def _pmi(counts, rows=1, columns=0):
    """PMI where something was counted; NaN elsewhere."""
    counts = np.asarray(counts, dtype=float)
    total = counts.sum()
    expected = counts.sum(axis=rows, keepdims=True) * counts.sum(axis=columns, keepdims=True) / max(total, 1e-300)
    return np.log(np.divide(counts, expected, out=np.full(counts.shape, np.nan), where=counts > 0))


def _ppmi() -> Exercise:
    def all_counted(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[4, 1], [1, 4]]),))
        for n in (2, 3, 4, 6):
            yield Case((rng.integers(1, 30, size=(n, n)),))
        for n, m in ((2, 4), (5, 3)):
            yield Case((rng.integers(1, 30, size=(n, m)),))
        yield Case((np.array([[1000, 1], [1, 1]]),))

    def with_zeros(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[0, 2], [2, 0]]),))
        yield Case((np.array([[3, 1, 0], [1, 0, 0], [0, 0, 0]]),))  # a word that was never met
        for n in (3, 4, 5, 7):
            yield Case((rng.integers(0, 3, size=(n, n)),))
        yield Case((rng.integers(0, 4, size=(3, 6)),))
        yield Case((np.zeros((2, 2), dtype=np.int64),))

    @mistake("These are the right values in bits: log2. This course uses the natural logarithm throughout, `np.log`.")
    def in_bits(counts):
        return reference.ppmi(counts) / np.log(2)

    @mistake(
        "Pairs that are rarer than chance get negative values here. The first P stands for positive: replace them by 0."
    )
    def without_the_first_p(counts):
        return np.nan_to_num(_pmi(counts), nan=0.0)

    @mistake(
        "Where nothing was counted, log 0 has come through, as −inf or NaN. Those cells are 0: compute the logarithm only "
        "where `counts > 0`, or take the larger of the ratio and 1 before the logarithm. (`where=` alone leaves the other "
        "cells unwritten; `out=` fills them.)"
    )
    def nan_where_nothing_was_counted(counts):
        return np.maximum(_pmi(counts), 0)

    @mistake(
        "A word that was never met has a row of zeros, and its ratio is 0 / 0, NaN, which `np.maximum` lets through. Compute "
        "the ratio only where `counts > 0`, and leave a 1 elsewhere."
    )
    def nan_for_words_never_met(counts):
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0)
        with np.errstate(all="ignore"):
            return np.maximum(np.log(counts * counts.sum() / expected), 0)

    @mistake(
        "The sums of the rows stand along the columns: without `keepdims=True`, `counts.sum(axis=1)` is laid out like a row. "
        "A row's sum belongs to its whole row."
    )
    def both_sums_along_the_columns(counts):
        expected = counts.sum(axis=1) * counts.sum(axis=0)
        ratio = np.ones(counts.shape)
        np.divide(counts * counts.sum(), expected, out=ratio, where=(counts > 0) & (expected > 0))
        return np.log(np.maximum(ratio, 1))

    @mistake("The ratio is upside down: chance belongs below, what was counted above.")
    def upside_down(counts):
        return np.nan_to_num(np.maximum(-_pmi(counts), 0), nan=0.0)

    @mistake(
        "The total of all counts is missing. With p(w, c) = n(w, c) / N, p(w) = n(w) / N and p(c) = n(c) / N, the ratio is "
        "n(w, c) · N / (n(w) · n(c))."
    )
    def without_the_total(counts):
        counts = np.asarray(counts, dtype=float)
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0)
        ratio = np.divide(counts, expected, out=np.ones_like(counts), where=counts > 0)
        return np.log(np.maximum(ratio, 1))

    @mistake(
        "You divide by the probability of the word alone. PMI compares with chance, so the context's share, p(c), belongs "
        "into the denominator too."
    )
    def without_the_contexts_share(counts):
        counts = np.asarray(counts, dtype=float)
        shares = counts.sum(axis=1, keepdims=True)
        ratio = np.divide(counts, shares, out=np.ones_like(counts), where=counts > 0)
        return np.log(np.maximum(ratio * counts.shape[1], 1))

    @mistake(
        "Rows and columns are exchanged: a row's sum belongs to its whole row, a column's sum to its column. "
        "`keepdims=True` keeps each sum where it belongs."
    )
    def sums_on_the_wrong_side(counts):
        counts = np.asarray(counts, dtype=float)
        if counts.shape[0] != counts.shape[1]:
            raise ValueError("operands could not be broadcast together")
        expected = counts.sum(axis=0)[:, None] * counts.sum(axis=1) / max(counts.sum(), 1e-300)
        ok = (counts > 0) & (expected > 0)
        return np.log(np.maximum(np.divide(counts, expected, out=np.ones_like(counts), where=ok), 1))

    @mistake("This is the ratio p(w, c) / (p(w) p(c)) itself. Its logarithm is missing.")
    def without_the_logarithm(counts):
        return np.nan_to_num(np.exp(_pmi(counts)), nan=0.0)

    @mistake("`log1p` or an added 1 bends every value. Zeros need a case of their own, not a 1 in all cells.")
    def log_of_one_more(counts):
        return np.log1p(np.nan_to_num(np.exp(_pmi(counts)), nan=0.0))

    @mistake(
        "Each cell is weighted with its probability: that is a summand of mutual information. PMI is the bare logarithm."
    )
    def weighted_by_probability(counts):
        counts = np.asarray(counts, dtype=float)
        return reference.ppmi(counts) * counts / max(counts.sum(), 1e-300)

    @mistake("The values are right, in lists. Return a NumPy array of dtype float64.")
    def in_lists(counts):
        return reference.ppmi(counts).tolist()

    return Exercise(
        name="ppmi",
        title="PPMI",
        lesson=2,
        reference=reference.ppmi,
        parts=(Part("every pair was counted", 1, all_counted), Part("pairs that never came", 1, with_zeros)),
        mistakes=(
            in_bits,
            without_the_first_p,
            nan_where_nothing_was_counted,
            nan_for_words_never_met,
            both_sums_along_the_columns,
            upside_down,
            without_the_total,
            without_the_contexts_share,
            sums_on_the_wrong_side,
            without_the_logarithm,
            log_of_one_more,
            weighted_by_probability,
            in_lists,
        ),
    )


def _norms(A):
    return np.sqrt(np.sum(np.asarray(A, dtype=float) ** 2, axis=1))


def _cosine_similarity() -> Exercise:
    def rows_that_point_somewhere(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[3.0, 4.0]]), np.array([[4.0, 3.0], [-4.0, -3.0]])))
        for n, m, dim in ((1, 1, 3), (2, 3, 2), (4, 2, 5), (3, 3, 3), (5, 4, 1)):
            yield Case((_rows(rng, n, dim) + 0.01, _rows(rng, m, dim) + 0.01))
        yield Case((1000 * _rows(rng, 2, 3), 0.001 * _rows(rng, 2, 3)))
        yield Case((np.array([[1, 2], [0, 1]]), np.array([[2, 4]])))

    def rows_of_zeros(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0]])))
        yield Case((np.array([[1.0, 1.0]]), np.array([[0.0, 0.0], [1.0, 0.0]])))
        A, B = _rows(rng, 4, 3), _rows(rng, 3, 3)
        A[2], B[0] = 0, 0
        yield Case((A, B))
        yield Case((np.zeros((1, 2)), np.zeros((2, 2))))
        yield Case((1e-9 * np.array([[3.0, 4.0]]), np.array([[4.0, 3.0]])))  # small is not zero
        yield Case((3e-6 * np.array([[1.0, 2.0]]), 1e-5 * np.array([[2.0, 1.0]])))

    @mistake("These are dot products. Divide each by the norms of its two rows: only the direction should count.")
    def dot_products(A, B):
        return np.asarray(A, dtype=float) @ np.asarray(B).T

    @mistake("The norms of B are missing: divide by both norms, or long rows of B look more similar.")
    def without_the_norms_of_b(A, B):
        norms = _norms(A)[:, None]
        return np.divide(A, norms, out=np.zeros(np.shape(A)), where=norms > 0) @ np.asarray(B).T

    @mistake("The norms of A are missing: divide by both norms, or long rows of A look more similar.")
    def without_the_norms_of_a(A, B):
        return without_the_norms_of_b.implementation(B, A).T

    @mistake("This divides by the *squared* norms: the square root is missing.")
    def squared_norms(A, B):
        products = np.asarray(A, dtype=float) @ np.asarray(B).T
        norms = np.outer(_norms(A) ** 2, _norms(B) ** 2)
        return np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)

    @mistake(
        "A row of zeros has norm 0, and 0 / 0 is NaN. Such a row is similar to nothing: 0. Give the division a `where`, or put 1 "
        "in place of a norm of 0."
    )
    def nan_for_zeros(A, B):
        with np.errstate(all="ignore"):
            return np.asarray(A) @ np.asarray(B).T / np.outer(_norms(A), _norms(B))

    @mistake("This is the cosine *distance*, 1 − cosine, which is small where similarity is large.")
    def distance(A, B):
        return 1 - reference.cosine_similarity(A, B)

    @mistake("The result has shape (m, n): row i, column j belongs to row i of A and row j of B. Transpose it.")
    def transposed(A, B):
        return reference.cosine_similarity(B, A)

    @mistake("The norms are taken along the wrong axis. A vector is a *row*: `np.linalg.norm(A, axis=1)`.")
    def norms_of_columns(A, B):
        A, B = np.asarray(A, dtype=float), np.asarray(B, dtype=float)
        a, b = np.linalg.norm(A, axis=0), np.linalg.norm(B, axis=0)
        A = np.divide(A, a, out=np.zeros_like(A), where=a > 0)
        B = np.divide(B, b, out=np.zeros_like(B), where=b > 0)
        return A @ B.T

    @mistake("Without an axis, `np.linalg.norm` takes one norm for the whole matrix. Each row has its own: `axis=1`.")
    def one_norm_for_all(A, B):
        products = np.asarray(A, dtype=float) @ np.asarray(B).T
        whole = np.linalg.norm(A) * np.linalg.norm(B)
        return products / whole if whole else products

    @mistake(
        "A small number added to the norms bends short rows: a row of size 1e-9 has a direction as well. Treat exact zeros alone."
    )
    def a_small_number_added(A, B):
        return np.asarray(A, dtype=float) @ np.asarray(B).T / (np.outer(_norms(A), _norms(B)) + 1e-8)

    @mistake(
        "A floor under the norms bends short rows: a row of size 1e-6 has a direction as well. Treat exact zeros alone. (torch's "
        "own `cosine_similarity` has such a floor, `eps`.)"
    )
    def a_floor_under_the_norms(A, B):
        return np.asarray(A, dtype=float) @ np.asarray(B).T / np.maximum(np.outer(_norms(A), _norms(B)), 1e-8)

    @mistake(
        "The product is A B: its shape does not fit, or fits by accident. Each row of A meets each *row* of B: `A @ B.T`."
    )
    def not_transposed(A, B):
        return np.asarray(A) @ np.asarray(B) / np.outer(_norms(A), _norms(B))

    @mistake("The sign is gone. Rows that point in opposite directions have cosine −1, not 1.")
    def without_a_sign(A, B):
        return np.abs(reference.cosine_similarity(A, B))

    @mistake("The values are right, in lists. Return a NumPy array of shape (n, m).")
    def in_lists(A, B):
        return reference.cosine_similarity(A, B).tolist()

    return Exercise(
        name="cosine_similarity",
        title="Cosine",
        lesson=2,
        reference=reference.cosine_similarity,
        parts=(
            Part("rows that point somewhere", 1, rows_that_point_somewhere),
            Part("rows of zeros", 1, rows_of_zeros),
        ),
        mistakes=(
            dot_products,
            without_the_norms_of_b,
            without_the_norms_of_a,
            squared_norms,
            nan_for_zeros,
            distance,
            transposed,
            norms_of_columns,
            one_norm_for_all,
            a_small_number_added,
            a_floor_under_the_norms,
            not_transposed,
            without_a_sign,
            in_lists,
        ),
    )


def _nearest() -> Exercise:
    def the_nearest_rows(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[0.0, 1.0], [1.0, 1.0], [3.0, 0.1]]), np.array([1.0, 0.0]), 2, ()))
        yield Case((np.array([[9.0, 9.0], [1.0, 0.1], [-1.0, 0.0]]), np.array([0.1, 0.0]), 3, ()))
        yield Case((np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([1.0, 0.0]), 1, ()))  # the row itself is not left out
        for vocab, dim, k in ((4, 2, 2), (6, 3, 1), (8, 4, 8), (9, 5, 4)):
            yield Case((_rows(rng, vocab, dim) * rng.choice([0.1, 1, 10], size=(vocab, 1)), _rows(rng, dim), k, ()))

    def some_are_excluded(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[1.0, 0.0], [1.0, 0.2], [0.0, 1.0]]), np.array([1.0, 0.0]), 1, (0,)))
        for vocab, dim, k in ((6, 3, 2), (8, 2, 3), (9, 4, 5)):
            E = _rows(rng, vocab, dim)
            exclude = rng.permutation(vocab)[:3].tolist()
            yield Case((E, E[exclude[0]], k, exclude))
        yield Case((np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.2]]), np.array([1.0, 0.0]), 1, (0, 2)))
        yield Case(
            (np.array([[1.0, 0.0], [-2.0, 0.0], [0.0, 1.0]]), np.array([3.0, 0.0]), 2, [0])
        )  # a cosine of −1 may win

    def equal_rows(rng: Rng) -> Iterator[Case]:
        yield Case((np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]), np.array([2.0, 0.0]), 2, ()))
        E = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        yield Case((E, np.array([0.0, 3.0]), 4, ()))
        yield Case((E, np.array([3.0, 0.0]), 2, [0]))
        E = np.eye(3)[rng.integers(0, 3, size=40)]  # NumPy's quick sort keeps the order of 16 or fewer
        yield Case((E, np.array([0.1, 0.2, 0.3]), 30, [7]))

    def similarities(E, vector):
        return reference.cosine_similarity(E, np.asarray(vector)[None])[:, 0]

    def ranked(score, k, exclude):
        score = np.array(score, dtype=float)
        score[list(exclude)] = -np.inf
        return np.argsort(-score, kind="stable")[:k]

    @mistake("The least similar come first. `np.argsort` sorts upwards: sort the *negative* similarities.")
    def worst_first(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[list(exclude)] = np.inf
        return np.argsort(score, kind="stable")[:k]

    @mistake("Excluded ids are among them. Give them the worst similarity, `-np.inf`, before you sort.")
    def exclusion_forgotten(E, vector, k, exclude=()):
        return reference.nearest(E, vector, k)

    @mistake("You rank by the dot product, in which a long row wins by its length. Divide by the norms of the rows.")
    def by_dot_product(E, vector, k, exclude=()):
        return ranked(E @ vector, k, exclude)

    @mistake("You rank by distance, in which a long row is far from everything. Cosine compares directions alone.")
    def by_distance(E, vector, k, exclude=()):
        return ranked(-np.linalg.norm(E - vector, axis=1), k, exclude)

    @mistake(
        "Of equally similar rows, the higher id comes first: that is what sorting upwards and turning round does. Sort the "
        "negative similarities, with `kind='stable'`."
    )
    def ties_to_the_higher_id(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[list(exclude)] = -np.inf
        return np.argsort(score, kind="stable")[::-1][:k]

    @mistake("These are the similarities. What is asked for are the ids of the rows: `np.argsort` gives them.")
    def similarities_for_ids(E, vector, k, exclude=()):
        return similarities(E, vector)[reference.nearest(E, vector, k, exclude)]

    @mistake(
        "You took the excluded rows out of the table, and all rows behind them got other numbers. Leave the table as it is "
        "and give excluded rows the similarity `-np.inf`."
    )
    def rows_removed(E, vector, k, exclude=()):
        return reference.nearest(np.delete(E, list(exclude), axis=0), vector, k)

    @mistake("You exclude after you have chosen k, so fewer than k are left. Exclude first.")
    def excluded_too_late(E, vector, k, exclude=()):
        return np.array([i for i in reference.nearest(E, vector, k) if i not in list(exclude)])

    @mistake(
        "An excluded row must come last whatever the others are, and cosines go down to −1: with 0 or −1 in its place it "
        "still beats some. Use `-np.inf`."
    )
    def zero_for_the_excluded(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[list(exclude)] = 0
        return np.argsort(-score, kind="stable")[:k]

    @mistake(
        "Excluded rows come first: `np.argsort` sorts upwards, and −inf is the smallest of all. Sort the *negative* "
        "similarities."
    )
    def excluded_first(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[list(exclude)] = -np.inf
        return np.argsort(score, kind="stable")[:k]

    @mistake(
        "A tuple in brackets is one index, not a list of ids: `score[(0, 2)]` asks for row 0, column 2, and `score[()]` for "
        "everything. Write `score[list(exclude)]`."
    )
    def a_tuple_as_an_index(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[exclude] = -np.inf
        return np.argsort(-score, kind="stable")[:k]

    @mistake("Equally near rows come in any order: NumPy's usual sort does not keep it. Say `kind='stable'`.")
    def not_stable(E, vector, k, exclude=()):
        score = (E * vector).sum(axis=1) / np.sqrt((E * E).sum(axis=1))
        score[list(exclude)] = -np.inf
        return np.argsort(-score)[:k]

    @mistake("The best one is dropped, as if it were the word itself. What may not be among them stands in `exclude`.")
    def the_first_dropped(E, vector, k, exclude=()):
        score = similarities(E, vector)
        score[list(exclude)] = -np.inf
        return np.argsort(-score, kind="stable")[1 : k + 1]

    @mistake("These are the right rows of E. What is asked for are their ids.")
    def rows_for_ids(E, vector, k, exclude=()):
        return E[reference.nearest(E, vector, k, exclude)]

    @mistake("The ids are right, in a list. Return a NumPy array.")
    def in_a_list(E, vector, k, exclude=()):
        return reference.nearest(E, vector, k, exclude).tolist()

    return Exercise(
        name="nearest",
        title="Neighbours",
        lesson=2,
        reference=reference.nearest,
        parts=(
            Part("the nearest rows", 1, the_nearest_rows, dtype="kind"),
            Part("some are excluded", 1, some_are_excluded, dtype="kind"),
            Part("equally near: the lower id first", 1, equal_rows, dtype="kind"),
        ),
        mistakes=(
            worst_first,
            exclusion_forgotten,
            by_dot_product,
            by_distance,
            ties_to_the_higher_id,
            similarities_for_ids,
            rows_removed,
            excluded_too_late,
            zero_for_the_excluded,
            excluded_first,
            a_tuple_as_an_index,
            not_stable,
            the_first_dropped,
            rows_for_ids,
            in_a_list,
        ),
    )


def _batch(rng: Rng, n: int, k: int, vocab: int = 5, dim: int = 3) -> tuple:
    W, C = _rows(rng, vocab, dim), _rows(rng, vocab, dim)
    return W, C, _text(rng, n, vocab), _text(rng, n, vocab), rng.integers(0, vocab, size=(n, k))


def _scores(W, C, centers, contexts, negatives):
    seen = np.einsum("nd,nd->n", W[centers], C[contexts])
    return seen, np.einsum("nd,nkd->nk", W[centers], C[negatives])


def _minus_ln_sigmoid(x):
    return np.logaddexp(0, -x)


def _sgns_loss() -> Exercise:
    def one_pair(rng: Rng) -> Iterator[Case]:
        for k in (1, 1, 2, 3):
            yield Case(_batch(rng, 1, k))

    def many_pairs(rng: Rng) -> Iterator[Case]:
        for n, k in ((2, 1), (3, 2), (6, 5), (10, 3), (4, 1)):
            yield Case(_batch(rng, n, k))

    def large_scores(rng: Rng) -> Iterator[Case]:
        W, C, *ids = _batch(rng, 2, 2)
        yield Case((1000 * np.ones_like(W), -np.ones_like(C), *ids))
        yield Case((1000 * np.ones_like(W), np.ones_like(C), *ids))
        yield Case((100 * W, 100 * C, *ids))

    @mistake(
        "The negatives are treated like contexts that were seen. They should be *un*likely: −ln σ(−score) for each of them."
    )
    def no_minus_for_the_negatives(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(noise).sum(axis=1)))

    @mistake("This is the sum over the pairs. Divide by their number, so that the loss does not grow with the batch.")
    def sum_over_the_pairs(W, C, centers, contexts, negatives):
        return len(centers) * reference.sgns_loss(W, C, centers, contexts, negatives)

    @mistake("You take the mean over the negatives of a pair. The loss sums over them: each is a question of its own.")
    def mean_over_the_negatives(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise).mean(axis=1)))

    @mistake("The sign is the wrong way round: a logarithm of a probability is negative, and a loss is minus that.")
    def negative_loss(W, C, centers, contexts, negatives):
        return -reference.sgns_loss(W, C, centers, contexts, negatives)

    @mistake("The negatives are missing. With pairs that were seen alone, rows that all point one way have no loss.")
    def no_negatives(W, C, centers, contexts, negatives):
        seen, _ = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen)))

    @mistake("Contexts and negatives have their rows in C. You read them from W.")
    def all_from_w(W, C, centers, contexts, negatives):
        return reference.sgns_loss(W, W, centers, contexts, negatives)

    @mistake("The negatives have their rows in C, like the contexts. You read them from W.")
    def negatives_from_w(W, C, centers, contexts, negatives):
        seen, _ = _scores(W, C, centers, contexts, negatives)
        _, noise = _scores(W, W, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise).sum(axis=1)))

    @mistake("The contexts have their rows in C. You read them from W.")
    def contexts_from_w(W, C, centers, contexts, negatives):
        seen, _ = _scores(W, W, centers, contexts, negatives)
        _, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise).sum(axis=1)))

    @mistake("Centers have their rows in W and contexts in C. You read them the other way round.")
    def tables_exchanged(W, C, centers, contexts, negatives):
        return reference.sgns_loss(C, W, centers, contexts, negatives)

    @mistake(
        "Both signs are turned. `np.logaddexp(0, x)` is −ln σ(−x): for a pair that was seen it wants the *negative* score, for a "
        "negative sample the score as it is."
    )
    def both_signs_turned(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(-seen) + _minus_ln_sigmoid(noise).sum(axis=1)))

    @mistake("The share of the negatives is subtracted. `logaddexp` has the minus of the formula in it already: add.")
    def negatives_subtracted(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) - _minus_ln_sigmoid(-noise).sum(axis=1)))

    @mistake(
        "The scores of the negatives are added before the logarithm. Each is a question of its own: first −ln σ, then add."
    )
    def summed_before_the_logarithm(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise.sum(axis=1))))

    @mistake("The mean is taken over all k + 1 questions of a pair. They are added; the mean is over the pairs.")
    def mean_over_all_questions(W, C, centers, contexts, negatives):
        return reference.sgns_loss(W, C, centers, contexts, negatives) / (1 + negatives.shape[1])

    @mistake("This is in bits, with the logarithm to base 2. Use the natural one.")
    def in_bits(W, C, centers, contexts, negatives):
        return reference.sgns_loss(W, C, centers, contexts, negatives) / float(np.log(2))

    @mistake("This adds probabilities of being wrong, 1 − σ. The loss adds their −ln: −ln σ(score) and −ln σ(−score).")
    def wrongness_for_logarithms(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(1 - sigmoid(seen) + sigmoid(noise).sum(axis=1)))

    @mistake("The negatives are compared with the context. They stand against the *center*: W[center] · C[negative].")
    def negatives_against_the_context(W, C, centers, contexts, negatives):
        seen, _ = _scores(W, C, centers, contexts, negatives)
        noise = np.einsum("nd,nkd->nk", C[contexts], C[negatives])
        return float(np.mean(_minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise).sum(axis=1)))

    @mistake(
        "For scores far from 0, σ is exactly 0 for the computer, and ln 0 is −inf. −ln σ(x) is ln(1 + e^−x): "
        "`np.logaddexp(0, -x)` computes it without ever leaving the numbers."
    )
    def logarithm_of_zero(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        with np.errstate(all="ignore"):
            return float(np.mean(-np.log(sigmoid(seen)) - np.log(sigmoid(-noise)).sum(axis=1)))

    @mistake("The logarithms are missing: this adds probabilities.")
    def without_logarithms(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return float(np.mean(-sigmoid(seen) - sigmoid(-noise).sum(axis=1)))

    @mistake("This is the loss of each pair. Return its mean, one number.")
    def one_loss_a_pair(W, C, centers, contexts, negatives):
        seen, noise = _scores(W, C, centers, contexts, negatives)
        return _minus_ln_sigmoid(seen) + _minus_ln_sigmoid(-noise).sum(axis=1)

    return Exercise(
        name="sgns_loss",
        title="The loss",
        lesson=2,
        reference=reference.sgns_loss,
        parts=(
            Part("one pair", 1, one_pair, dtype="kind"),
            Part("many pairs", 1, many_pairs, dtype="kind"),
            Part("large scores", 1, large_scores, dtype="kind"),
        ),
        mistakes=(
            no_minus_for_the_negatives,
            sum_over_the_pairs,
            mean_over_the_negatives,
            negative_loss,
            no_negatives,
            all_from_w,
            negatives_from_w,
            contexts_from_w,
            tables_exchanged,
            both_signs_turned,
            negatives_subtracted,
            summed_before_the_logarithm,
            mean_over_all_questions,
            in_bits,
            wrongness_for_logarithms,
            negatives_against_the_context,
            logarithm_of_zero,
            without_logarithms,
            one_loss_a_pair,
        ),
    )


def _slope_of_seen(x):
    return sigmoid(x) - 1


def _gradients(W, C, centers, contexts, negatives, add=np.add.at, of_seen=_slope_of_seen, of_negatives=sigmoid, n=None):
    """`sgns_gradients` with parts that can be exchanged."""
    n = n or len(centers)
    seen, noise = _scores(W, C, centers, contexts, negatives)
    seen, noise = of_seen(seen) / n, of_negatives(noise) / n
    dW, dC = np.zeros_like(W), np.zeros_like(C)
    add(dW, centers, seen[:, None] * C[contexts] + np.einsum("nk,nkd->nd", noise, C[negatives]))
    add(dC, contexts, seen[:, None] * W[centers])
    add(dC, negatives, noise[:, :, None] * W[centers][:, None, :])
    return dW, dC


def _add_with_brackets(table, ids, rows):
    table[ids] += rows


def _sgns_gradients() -> Exercise:
    def no_row_twice(rng: Rng) -> Iterator[Case]:
        for _ in range(3):
            W, C = _rows(rng, 4, 3), _rows(rng, 6, 3)
            ids = rng.permutation(6)
            yield Case((W, C, rng.permutation(4)[:1], ids[:1], ids[None, 1:3]))
        W, C, ids = _rows(rng, 4, 2), _rows(rng, 6, 2), rng.permutation(6)
        yield Case((W, C, rng.permutation(4)[:2], ids[:2], ids[2:].reshape(2, 2)))

    def rows_that_come_again(rng: Rng) -> Iterator[Case]:
        for n, k in ((2, 1), (3, 2), (6, 4), (9, 3)):
            W, C, centers, contexts, negatives = _batch(rng, n, k)
            centers[1], contexts[1], negatives[1] = centers[0], contexts[0], negatives[0]
            negatives[1, 0] = contexts[0]
            yield Case((W, C, centers, contexts, negatives))

    @mistake(
        "`gradient[ids] += …` keeps one of several equal ids, as in lesson 1. `np.add.at(gradient, ids, …)` adds all of them."
    )
    def lossy(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, add=_add_with_brackets)

    @mistake("This is the gradient of the sum. The loss is the mean over n pairs: divide by n.")
    def gradient_of_the_sum(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, n=1)

    @mistake("The sign is wrong everywhere: this is the direction of a step, downhill. The gradient points uphill.")
    def downhill(W, C, centers, contexts, negatives):
        dW, dC = reference.sgns_gradients(W, C, centers, contexts, negatives)
        return -dW, -dC

    @mistake("The negatives pull here. The slope of −ln σ(−x) is +σ(x): a negative pushes by what its σ exceeds 0.")
    def negatives_that_pull(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: sigmoid(x) - 1)

    @mistake("The negatives have no part in this. They push their center's row, and their own rows in C.")
    def without_negatives(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: 0 * x)

    @mistake(
        "The rows of C that were negatives get nothing. Each is pushed away from the center: by σ(score) · W[center] / n."
    )
    def negatives_do_not_move(W, C, centers, contexts, negatives):
        dC = _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: 0 * x)[1]
        return reference.sgns_gradients(W, C, centers, contexts, negatives)[0], dC

    @mistake(
        "The negatives do not move their center. Its row is pushed away from each of them: by σ(score) · C[negative] / n, added "
        "to what the context pulls."
    )
    def center_not_pushed(W, C, centers, contexts, negatives):
        dW = _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: 0 * x)[0]
        return dW, reference.sgns_gradients(W, C, centers, contexts, negatives)[1]

    @mistake("The contexts get nothing in C. Each is pulled towards its center: by (σ(score) − 1) · W[center] / n.")
    def contexts_do_not_move(W, C, centers, contexts, negatives):
        dW, dC = _gradients(W, C, centers, contexts, negatives)
        seen = (sigmoid(_scores(W, C, centers, contexts, negatives)[0]) - 1) / len(centers)
        np.add.at(dC, contexts, -seen[:, None] * W[centers])
        return dW, dC

    @mistake("For a pair that was seen the slope of −ln σ(x) is σ(x) − 1, which is negative: it pulls. Yours is σ(x).")
    def seen_pairs_that_push(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, of_seen=sigmoid)

    @mistake("The slope of −ln σ(−x) is σ(x). Yours is 1 − σ(x), as if the sample had been seen.")
    def one_minus_sigma_for_negatives(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: 1 - sigmoid(x))

    @mistake("The slope of −ln σ(−x) is +σ(x). Yours has a minus: the negatives pull.")
    def minus_sigma_for_negatives(W, C, centers, contexts, negatives):
        return _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: -sigmoid(x))

    @mistake("σ(1 − σ) is the slope of σ itself. Of −ln σ, what is left is σ − 1; of −ln σ(−x), σ.")
    def slope_of_sigma(W, C, centers, contexts, negatives):
        def slope(x):
            return sigmoid(x) * (1 - sigmoid(x))

        return _gradients(W, C, centers, contexts, negatives, of_seen=lambda x: -slope(x), of_negatives=slope)

    @mistake("The share of the negatives is averaged over k. The loss adds them up, so their slopes add up too.")
    def negatives_averaged(W, C, centers, contexts, negatives):
        k = negatives.shape[1]
        return _gradients(W, C, centers, contexts, negatives, of_negatives=lambda x: sigmoid(x) / k)

    @mistake(
        "The rows are exchanged: the slope along W[center] is made of rows of C, and the slope along rows of C of W[center]."
    )
    def rows_exchanged(W, C, centers, contexts, negatives):
        n = len(centers)
        seen, noise = _scores(W, C, centers, contexts, negatives)
        seen, noise = (sigmoid(seen) - 1) / n, sigmoid(noise) / n
        dW, dC = np.zeros_like(W), np.zeros_like(C)
        np.add.at(dW, centers, seen[:, None] * W[centers] + noise.sum(axis=1)[:, None] * W[centers])
        np.add.at(dC, contexts, seen[:, None] * C[contexts])
        np.add.at(dC, negatives, noise[:, :, None] * C[negatives])
        return dW, dC

    @mistake("The two gradients are exchanged: return that of W first, then that of C.")
    def exchanged(W, C, centers, contexts, negatives):
        return reference.sgns_gradients(W, C, centers, contexts, negatives)[::-1]

    @mistake(
        "This is the slope along σ, not along the score: −1/σ and 1/(1 − σ). By the chain rule times σ (1 − σ), and what is left "
        "is short: σ − 1 for a pair that was seen, σ for a negative."
    )
    def chain_rule_forgotten(W, C, centers, contexts, negatives):
        n = len(centers)
        seen, noise = _scores(W, C, centers, contexts, negatives)
        seen, noise = -1 / sigmoid(seen) / n, 1 / (1 - sigmoid(noise)) / n
        dW, dC = np.zeros_like(W), np.zeros_like(C)
        np.add.at(dW, centers, seen[:, None] * C[contexts] + np.einsum("nk,nkd->nd", noise, C[negatives]))
        np.add.at(dC, contexts, seen[:, None] * W[centers])
        np.add.at(dC, negatives, noise[:, :, None] * W[centers][:, None, :])
        return dW, dC

    return Exercise(
        name="sgns_gradients",
        title="The gradient",
        lesson=2,
        reference=reference.sgns_gradients,
        parts=(
            Part("no row comes twice", 1, no_row_twice, dtype="kind"),
            Part("rows that come again", 1, rows_that_come_again, dtype="kind"),
        ),
        mistakes=(
            lossy,
            gradient_of_the_sum,
            downhill,
            negatives_that_pull,
            without_negatives,
            negatives_do_not_move,
            center_not_pushed,
            contexts_do_not_move,
            seen_pairs_that_push,
            one_minus_sigma_for_negatives,
            minus_sigma_for_negatives,
            slope_of_sigma,
            negatives_averaged,
            rows_exchanged,
            exchanged,
            chain_rule_forgotten,
        ),
        core=False,
    )


def _sgns_target(times: int, k: int) -> Exercise:
    pmi = float(np.log(times))

    def sgns_target():
        return {"pmi": pmi, "score": pmi - float(np.log(k)), "probability": float(sigmoid(pmi - np.log(k)))}

    @mistake("The negatives pull every score down by ln k. Yours is the PMI itself, where no negatives would lead.")
    def without_ln_k():
        return {"pmi": pmi, "score": pmi, "probability": float(sigmoid(pmi))}

    @mistake("ln k is subtracted: with more negatives a made-up pair is likelier, so scores sink.")
    def ln_k_added():
        return {"pmi": pmi, "score": pmi + float(np.log(k)), "probability": float(sigmoid(pmi + np.log(k)))}

    @mistake("k itself is subtracted. What is subtracted is its logarithm, ln k.")
    def k_for_ln_k():
        return {"pmi": pmi, "score": pmi - k, "probability": float(sigmoid(pmi - k))}

    @mistake("These are logarithms to base 2. The course uses the natural logarithm, `np.log`.")
    def in_bits():
        score = float(np.log2(times) - np.log2(k))
        return {"pmi": float(np.log2(times)), "score": score, "probability": float(sigmoid(score))}

    @mistake("These are logarithms to base 10. The course uses the natural logarithm, `np.log`.")
    def base_ten():
        score = float(np.log10(times) - np.log10(k))
        return {"pmi": float(np.log10(times)), "score": score, "probability": float(sigmoid(score))}

    @mistake("You wrote the ratio to chance. PMI is its logarithm.")
    def the_ratio_for_pmi():
        return {"pmi": times, "score": pmi - float(np.log(k)), "probability": float(sigmoid(pmi - np.log(k)))}

    @mistake("This takes the score for a probability. Bend it with σ: a probability of “seen” lies between 0 and 1.")
    def score_for_probability():
        return {"pmi": pmi, "score": pmi - float(np.log(k)), "probability": pmi - float(np.log(k))}

    @mistake("σ has to be taken of the score, PMI − ln k, not of the PMI.")
    def sigmoid_of_pmi():
        return {"pmi": pmi, "score": pmi - float(np.log(k)), "probability": float(sigmoid(pmi))}

    return Exercise(
        name="sgns_target",
        title="Where a score ends",
        lesson=2,
        reference=sgns_target,
        parts=(
            entry_part("the PMI", "pmi", within=0.005),
            entry_part("the score that is learned", "score", within=0.005),
            entry_part("the probability given to “seen”", "probability", within=0.005),
        ),
        mistakes=(
            without_ln_k,
            ln_k_added,
            k_for_ln_k,
            in_bits,
            base_ten,
            the_ratio_for_pmi,
            score_for_probability,
            sigmoid_of_pmi,
        ),
        core=False,
    )


EXERCISES = (
    _skipgram_pairs(),
    _cooccurrence(),
    _ppmi(),
    _cosine_similarity(),
    _nearest(),
    _sgns_loss(),
    _sgns_gradients(),
    with_numbers(
        _sgns_target,
        {"times": 10, "k": 5},
        *({"times": times, "k": k} for times in (8, 12, 20, 30, 40) for k in (2, 3, 4)),
    ),
    *ANALOGY_EXERCISES,
)
