"""What each choice at the input bought: one small body, ways to tell it places, tied and untied.

Taught in lesson 10, in torch. Every model reads the course's own prose in pieces of words, and differs from the others
in what is chosen at its input alone: the same two layers, the same first numbers in them, the same batches in the same
order. `python -m embedcourse.capstone.training` trains them all and writes `choices.json`;
`python -m embedcourse.capstone.training "scaled none"` trains one scheme and leaves the numbers of the others as they are.
"""

import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from embedcourse.capstone.stored import tokenizer
from embedcourse.positions import sinusoidal
from embedcourse.positions.training import a_line_a_list
from embedcourse.rope import rotate
from embedcourse.text import course_prose
from embedcourse.tying import count_parameters, unembed
from embedcourse.tying.training import how_it_was_run

SCHEMES = ("none", "learned", "sinusoidal", "small waves", "rope", "scaled none", "scaled sinusoidal", "scaled rope")
DIM, HEADS, LAYERS = 64, 4, 2
TRAINED, LONGER = 64, 128  # tokens of a text in training, and in the test on longer ones
STD = 0.02
SEEDS = range(5)
STEPS, BATCH, RATE, LOOKS = 400, 16, 3e-3, 20  # a look at the validation part after every so many steps
PATIENT = 3_200  # steps, to see what only takes longer
SLOWER = {"rate": 1e-3, "steps": 600}  # for SLOWER_SCHEMES, untied, to see what the rate alone does
SLOWER_SCHEMES = ("none", "rope", "scaled none")
LARGER = (
    8.0  # times the standard deviation that rows begin with, for the tied "sinusoidal": √dim, but not at every read
)
KEPT = ("step", "loss", "beyond")  # of each run
STORED = Path(__file__).with_name("choices.json")


class Reader(nn.Module):
    """A small language model: rows, two layers as in GPT-2, a norm, and the logits of the next token.

    scheme  how it is told where a token stands: "none" leaves it to the causal mask, "learned" adds a trained row,
            "sinusoidal" adds sines and cosines, "small waves" adds them as small as the rows of tokens begin, "rope" turns
            queries and keys; with "scaled" in front, rows are multiplied by √dim as they are read
    tied    whether it says tokens with the table that it reads them with
    seed    every matrix has its own first numbers, by its name: those of the layers are the same for all choices
    larger  rows of tokens begin so many times as large
    """

    def __init__(self, scheme: str, tied: bool, seed: int, larger: float = 1.0) -> None:
        if scheme not in SCHEMES:
            raise ValueError(f"there is no scheme {scheme!r}; there are {', '.join(SCHEMES)}")
        super().__init__()
        self.scheme = scheme
        vocab_size = tokenizer().get_vocab_size()
        self.E = nn.Embedding(vocab_size, DIM)
        if scheme == "learned":
            self.P = nn.Embedding(LONGER, DIM)
        self.blocks = nn.ModuleList(_Block(scheme.endswith("rope")) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(DIM)
        self.head = nn.Linear(DIM, vocab_size, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
                nn.init.normal_(parameter, std=STD, generator=generator)
        with torch.no_grad():
            self.E.weight *= larger
        if tied:
            self.head.weight = self.E.weight
        size = STD * 2**0.5 if scheme == "small waves" else 1.0
        self.register_buffer("waves", size * torch.from_numpy(sinusoidal(LONGER, DIM)).float())

    def forward(self, ids: Int[Tensor, "n length"]) -> Float[Tensor, "n length vocab"]:
        """The logits of the next token at every place."""
        x, length = self.E(ids), ids.shape[-1]
        if self.scheme.startswith("scaled"):
            x = x * DIM**0.5
        if self.scheme == "learned":
            x = x + self.P.weight[:length]
        elif self.scheme in ("sinusoidal", "small waves", "scaled sinusoidal"):
            x = x + self.waves[:length]
        for block in self.blocks:
            x = block(x)
        return unembed(self.norm(x), self.head.weight)


class _Block(nn.Module):
    """A layer of GPT-2: attention and an MLP, each behind its norm and added to what came in."""

    def __init__(self, turns: bool) -> None:
        super().__init__()
        self.turns = turns
        self.norm_1, self.norm_2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.qkv, self.out = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.up, self.down = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)
        for layer in (self.qkv, self.out, self.up, self.down):
            nn.init.zeros_(layer.bias)

    def forward(self, x: Float[Tensor, "n length dim"]) -> Float[Tensor, "n length dim"]:
        heads = self.qkv(self.norm_1(x)).unflatten(-1, (3 * HEADS, -1)).transpose(1, 2)
        q, k, v = heads.chunk(3, dim=1)
        if self.turns:
            q, k = (rotate(part, torch.arange(x.shape[1])) for part in (q, k))
        looked = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(looked.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm_2(x)), approximate="tanh"))


@cache
def parts() -> dict[str, Int[Tensor, " tokens"]]:
    """The prose in three parts, by paragraphs: of every ten, eight to learn from, one to stop by, one to measure with."""
    paragraphs = course_prose().split("\n\n")
    shares = {"train": range(8), "stop": (8,), "measure": (9,)}
    return {
        name: torch.tensor(tokenizer().encode("\n\n".join(p for i, p in enumerate(paragraphs) if i % 10 in tens)).ids)
        for name, tens in shares.items()
    }


@torch.no_grad()
def loss_by_place(
    model: nn.Module, ids: Int[Tensor, " tokens"], length: int = TRAINED, every: int = 8
) -> Float[Tensor, " length"]:
    """The mean loss at each place of texts of `length` tokens, one from every eighth token on; in nats a token."""
    texts = ids.unfold(0, length + 1, every)
    logits = model(texts[:, :-1])
    return F.cross_entropy(logits.transpose(1, 2), texts[:, 1:], reduction="none").mean(dim=0)


def guess() -> float:
    """The loss of one guess for every place: each token as often as it comes in the part to learn from, and half a time more."""
    counts = torch.bincount(parts()["train"], minlength=tokenizer().get_vocab_size()) + 0.5
    return -(counts / counts.sum()).log()[parts()["measure"]].mean().item()


def train(
    scheme: str, tied: bool, seed: int, steps: int = STEPS, rate: float = RATE, larger: float = 1.0
) -> tuple[Reader, int]:
    """A model as it was when its loss on the part to stop by was lowest, and the step at which that was."""
    model = Reader(scheme, tied, seed, larger)
    windows = parts()["train"].unfold(0, TRAINED + 1, 1)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.1)
    best, best_step, kept = float("inf"), 0, model.state_dict()
    for step in range(1, steps + 1):
        some = windows[torch.randint(len(windows), (BATCH,), generator=generator)]
        optimizer.zero_grad()
        F.cross_entropy(model(some[:, :-1]).flatten(0, 1), some[:, 1:].flatten()).backward()
        optimizer.step()
        if step % LOOKS == 0:
            loss = loss_by_place(model, parts()["stop"], every=32).mean().item()
            if loss < best:
                best, best_step = loss, step
                kept = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(kept)
    return model, best_step


def run(
    scheme: str, tied: bool, seed: int, steps: int = STEPS, rate: float = RATE, larger: float = 1.0
) -> dict[str, float]:
    """One model: the step it was taken from, its loss on the part to measure with, and that on texts twice as long.

    "beyond" is the loss at places 64 … 127 of texts of 128 tokens, which training has not shown.
    """
    model, step = train(scheme, tied, seed, steps, rate, larger)
    loss = loss_by_place(model, parts()["measure"]).mean().item()
    beyond = loss_by_place(model, parts()["measure"], LONGER)[TRAINED:].mean().item()
    return {"step": step, "loss": round(loss, 3), "beyond": round(beyond, 3)}


def name_of(scheme: str, tied: bool) -> str:
    """What a choice is called in the stored runs.

    >>> name_of("rope", tied=True)
    'rope, tied'
    """
    return f"{scheme}, {'tied' if tied else 'untied'}"


def all_choices(schemes: Sequence[str] = SCHEMES) -> dict:
    """All runs, with what is needed to repeat them; those of schemes that are not asked for as they are stored."""
    if unknown := set(schemes) - set(SCHEMES):
        raise ValueError(f"there is no scheme {', '.join(sorted(unknown))}; there are {', '.join(SCHEMES)}")
    torch.set_num_threads(1)
    choices = {name_of(scheme, tied): (scheme, tied) for scheme in SCHEMES for tied in (True, False)}
    stored = {} if set(schemes) == set(SCHEMES) else stored_choices()
    runs = {
        name: [run(*choice, seed) for seed in SEEDS] if choice[0] in schemes else _stored_runs(stored, name)
        for name, choice in choices.items()
    }
    if "sinusoidal" in schemes:
        patient = [run("sinusoidal", True, seed, PATIENT)["loss"] for seed in SEEDS[:2]]
        larger = [run("sinusoidal", True, seed, larger=LARGER)["loss"] for seed in SEEDS]
    else:
        patient, larger = (stored[key][name_of("sinusoidal", True)] for key in ("patient", "larger"))
    slower = {
        name_of(scheme, False): [run(scheme, False, seed, **SLOWER)["loss"] for seed in SEEDS]
        if scheme in schemes
        else stored["slower"][name_of(scheme, False)]
        for scheme in SLOWER_SCHEMES
    }
    return {
        **how_it_was_run("embedcourse.capstone.training"),
        "seeds": list(SEEDS),
        "steps": STEPS,
        "guess": round(guess(), 3),
        "tokens": {name: len(ids) for name, ids in parts().items()},
        "parameters": {name: count_parameters(Reader(*choice, seed=0)) for name, choice in choices.items()},
        **{key: {name: [one[key] for one in runs[name]] for name in runs} for key in KEPT},
        "patient": {"steps": PATIENT, name_of("sinusoidal", True): patient},
        "slower": SLOWER | slower,
        "larger": {"times": LARGER, name_of("sinusoidal", True): larger},
    }


def _stored_runs(stored: dict, name: str) -> list[dict[str, float]]:
    return [{key: stored[key][name][seed] for key in KEPT} for seed in SEEDS]


def stored_choices() -> dict:
    """What `all_choices` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def paired_runs(one: Mapping[int, float], other: Mapping[int, float]) -> dict[str, float]:
    """What changes from `other` to `one`, seed by seed, where each is the loss of a run by its seed.

    "seeds", how many both have; "wins", with how many of them `one` has the lower loss; "mean" of the differences
    one − other; and "error", the standard error of that mean, from the spread of the differences themselves.
    Raises ValueError if fewer than two seeds are in both.

    >>> paired_runs({0: 2.0, 1: 3.0}, {1: 4.0, 0: 2.5})
    {'seeds': 2, 'wins': 2, 'mean': -0.75, 'error': 0.25}
    """
    shared = [seed for seed in one if seed in other]
    if len(shared) < 2:
        raise ValueError(f"the runs have {len(shared)} seeds in common: a spread takes at least two")
    by_seed = np.array([one[seed] - other[seed] for seed in shared])
    return {
        "seeds": len(shared),
        "wins": int((by_seed < 0).sum()),
        "mean": float(by_seed.mean()),
        "error": float(by_seed.std(ddof=1) / len(shared) ** 0.5),
    }


if __name__ == "__main__":
    asked = sys.argv[1:] or SCHEMES
    minutes = 1.5 * len(asked) + 4 * ("sinusoidal" in asked)  # the latter also runs for PATIENT steps, and LARGER
    minutes += sum(scheme in asked for scheme in SLOWER_SCHEMES)
    sys.stdout.write(f"{2 * len(SEEDS) * len(asked)} runs on one core, about {minutes:.0f} minutes\n")
    STORED.write_text(a_line_a_list(json.dumps(all_choices(asked), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
