"""How answers of lesson 4 that work on layers are tried: plain values go in, layers are built, plain values come out.

Nothing here knows what is right. Each probe does the same to the reference, to a mistake and to a learner's answer.
"""

import copy
import io
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

VALUE, GRADIENT = "what comes out", "the gradient that flows back"


def of_hidden_states(answer: Callable, h: Tensor, E: Tensor, asked: str) -> Any:
    """`answer(h, E)`, or the gradients that flow back from it to `h` and `E`."""
    return _value_or_gradient(answer, {"h": h, "E": E}, asked)


def of_logits(answer: Callable, logits: Tensor, targets: Tensor, asked: str) -> Any:
    """`answer(logits, targets)`, or the gradient that flows back from it to `logits`."""
    return _value_or_gradient(answer, {"logits": logits, "targets": targets}, asked)


def _value_or_gradient(answer: Callable, given: dict[str, Tensor], asked: str) -> Any:
    if asked == VALUE:
        return answer(*given.values())
    leaves = {name: tensor.clone().requires_grad_(tensor.is_floating_point()) for name, tensor in given.items()}
    out = answer(*leaves.values())
    if not isinstance(out, Tensor) or not out.requires_grad:
        return "no gradient"
    weights = torch.arange(1, out.numel() + 1).reshape(out.shape)  # a sum alone would not tell one place from another
    (out * weights).sum().backward()
    return {
        name: "no gradient" if leaf.grad is None else leaf.grad for name, leaf in leaves.items() if leaf.requires_grad
    }


DEEDS = (
    "nothing",
    "a row of the table is changed",
    "a row of the head is changed",
    "one step of Adam",
    "one step of SGD, for parameters that were the table's before",
    "the table was frozen before: does it learn now?",
    "the model is copied, then a row of its table is changed",
    "the model is saved and loaded, then a row of its head is changed",
)


def deed_on_tied_pair(
    answer: Callable, deed: str, table_rows: Tensor, head_rows: Tensor, row: int, h: Tensor
) -> dict[str, Tensor]:
    """Let `answer(table, head)` tie two layers with these rows, do `deed` to them, and see what both then say."""
    model = _pair(table_rows, head_rows)
    optimizer = torch.optim.SGD(model["table"].parameters(), lr=0.1)
    if deed.startswith("the table was frozen"):
        model["table"].requires_grad_(False)
    answer(model["table"], model["head"])
    if deed.startswith("the table was frozen"):
        return {"the table learns": model["table"].weight.requires_grad}
    if deed.startswith("one step"):
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

    layers  each (kind, size, …): the first becomes `table`, the last `head`, the rest is further inside
    shared  pairs of layers: the second has the weight of the first; copied: it has a copy of that weight
    """
    with torch.device(device):
        parts = [_KINDS[kind](*sizes) for kind, *sizes in layers]
        model = nn.Module()
    for first, second in shared:
        parts[second].weight = parts[first].weight
    for first, second in copied:
        parts[second].weight = nn.Parameter(parts[first].weight.detach().clone())
    for number in frozen:
        parts[number].requires_grad_(False)
    model.table, model.head = parts[0], parts[-1]
    model.inner = nn.ModuleList([nn.Sequential(*parts[1:2]), *parts[2:-1]])
    return answer(model)
