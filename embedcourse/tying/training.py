"""A small language model, what it reads, and the arms of lesson 4: untied, tied, and two controls.

`python -m embedcourse.tying.training` trains all of them and writes `arms.json`, which the lesson shows (some ten minutes).
"""

import json
import platform
import sys
from datetime import date
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from embedcourse.text import grammar_text
from embedcourse.tying.reference import count_parameters, cross_entropy, tie, unembed

CONTEXT = 3  # rows that the model sees
HIDDEN = 64
ARMS = ("untied", "tied", "tied and wider", "tied to another word")
AMOUNTS = (4_000, 16_000, 64_000, 160_000)  # tokens to learn from
HELD_OUT = 8_000
SEEDS = range(5)
STEPS, BATCH, LOOKS = 1_000, 512, 25  # a look at the held-out tokens after every so many steps; the best one counts
SCALES = (0.02, 0.1, 0.3)  # standard deviations that the rows begin with, to see what depends on them
PATIENT = 8_000  # steps, to see what only takes longer
STORED = Path(__file__).with_name("arms.json")


class LanguageModel(nn.Module):
    """The next token from the last three: their rows side by side, one hidden layer, back to dim, all rows of the head.

    `table` and `head` start with a standard deviation of `std`, and are one matrix if `tied`. With `partners`, a word is
    said with its partner's row of the head.
    """

    def __init__(
        self,
        vocab_size: int,
        dim: int,
        hidden: int,
        tied: bool,
        std: float = 0.1,
        partners: Int[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        self.partners = partners
        self.table = nn.Embedding(vocab_size, dim)
        self.inner = nn.Linear(CONTEXT * dim, hidden)
        self.outer = nn.Linear(hidden, dim)
        self.head = nn.Linear(dim, vocab_size, bias=False)
        nn.init.normal_(self.table.weight, std=std)
        nn.init.normal_(self.head.weight, std=std)
        if tied:
            tie(self.table, self.head)

    def hidden_state(self, ids: Int[Tensor, "n 3"]) -> Float[Tensor, "n dim"]:
        """What the layers make of the three rows: a vector that is compared with every row of the head."""
        return self.outer(self.inner(self.table(ids).flatten(1)).relu())

    def forward(self, ids: Int[Tensor, "n 3"]) -> Float[Tensor, "n vocab"]:
        """The logits of the next token."""
        logits = unembed(self.hidden_state(ids), self.head.weight)
        return logits if self.partners is None else logits[:, self.partners]


def grammar_ids(tokens: int) -> tuple[Int[Tensor, " tokens"], list[str]]:
    """The first tokens of the grammar as ids, and the words that the ids stand for, those of the whole text."""
    words = [word for sentence in grammar_text() for word in sentence]
    vocabulary = {word: number for number, word in enumerate(dict.fromkeys(words))}
    return torch.tensor([vocabulary[word] for word in words[:tokens]]), list(vocabulary)


def crossed_ids(tokens: int, roles: int = 16, seed: int = 0) -> tuple[Int[Tensor, " tokens"], list[str]]:
    """A text in which what a token is followed by says nothing about what it follows.

    A token is a pair (calls, answers), each one of `roles`; after it comes any token that answers what it calls. So
    half of a row would do for reading, the other half for being said, and no two tokens agree in both.
    """
    calls = np.random.default_rng(seed).integers(roles, size=tokens + 1)
    words = [f"{call}-{answer}" for call in range(roles) for answer in range(roles)]
    return torch.from_numpy(calls[1:] * roles + calls[:-1]), words


# Who writes a text, how many numbers a row has in the models that read it, and which arms are run on it.
TEXTS = {
    "grammar": (grammar_ids, 16, ARMS),
    "crossed": (crossed_ids, 4, ARMS),
    "grammar, shorter rows": (grammar_ids, 4, ARMS[:2]),
    "crossed, longer rows": (crossed_ids, 16, ARMS[:2]),
}


def windows(ids: Int[Tensor, " tokens"]) -> tuple[Int[Tensor, "n 3"], Int[Tensor, " n"]]:
    """Every three tokens in a row, and the token after them."""
    return ids.unfold(0, CONTEXT, 1)[:-1], ids[CONTEXT:]


def train(model: LanguageModel, ids: Tensor, held_out: Tensor, steps: int, seed: int, looks: int = LOOKS) -> float:
    """Train with Adam on batches of `ids`; the lowest loss on the held-out tokens that a look has seen, in nats."""
    contexts, targets = windows(ids)
    unseen, answers = windows(held_out)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    best = float("inf")
    for step in range(1, steps + 1):
        batch = torch.randint(len(targets), (BATCH,), generator=generator)
        optimizer.zero_grad()
        cross_entropy(model(contexts[batch]), targets[batch]).backward()
        optimizer.step()
        if step % looks == 0:
            with torch.no_grad():
                best = min(best, cross_entropy(model(unseen), answers).item())
    return best


def arm(text: str, name: str, seed: int, std: float = 0.1) -> LanguageModel:
    """A fresh model of one arm.

    The wider one spends the vocab · dim parameters that tying has saved on hidden units. The last one ties each word to
    the row of another, drawn by lot: the same parameters, without the claim that a word is read and said by the same row.
    """
    make, dim, _ = TEXTS[text]
    vocab_size = len(make(0)[1])
    wider = vocab_size * dim // ((CONTEXT + 1) * dim + 1) if name == "tied and wider" else 0
    torch.manual_seed(seed)
    partners = torch.randperm(vocab_size) if name == "tied to another word" else None
    return LanguageModel(vocab_size, dim, HIDDEN + wider, tied=name != "untied", std=std, partners=partners)


def run(text: str, amount: int, name: str, seed: int, steps: int = STEPS, std: float = 0.1) -> float:
    """The best held-out loss of one arm on the first `amount` tokens of a text."""
    ids, _ = TEXTS[text][0](amount + HELD_OUT)
    return train(arm(text, name, seed, std), ids[HELD_OUT:], ids[:HELD_OUT], steps, seed)


def how_it_was_run(module: str) -> dict:
    """What is kept with results that `python -m module` stores: the command, the day, the versions."""
    return {
        "command": f"python -m {module}",
        "date": date.today().isoformat(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__.partition("+")[0]},
    }


def all_arms() -> dict:
    """All arms on all texts, with what is needed to repeat them."""
    torch.set_num_threads(1)
    return {
        **how_it_was_run("embedcourse.tying.training"),
        "seeds": list(SEEDS),
        "steps": STEPS,
        "amounts": list(AMOUNTS),
        "parameters": {
            text: {name: count_parameters(arm(text, name, 0)) for name in arms} for text, (_, _, arms) in TEXTS.items()
        },
        "losses": {
            text: {name: [_runs(text, amount, name) for amount in AMOUNTS] for name in arms}
            for text, (_, _, arms) in TEXTS.items()
        },
        "patient": {
            "steps": PATIENT,
            "amount": AMOUNTS[2],
            "losses": {name: _runs("crossed", AMOUNTS[2], name, PATIENT) for name in ARMS[:2]},
        },
        "scales": {std: {name: _runs("grammar", AMOUNTS[0], name, std=std) for name in ARMS[:2]} for std in SCALES},
    }


def _runs(text: str, amount: int, name: str, steps: int = STEPS, std: float = 0.1) -> list[float]:
    return [round(run(text, amount, name, seed, steps, std), 3) for seed in SEEDS]


def stored_arms() -> dict:
    """What `all_arms` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    STORED.write_text(json.dumps(all_arms(), indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
