"""Longer texts than those of training: models with RoPE that learnt on 32 tokens read on, with their pairs slowed down.

For lesson 9, in torch. The models are those of lesson 7 (`embedcourse.positions.training`), nothing is trained again:
`slowed` gives a trained model other frequencies, and `accuracies` tests it. `python -m embedcourse.rope.longer` does so
for all methods and writes `longer.json` (about a minute). Not here: the formulas (`practice.py`).
"""

import copy
import json
import platform
import sys
from datetime import date
from pathlib import Path

import torch

from embedcourse.positions.training import (
    DIM,
    LENGTHS,
    SEEDS,
    TASKS,
    TRAINED,
    OneLayer,
    a_line_a_list,
    accuracy_by_place,
    train,
)
from embedcourse.rope.practice import attention_factor, frequencies_for

BASE = 10_000.0  # of OneLayer
METHODS = ("linear", "ntk", "yarn", "llama3")
STORED = Path(__file__).with_name("longer.json")


@torch.no_grad()
def slowed(model: OneLayer, method: str | None, length: int) -> OneLayer:
    """A copy of a trained model whose pairs turn as `method` says for texts of `length` tokens; None: as trained.

    What cos and sin are multiplied by goes into the queries: scores grow by its square.
    """
    model = copy.deepcopy(model)
    if method is not None:
        model.frequencies = frequencies_for(DIM, BASE, method, TRAINED, length)
        for part in (model.query.weight, model.query.bias):
            part *= attention_factor(method, length / TRAINED) ** 2
    return model


def accuracies(model: OneLayer, task: str, method: str | None) -> dict[str, list[float]]:
    """For texts of each of LENGTHS, slowed for that length: the accuracy at places of training, and at those beyond."""
    found = {"seen": [], "beyond": []}
    for length in LENGTHS[1:]:
        by_place = accuracy_by_place(slowed(model, method, length), task, length)
        found["seen"].append(round(by_place[: TRAINED - 1].mean().item(), 3))
        found["beyond"].append(round(by_place[TRAINED - 1 :].mean().item(), 3))
    return found


def all_methods() -> dict:
    """All tests, with what is needed to repeat them."""
    torch.set_num_threads(1)
    models = {task: [train(task, "rope", seed) for seed in SEEDS] for task in TASKS}
    return {
        "command": "python -m embedcourse.rope.longer",
        "date": date.today().isoformat(),
        "versions": {"python": platform.python_version(), "torch": torch.__version__.partition("+")[0]},
        "seeds": list(SEEDS),
        "trained": TRAINED,
        "lengths": list(LENGTHS[1:]),
        "accuracies": {
            task: {
                method or "as trained": [accuracies(model, task, method) for model in models[task]]
                for method in (None, *METHODS)
            }
            for task in TASKS
        },
    }


def stored_methods() -> dict:
    """What `all_methods` gave when it was last run and stored."""
    return json.loads(STORED.read_text(encoding="utf-8"))


if __name__ == "__main__":
    STORED.write_text(a_line_a_list(json.dumps(all_methods(), indent=1)) + "\n", encoding="utf-8")
    sys.stdout.write(f"{STORED.name} written\n")
