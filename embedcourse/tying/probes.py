"""How answers of lesson 4 that work on layers are tried: plain values go in, layers are built, plain values come out.

Nothing here knows what is right. Each probe does the same to the reference, to a mistake and to a learner's answer.
"""

import copy
import io
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

DEEDS = (
    "nothing",
    "a row of the table is changed",
    "a row of the head is changed",
    "one step of Adam",
    "the model is copied, then a row of its table is changed",
    "the model is saved and loaded, then a row of its head is changed",
)


def deed_on_tied_pair(
    answer: Callable, deed: str, table_rows: Tensor, head_rows: Tensor, row: int, h: Tensor
) -> dict[str, Tensor]:
    """Let `answer(table, head)` tie two layers with these rows, do `deed` to them, and see what both then say."""
    model = _pair(table_rows, head_rows)
    answer(model["table"], model["head"])
    if deed == "one step of Adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        loss = model["table"](torch.tensor([row])).sum() + model["head"](h).square().sum()
        loss.backward()
        optimizer.step()
    if deed.startswith("the model is copied"):
        model = copy.deepcopy(model)
    if deed.startswith("the model is saved"):
        file = io.BytesIO()
        torch.save(model.state_dict(), file)
        file.seek(0)
        model = _pair(torch.zeros_like(table_rows), torch.zeros_like(head_rows))
        answer(model["table"], model["head"])
        model.load_state_dict(torch.load(file, weights_only=True))
    with torch.no_grad():
        for name in ("table", "head"):
            if deed.endswith(f"{name} is changed"):
                model[name].weight[row] += 1
        return {"rows the table reads": model["table"].weight.clone(), "logits of the head": model["head"](h)}


def _pair(table_rows: Tensor, head_rows: Tensor) -> nn.ModuleDict:
    vocab_size, dim = table_rows.shape
    model = nn.ModuleDict({"table": nn.Embedding(vocab_size, dim), "head": nn.Linear(dim, vocab_size, bias=False)})
    with torch.no_grad():
        model["table"].weight.copy_(table_rows)
        model["head"].weight.copy_(head_rows)
    return model


_KINDS = {
    "Embedding": nn.Embedding,
    "Linear": nn.Linear,
    "Linear without bias": lambda *sizes: nn.Linear(*sizes, bias=False),
    "BatchNorm1d": nn.BatchNorm1d,
}


def built_module(
    answer: Callable, layers: list[tuple], shared: list[tuple], copied: list[tuple], frozen: list[int], device: str
) -> Any:
    """`answer(module)` for a module that is described by plain values.

    layers  each (kind, size, …), inside one module of modules
    shared  pairs of layers: the second has the weight of the first; copied: it has a copy of that weight
    """
    with torch.device(device):
        parts = [_KINDS[kind](*sizes) for kind, *sizes in layers]
    for first, second in shared:
        parts[second].weight = parts[first].weight
    for first, second in copied:
        parts[second].weight = nn.Parameter(parts[first].weight.detach().clone())
    for number in frozen:
        parts[number].requires_grad_(False)
    return answer(nn.ModuleList([nn.Sequential(*parts[:2]), *parts[2:]]))
