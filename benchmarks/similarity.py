"""What it costs to learn word vectors from the course's grammar, beside gensim's Word2Vec, in one run on one machine.

gensim is no dependency of the course: run this in an environment of its own, with
`pip install -e . gensim` there, and then `python benchmarks/similarity.py`. Without gensim its rows are left out, and said so.
Read the ratios, not the times.
"""

import os
import resource
import sys
from timeit import default_timer

import numpy as np

from embedcourse.lookup import build_vocabulary, encode
from embedcourse.similarity import analogy_accuracy, cooccurrence, question_ids, train_sgns, unit_rows
from embedcourse.text import analogy_questions, grammar_text

try:
    from gensim.models import Word2Vec
except ImportError:
    Word2Vec = None

DIM, WINDOW, NEGATIVES = 32, 5, 5
ROUNDS = 3
TOPICS, WORDS_OF_A_TOPIC, COMMON = 1_000, 45, 5_000


def timed(function):
    """The least seconds of some rounds, and the last result."""
    best, result = float("inf"), None
    for _ in range(ROUNDS):
        start = default_timer()
        result = function()
        best = min(best, default_timer() - start)
    return best, result


def gensim_vectors(sentences, epochs):
    options = {"vector_size": DIM, "window": WINDOW, "negative": NEGATIVES, "min_count": 1, "sg": 1, "workers": 2}
    return Word2Vec(sentences, epochs=epochs, seed=0, **options).wv


def small(times: int) -> None:
    sentences = grammar_text(sentences=20_000 * times)
    vocabulary = build_vocabulary(word for sentence in sentences for word in sentence)
    questions = question_ids(analogy_questions(), vocabulary)
    encoding, texts = timed(lambda: [encode(sentence, vocabulary) for sentence in sentences])
    counting, counts = timed(lambda: cooccurrence(texts, WINDOW, len(vocabulary)))
    training, (W, _) = timed(lambda: train_sgns(counts, DIM, negatives=NEGATIVES))
    ours = counting + training
    tokens = sum(map(len, sentences))
    print(
        f"\nthe grammar, {tokens:,} tokens, {len(vocabulary)} words, dim {DIM}, window {WINDOW}, {NEGATIVES} negatives"
    )
    accuracies = [analogy_accuracy(W, questions, exclude) for exclude in (True, False)]
    row("embedcourse: count and train", ours, ours, accuracies)
    print(f"    of it counting {counting / ours:.0%}; encoding the words to ids would add {encoding / ours:.0%}")
    for epochs in (1, 2, 3, 5) if Word2Vec else ():
        seconds, vectors = timed(lambda epochs=epochs: gensim_vectors(sentences, epochs))
        theirs = question_ids(analogy_questions(), vectors.key_to_index)
        accuracies = [analogy_accuracy(vectors.vectors, theirs, exclude) for exclude in (True, False)]
        row(f"gensim Word2Vec, {epochs} epochs", seconds, ours, accuracies)


def row(name: str, seconds: float, ours: float, accuracies: list[float]) -> None:
    without, among = accuracies
    print(
        f"  {name:<30} {seconds:7.3f} s  {seconds / ours:6.1f} of ours   analogies {without:.3f}, {among:.3f} with query words"
    )


def large() -> None:
    rng = np.random.default_rng(0)
    shape = (142_000, 10)
    topic = rng.choice(TOPICS, size=shape[0], p=zipf(TOPICS, 0.7))
    own = COMMON + topic[:, None] * WORDS_OF_A_TOPIC + rng.integers(WORDS_OF_A_TOPIC, size=shape)
    texts = np.where(rng.random(shape) < 0.6, own, rng.choice(COMMON, size=shape, p=zipf(COMMON, 1.0)))
    vocab_size = COMMON + TOPICS * WORDS_OF_A_TOPIC
    texts = list(texts)
    start = default_timer()
    cells = cooccurrence(texts, WINDOW, vocab_size, sparse=True)
    counting = default_timer() - start
    print(f"\na vocabulary of {vocab_size:,} words, {cells[2].sum():,} pairs in {len(cells[0]):,} different cells")
    print(f"    counting {counting:.1f} s")
    for steps in (1, 2, 4):
        start = default_timer()
        W, _ = train_sgns(cells, DIM, negatives=NEGATIVES, steps=steps)
        seconds = default_timer() - start
        print(
            f"  embedcourse, {steps} steps   {seconds:6.1f} s   same topic as the nearest word: {same_topic(W, texts):.2f}"
        )
    print(f"    peak memory of this process so far: {peak_gib():.2f} GiB")
    sentences = [[str(word) for word in text] for text in texts] if Word2Vec else []
    for epochs in (1, 2, 5) if Word2Vec else ():
        start = default_timer()
        vectors = gensim_vectors(sentences, epochs)
        seconds = default_timer() - start
        W = np.zeros((vocab_size, DIM))
        W[[int(word) for word in vectors.index_to_key]] = vectors.vectors
        print(
            f"  gensim, {epochs} epochs       {seconds:6.1f} s   same topic as the nearest word: {same_topic(W, texts):.2f}"
        )


def zipf(n: int, exponent: float) -> np.ndarray:
    weights = 1 / np.arange(1, n + 1) ** exponent
    return weights / weights.sum()


def same_topic(W: np.ndarray, texts: list[np.ndarray]) -> float:
    """Of 500 words that have a topic, the share whose nearest word has the same."""
    met = np.unique(np.concatenate(texts))
    asked = np.random.default_rng(1).choice(met[met >= COMMON], size=500, replace=False)
    unit = unit_rows(W)
    similarity = unit[asked] @ unit.T
    similarity[np.arange(len(asked)), asked] = -1
    best = similarity.argmax(axis=1)
    return float(np.mean((best - COMMON) // WORDS_OF_A_TOPIC == (asked - COMMON) // WORDS_OF_A_TOPIC))


def peak_gib() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def main() -> None:
    print(
        f"{os.cpu_count()} cores, NumPy {np.__version__}"
        + ("" if Word2Vec else "; no gensim here, its rows are left out")
    )
    small(1)
    small(10)
    large()


if __name__ == "__main__":
    main()
