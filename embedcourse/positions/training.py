"""One attention layer that has to find a token by its place: trained on 32 places, tested on up to 256.

Taught in lesson 7, in torch; lesson 9 reads the runs with RoPE again. A text is random tokens, so that only places can
tell where to look, and a model is as small as it can be: an embedding matrix, one causal attention layer of one head, and
a head for the logits. There is no other way from a token to a logit than through the attention.

`python -m embedcourse.positions.training` trains all of them and writes `lengths.json`, which the lesson shows (about
two minutes). Not here: tricks that make a trained model read on (lesson 9); for these `OneLayer` takes `positions` that
may be fractions, and `frequencies` that may be replaced.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from embedcourse.rope import rotate
from embedcourse.text import grammar_text
from embedcourse.tying.training import how_it_was_run

VOCAB, DIM = 16, 64
TRAINED = 32  # places that a text has in training
LENGTHS = (32, 48, 64, 128, 256)  # that a text has in tests
SCHEMES = ("learned", "sinusoidal", "rope", "alibi", "none")
SLOPE = 0.5  # of ALiBi: the steepest of the eight heads in its paper
SEEDS = range(5)
STEPS, BATCH, RATE = 300, 32, 0.01
STD = 0.3  # the standard deviation that all rows begin with
SCALES = (0.02, 0.1, 0.3, 1.0)  # others: 0.02 is usual in language models, 1 is what torch begins with
TEXTS = LENGTHS[-1] - TRAINED  # of a test: one for each row that is never trained
STORED = Path(__file__).with_name("lengths.json")


class OneLayer(nn.Module):
    """Embedding matrix, one causal attention layer, head; `scheme` says how it is told where a token stands.

    learned     a row of `P` is added to the token's, and `P` is trained; it has rows that training never reads
    sinusoidal  sines and cosines are added
    rope        queries and keys are turned by their position (lesson 8)
    alibi       every score loses `slope` for each place between query and key (Press et al. 2022, arXiv 2108.12409)
    none        it is not told; the causal mask is all it has

    positions  in every method: where the tokens stand, 0, 1, 2, … if nothing else is said; (length,), or (texts, length)
    """

    def __init__(
        self, scheme: str, std: float = STD, vocab_size: int = VOCAB, dim: int = DIM, slope: float = SLOPE
    ) -> None:
        if scheme not in SCHEMES:
            raise ValueError(f"there is no scheme {scheme!r}; there are {', '.join(SCHEMES)}")
        super().__init__()
        self.scheme, self.slope = scheme, slope
        self.E = nn.Embedding(vocab_size, dim)
        nn.init.normal_(self.E.weight, std=std)
        if scheme == "learned":
            self.P = nn.Embedding(LENGTHS[-1], dim)
            nn.init.normal_(self.P.weight, std=std)
        self.query, self.key, self.value = (nn.Linear(dim, dim) for _ in range(3))
        self.head = nn.Linear(dim, vocab_size)
        self.register_buffer("frequencies", 10_000.0 ** (-torch.arange(0, dim, 2) / dim))

    def forward(self, ids: Int[Tensor, "n length"], positions: Tensor | None = None) -> Float[Tensor, "n length vocab"]:
        """The logits at every place."""
        positions = _places(ids, positions)
        x = self.rows(ids, positions)
        return self.head(self._attend(x, positions) @ self.value(x))

    def weights(
        self, ids: Int[Tensor, "n length"], positions: Tensor | None = None
    ) -> Float[Tensor, "n length length"]:
        """How much each place looks at each: a row for each query."""
        positions = _places(ids, positions)
        return self._attend(self.rows(ids, positions), positions)

    def rows(self, ids: Int[Tensor, "n length"], positions: Tensor | None = None) -> Float[Tensor, "n length dim"]:
        """What enters the layer: the token's row and, if positions are added, the position's."""
        positions = _places(ids, positions)
        if self.scheme == "learned":
            return self.E(ids) + self.P(positions)
        if self.scheme == "sinusoidal":
            angles = positions[..., None] * self.frequencies
            return self.E(ids) + torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)
        return self.E(ids)

    def _attend(self, x: Tensor, positions: Tensor) -> Tensor:
        q, k = self.query(x), self.key(x)
        if self.scheme == "rope":
            q, k = (rotate(x, positions, inv_freq=self.frequencies) for x in (q, k))
        scores = q @ k.mT / q.shape[-1] ** 0.5
        if self.scheme == "alibi":
            scores = scores - self.slope * (positions[..., :, None] - positions[..., None, :])
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        return scores.masked_fill(later, -torch.inf).softmax(dim=-1)


def previous(ids: Int[Tensor, "n length"]) -> Int[Tensor, "n length-1"]:
    """The answers of *before*, which is called "previous" here, at every place but 0: the token before."""
    return ids[:, :-1]


def first(ids: Int[Tensor, "n length"]) -> Int[Tensor, "n length-1"]:
    """The answers of *first*, at every place but 0: the token that the text begins with."""
    return ids[:, :1].expand(-1, ids.shape[1] - 1)


TASKS = {"previous": previous, "first": first}
Batch = tuple[Tensor, Tensor, Tensor]  # ids, the right answers, positions


def train(
    task: str, scheme: str, seed: int, std: float = STD, anywhere: bool = False, slope: float = SLOPE
) -> OneLayer:
    """A model that has been trained for one task on random texts of 32 tokens: about a second.

    anywhere  each text begins at a place drawn by lot, so that all 256 places are trained, though no text is longer
    """
    torch.manual_seed(seed)
    model = OneLayer(scheme, std, slope=slope)

    def draw() -> Batch:
        ids = torch.randint(VOCAB, (BATCH, TRAINED))
        places = torch.arange(TRAINED)
        if anywhere:
            places = places + torch.randint(LENGTHS[-1] - TRAINED + 1, (BATCH, 1))
        return ids, TASKS[task](ids), places

    return _fit(model, draw)


def train_on_grammar(seed: int, std: float = SCALES[0]) -> OneLayer:
    """A model with learned positions that has been trained to predict the next word of the course's grammar."""
    words = [word for sentence in grammar_text() for word in sentence]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    windows = torch.tensor([vocabulary[word] for word in words]).unfold(0, TRAINED + 1, 1)
    torch.manual_seed(seed)
    model = OneLayer("learned", std, len(vocabulary))

    def draw() -> Batch:
        some = windows[torch.randint(len(windows), (BATCH,))]
        return some[:, :-1], some[:, 1:], torch.arange(TRAINED)

    return _fit(model, draw)


def _fit(model: OneLayer, draw: Callable[[], Batch]) -> OneLayer:
    """Adam on batches of texts, answers, which belong to the last places of each text, and positions."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(STEPS):
        ids, answers, places = draw()
        logits = model(ids, places)[:, -answers.shape[1] :]
        optimizer.zero_grad()
        F.cross_entropy(logits.flatten(0, 1), answers.flatten()).backward()
        optimizer.step()
    return model


@torch.no_grad()
def accuracy_by_place(
    model: OneLayer, task: str, length: int = LENGTHS[-1], positions: Tensor | None = None
) -> Float[Tensor, " length-1"]:
    """The share of 224 new texts that a model answers right, at each place but 0. A guess is right once in 16 times."""
    ids = torch.randint(VOCAB, (TEXTS, length), generator=torch.Generator().manual_seed(1_000))
    right = model(ids, positions)[:, 1:].argmax(dim=-1) == TASKS[task](ids)
    return right.float().mean(dim=0)


def accuracies(model: OneLayer, task: str) -> list[float]:
    """A number for each of LENGTHS: over the places of training for 32, over those beyond them for a longer text.

    One long text tests all lengths at once, since under a causal mask no place sees what comes after it.
    """
    by_place = accuracy_by_place(model, task)
    seen, beyond = by_place[: TRAINED - 1], by_place[TRAINED - 1 :]
    means = [seen.mean(), *(beyond[: length - TRAINED].mean() for length in LENGTHS[1:])]
    return [round(mean.item(), 3) for mean in means]


def with_an_untrained_row(model: OneLayer, task: str, place: int) -> float:
    """The accuracy at the last trained place, 31, when the token at `place` gets the row of a position beyond training.

    Every text gets another of the 224 rows. It tells which rows an answer hangs on: place 31 asks, the others are asked.
    """
    positions = torch.arange(TRAINED).repeat(TEXTS, 1)
    positions[:, place] = torch.arange(TRAINED, LENGTHS[-1])
    return round(accuracy_by_place(model, task, TRAINED, positions)[-1].item(), 3)


def run(task: str, scheme: str, seed: int, std: float = STD, slope: float = SLOPE) -> list[float]:
    """The accuracies of one run, a number for each of LENGTHS."""
    return accuracies(train(task, scheme, seed, std, slope=slope), task)


def all_lengths() -> dict:
    """All runs, with what is needed to repeat them."""
    torch.set_num_threads(1)
    learned = {task: [train(task, "learned", seed) for seed in SEEDS] for task in TASKS}
    from_small = {task: train(task, "learned", SEEDS[0], SCALES[0]) for task in TASKS}
    from_small["grammar"] = train_on_grammar(SEEDS[0])
    return {
        **how_it_was_run("embedcourse.positions.training"),
        "seeds": list(SEEDS),
        "steps": STEPS,
        "trained": TRAINED,
        "lengths": list(LENGTHS),
        "accuracies": {
            task: {scheme: [run(task, scheme, seed) for seed in SEEDS] for scheme in SCHEMES} for task in TASKS
        },
        "scales": {
            std: {task: [run(task, "learned", seed, std) for seed in SEEDS] for task in TASKS} for std in SCALES
        },
        "untrained": {
            task: [[with_an_untrained_row(model, task, place) for place in range(TRAINED)] for model in models]
            for task, models in learned.items()
        },
        "rows": {
            "std": SCALES[0],
            "seed": SEEDS[0],
            **{task: _rounded(model.P.weight[:TRAINED]) for task, model in from_small.items()},
        },
    }


def stored_lengths() -> dict:
    """What `all_lengths` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def _places(ids: Tensor, positions: Tensor | None) -> Tensor:
    return torch.arange(ids.shape[-1]) if positions is None else positions


def _rounded(rows: Tensor) -> list[list[float]]:
    return [[round(number, 3) for number in row] for row in rows.tolist()]


def a_line_a_list(text: str) -> str:
    """JSON with the innermost lists in one line each, for people who read the file."""
    return re.sub(r"\[[^][{}]*\]", lambda found: json.dumps(json.loads(found[0])), text)


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(all_lengths(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
