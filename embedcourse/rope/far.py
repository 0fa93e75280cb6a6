"""Why a model with RoPE loses the token before, far beyond the texts it was trained on: which pairs are to blame.

For lesson 8, in torch. The models are those of lesson 7 (`embedcourse.positions.training`), trained on *before* with RoPE.
`right_far_out` lets some pairs see only offsets of training; `python -m embedcourse.rope.far` does so for five models and
writes `far.json`, with what else the lesson says of all five (two minutes). Not here: what repairs it (`longer.py`).
"""

import json
import platform
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor

from embedcourse.positions.training import (
    LENGTHS,
    SCALES,
    SEEDS,
    TRAINED,
    VOCAB,
    OneLayer,
    a_line_a_list,
    run,
    train,
)
from embedcourse.rope.reference import rotate

FAST = range(6)  # pairs that get round within 32 positions
SLOW = range(6, 32)
ASKED = 56  # places at the end of a text of 256
KEPT = {
    "as it is": ((), (0,)),
    "slow kept in 8 to 31": (SLOW, range(8, 32)),
    "fast kept in 8 to 31": (FAST, range(8, 32)),
    "slow kept at 0": (SLOW, (0,)),
}
STORED = Path(__file__).with_name("far.json")


def random_texts(count: int = 200) -> Int[Tensor, "count 256"]:
    """The same random texts at each call."""
    return torch.randint(VOCAB, (count, LENGTHS[-1]), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def right_far_out(model: OneLayer, pairs: Sequence[int], offsets: Sequence[int]) -> float:
    """The share of tokens before that are told right at places 200 to 255 of 40 texts, with some pairs kept in training.

    Where a key is more than 31 places back, `pairs` are turned as for one of `offsets`, which take turns from 32 on; all
    other pairs are turned as they are.
    """
    ids = random_texts(40)
    places = torch.arange(ids.shape[1])
    x = model.E(ids)
    q, k, asked = model.query(x), model.key(x), places[-ASKED:]
    kept = torch.zeros(model.frequencies.numel())
    kept[list(pairs)] = 1
    kept = kept.repeat(2)  # in halves: both numbers of a pair

    def turned(part: Tensor, positions: Tensor) -> Tensor:
        return rotate(part, positions, inv_freq=model.frequencies)

    scores = (turned(q, places)[:, asked] @ turned(k, places).mT) / q.shape[-1] ** 0.5
    others = (turned(q * (1 - kept), places)[:, asked] @ turned(k, places).mT) / q.shape[-1] ** 0.5
    back = asked[:, None] - places
    for number, offset in enumerate(offsets):
        held = (turned(q * kept, torch.full_like(places, offset))[:, asked] @ k.mT) / q.shape[-1] ** 0.5
        here = (back >= TRAINED) & ((back - TRAINED) % len(offsets) == number)
        scores = torch.where(here, others + held, scores)
    weights = scores.masked_fill(back < 0, -torch.inf).softmax(dim=-1)
    said = model.head(weights @ model.value(x)).argmax(dim=-1)
    return (said == ids[:, asked - 1]).float().mean().item()


@torch.no_grad()
def peak(model: OneLayer) -> float:
    """The offset, in steps of 0.01, at which the mean query has its largest score with the mean key."""
    row = model.rows(torch.arange(VOCAB)[:, None]).mean(0)
    offsets = torch.arange(-100, 300) / 100
    scores = rotate(model.query(row).expand(len(offsets), -1), offsets) @ model.key(row)[0]
    return round(offsets[scores.argmax()].item(), 2)


@torch.no_grad()
def far_weights(model: OneLayer, offsets: Sequence[int] = (0, 1, 177)) -> list[float]:
    """The weight of the key so many places back, at places 200 to 255 of random texts."""
    looks = model.weights(random_texts()).mean(0)
    return [round(looks.diagonal(-offset)[200 - offset :].mean().item(), 2) for offset in offsets]


@torch.no_grad()
def shares_in_one_token(model: OneLayer) -> list[float]:
    """The weights of the own key and of the one before in texts of one token, 32 times, at places 5 to 31."""
    looks = model.weights(torch.arange(VOCAB)[:, None].expand(VOCAB, TRAINED)).mean(0)[5:]
    return [round(looks.diagonal(5 - offset).mean().item(), 2) for offset in (0, 1)]


def all_five() -> dict:
    """All that is stored, with what is needed to repeat it."""
    torch.set_num_threads(1)
    models = [train("previous", "rope", seed) for seed in SEEDS]
    return {
        "command": "python -m embedcourse.rope.far",
        "date": date.today().isoformat(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__.partition("+")[0]},
        "seeds": list(SEEDS),
        "right": {name: [round(right_far_out(model, *kept), 2) for model in models] for name, kept in KEPT.items()},
        "peaks": [peak(model) for model in models],
        "far weights": [far_weights(model) for model in models],
        "one token": [shares_in_one_token(model) for model in models],
        "scales": {std: [run("previous", "rope", seed, std)[-1] for seed in SEEDS] for std in SCALES},
    }


def stored_far() -> dict:
    """What `all_five` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(all_five(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
