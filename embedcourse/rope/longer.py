"""Longer texts than those of training: models with RoPE that learnt on 32 tokens read on, with their pairs slowed down.

For lesson 9, in torch. The models are those of lesson 7 (`embedcourse.positions.training`), nothing is trained again:
`slowed` gives a trained model other frequencies, and `accuracies` tests it. `python -m embedcourse.rope.longer` does so
for all methods, trains ALiBi with other slopes, and writes `longer.json` (about three minutes). `shares` says
which pairs a model listens to. Not here: the formulas (`practice.py`).
"""

import copy
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from embedcourse.positions.training import (
    DIM,
    LENGTHS,
    SEEDS,
    TASKS,
    TRAINED,
    OneLayer,
    a_line_a_list,
    accuracy_by_place,
    run,
    train,
)
from embedcourse.rope.practice import attention_factor, frequencies_for
from embedcourse.rope.reference import inverse_frequencies
from embedcourse.tying.training import how_it_was_run

BASE = 10_000.0  # of OneLayer
METHODS = ("linear", "ntk", "yarn", "llama3")
MORE_NTK = {"ntk x 4": 4, "ntk x 8": 8}  # NTK with this many times the factor that the length asks for
STEP = (
    "step"  # the fastest pairs as trained, all others slowed by the whole factor; chosen after looking at the results
)
KEPT = 3  # pairs of STEP that keep their speed
WHICH = {  # the pairs that are slowed by the whole factor, while all others stay as trained
    STEP: range(KEPT, DIM // 2),
    "only 3 to 13": range(3, 14),
    "only 14 to 31": range(14, DIM // 2),
    **{
        f"all but {' and '.join(map(str, kept))}": [pair for pair in range(DIM // 2) if pair not in kept]
        for kept in ((3,), (4,), (5,), (3, 4))
    },
}
BESIDES = range(3, 5)  # pairs that a method slows in part, and ALSO slows by the whole factor
ALSO = {f"{method}, 3 and 4 too": method for method in ("ntk x 8", "yarn", "llama3")}
BY_TURNS = (
    "yarn by turns"  # as the paper has the ramp, by turns in training; `practice.py` has it by number, as transformers
)
SLOPES = (-0.5, 0.03, 0.1)  # other slopes of ALiBi; below 0 each score *gains* with the distance
STORED = Path(__file__).with_name("longer.json")


def speeds_for(method: str | None, length: int) -> Float[Tensor, " pairs"]:
    """The speeds of one of METHODS or of the further ones above for texts of `length` tokens; as trained for None."""
    trained = inverse_frequencies(DIM, BASE)
    whole = trained * TRAINED / length
    if method in WHICH:
        return _but(trained, whole, WHICH[method])
    if method in ALSO:
        return _but(speeds_for(ALSO[method], length), whole, BESIDES)
    if method == BY_TURNS:
        kept = ((TRAINED * trained / (2 * torch.pi) - 1) / (32 - 1)).clamp(0, 1)
        return kept * trained + (1 - kept) * whole
    if method in MORE_NTK:
        return frequencies_for(DIM, BASE, "ntk", TRAINED, MORE_NTK[method] * length)
    return frequencies_for(DIM, BASE, method, TRAINED, length)


def _but(speeds: Tensor, others: Tensor, pairs: Iterable[int]) -> Tensor:
    """`speeds`, with those of some pairs taken from `others`."""
    chosen = torch.zeros(len(speeds), dtype=torch.bool)
    chosen[list(pairs)] = True
    return torch.where(chosen, others, speeds)


@torch.no_grad()
def slowed(model: OneLayer, method: str | None, length: int) -> OneLayer:
    """A copy of a trained model whose pairs turn as `method` says for texts of `length` tokens; None: as trained.

    What cos and sin are multiplied by goes into the queries: scores grow by its square.
    """
    model = copy.deepcopy(model)
    model.frequencies = speeds_for(method, length)
    kind = "yarn" if method == BY_TURNS else ALSO.get(method, method)
    if kind in METHODS:
        for part in (model.query.weight, model.query.bias):
            part *= attention_factor(kind, length / TRAINED) ** 2
    return model


@torch.no_grad()
def shares(model: OneLayer) -> Float[Tensor, " pairs"]:
    """How much of the scores each pair can make: the mean length of its queries times that of its keys, as a share.

    Turning leaves lengths as they are, and a pair adds to a score at most the product of the two.
    """
    rows = model.E.weight
    query, key = (part(rows).unflatten(-1, (2, -1)).norm(dim=-2).mean(0) for part in (model.query, model.key))
    return query * key / (query * key).sum()


def accuracies(model: OneLayer, task: str, method: str | None) -> dict[str, list[float]]:
    """For texts of each of LENGTHS, slowed for that length: the accuracy at places of training, and at those beyond."""
    found = {"seen": [], "beyond": []}
    for length in LENGTHS[1:]:
        by_place = accuracy_by_place(slowed(model, method, length), task, length)
        found["seen"].append(round(by_place[: TRAINED - 1].mean().item(), 3))
        found["beyond"].append(round(by_place[TRAINED - 1 :].mean().item(), 3))
    return found


def with_slope(slope: float, task: str, seed: int) -> list[float]:
    """The accuracies of a model with ALiBi that is trained and tested with another slope, a number for each of LENGTHS."""
    return run(task, "alibi", seed, slope=slope)


def all_methods() -> dict:
    """All tests, with what is needed to repeat them."""
    torch.set_num_threads(1)
    models = {task: [train(task, "rope", seed) for seed in SEEDS] for task in TASKS}
    return {
        **how_it_was_run("embedcourse.rope.longer"),
        "seeds": list(SEEDS),
        "trained": TRAINED,
        "lengths": list(LENGTHS[1:]),
        "accuracies": {
            task: {
                method or "as trained": [accuracies(model, task, method) for model in models[task]]
                for method in (None, *METHODS, *MORE_NTK, *WHICH, *ALSO, BY_TURNS)
            }
            for task in TASKS
        },
        "shares": {
            task: [[round(share, 4) for share in shares(model).tolist()] for model in models[task]] for task in TASKS
        },
        "alibi": {
            slope: {task: [with_slope(slope, task, seed) for seed in SEEDS] for task in TASKS} for slope in SLOPES
        },
    }


def stored_methods() -> dict:
    """What `all_methods` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(all_methods(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
