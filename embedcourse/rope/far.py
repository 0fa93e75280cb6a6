"""Why a model with RoPE loses the token before, far beyond the texts it was trained on: which pairs are to blame.

For lesson 8, in torch. The models are those of lesson 7 (`embedcourse.positions.training`), trained on *before* with RoPE.
`rights_far_out` lets some pairs see only offsets of training; `python -m embedcourse.rope.far` does so for five models and
writes `far.json`, with what else the lesson says of all five (two minutes). Not here: what repairs it (`longer.py`).
"""

import json
import sys
from collections.abc import Sequence
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
from embedcourse.tying.training import how_it_was_run

FAST = range(6)  # pairs that get round within 32 positions
MIDDLE = range(6, 12)
SLOW = range(6, 32)
ASKED = 56  # places at the end of a text of 256
PEAKS = 8  # offsets below this have the fast pairs' own peak in them
STORED = Path(__file__).with_name("far.json")


def random_texts(count: int = 200) -> Int[Tensor, "count 256"]:
    """The same random texts at each call."""
    return torch.randint(VOCAB, (count, LENGTHS[-1]), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def right_far_out(model: OneLayer, pairs: Sequence[int], offsets: Sequence[int], less: float = 0.0) -> float:
    """The share of tokens before that are told right at places 200 to 255 of 40 texts, with some pairs kept in training.

    Where a key is more than 31 places back, `pairs` are turned as for one of `offsets`, which take turns from 32 on; all
    other pairs are turned as they are; and the score is lowered by `less`.
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
    scores = scores - less * (back >= TRAINED)
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
def far_weight(model: OneLayer) -> float:
    """The weight of all keys more than 31 places back together, at places 200 to 255 of random texts."""
    looks = model.weights(random_texts()).mean(0)
    return round(looks.tril(-TRAINED)[-ASKED:].sum(1).mean().item(), 2)


@torch.no_grad()
def middle_level(model: OneLayer) -> list[float]:
    """What pairs 6 to 11 add to the score of the mean query and the mean key, on average: offsets 8 to 31, 32 to 255."""
    row = model.rows(torch.arange(VOCAB)[:, None]).mean(0)
    turned = rotate(model.query(row).expand(LENGTHS[-1], -1), torch.arange(LENGTHS[-1]))
    by_pair = (turned * model.key(row)).view(LENGTHS[-1], 2, -1).sum(1) / turned.shape[-1] ** 0.5
    level = by_pair[:, list(MIDDLE)].sum(1)
    return [round(part.mean().item(), 1) for part in (level[PEAKS:TRAINED], level[TRAINED:])]


def rights_far_out(model: OneLayer) -> dict[str, float]:
    """What `right_far_out` says of a model: as it is, with pairs kept in training, and what that is owed to.

    To keep pairs 6 to 11 in training also takes something off each far score, which is put back, or taken off alone.
    For offset 3 pairs 6 to 31 add about as much as far out on average.
    """
    kept = range(PEAKS, TRAINED)
    trained, beyond = middle_level(model)
    return {
        "as it is": right_far_out(model, (), (0,)),
        "0 to 5 kept in 8 to 31": right_far_out(model, FAST, kept),
        "6 to 11 kept in 8 to 31": right_far_out(model, MIDDLE, kept),
        "the same, mean put back": right_far_out(model, MIDDLE, kept, less=trained - beyond),
        "far scores less 4": right_far_out(model, (), (0,), less=4.0),
        "6 to 31 kept at 3": right_far_out(model, SLOW, (3,)),
    }


@torch.no_grad()
def shares_in_one_token(model: OneLayer) -> list[float]:
    """The weights of the own key and of the one before in texts of one token, 32 times, at places 5 to 31."""
    looks = model.weights(torch.arange(VOCAB)[:, None].expand(VOCAB, TRAINED)).mean(0)[5:]
    return [round(looks.diagonal(5 - offset).mean().item(), 2) for offset in (0, 1)]


def all_five() -> dict:
    """All that is stored, with what is needed to repeat it."""
    torch.set_num_threads(1)
    models = [train("previous", "rope", seed) for seed in SEEDS]
    rights = [rights_far_out(model) for model in models]
    return {
        **how_it_was_run("embedcourse.rope.far"),
        "seeds": list(SEEDS),
        "right": {name: [round(run[name], 2) for run in rights] for name in rights[0]},
        "peaks": [peak(model) for model in models],
        "far weight": [far_weight(model) for model in models],
        "level of 6 to 11": [middle_level(model) for model in models],
        "one token": [shares_in_one_token(model) for model in models],
        "scales": {std: [run("previous", "rope", seed, std)[-1] for seed in SEEDS] for std in SCALES},
    }


def stored_far() -> dict:
    """What `all_five` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(all_five(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
