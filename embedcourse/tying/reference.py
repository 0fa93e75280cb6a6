"""The way out of a language model, and what it means that the matrix of the way in may be used for it.

Taught in lesson 4, in torch. A hidden state times the rows of a matrix gives one score a token (`unembed`); the loss
compares them with the token that came (`cross_entropy`). If the matrix is the embedding matrix itself, the two are tied:
two gradients meet in it (`tied_gradient`), and it counts once (`count_parameters`).
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.parameter import UninitializedTensorMixin

_WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


def unembed(h: Float[Tensor, "*batch dim"], E: Float[Tensor, "vocab dim"]) -> Float[Tensor, "*batch vocab"]:
    """The logits of each hidden state: its dot product with every row of `E`, h Eᵀ.

    E  the embedding matrix (tied), or a head of the same shape (untied): nothing is stored transposed
    Raises ValueError if `E` is no matrix, or `h` has another number of dimensions.

    >>> unembed(torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    tensor([1., 2., 3.])
    """
    if E.ndim != 2:
        raise ValueError(f"E has shape {tuple(E.shape)}; it has two axes, (vocab, dim)")
    if h.ndim == 0 or h.shape[-1] != E.shape[1]:
        raise ValueError(
            f"h has shape {tuple(h.shape)}; its last axis must have {E.shape[1]} numbers, as the rows of E"
        )
    return h @ E.T


def cross_entropy(logits: Float[Tensor, "*batch vocab"], targets: Int[Tensor, "*batch"]) -> Float[Tensor, ""]:
    """The mean of −ln softmax(logits)[target], in nats, as a tensor without axes; finite for logits of any size.

    ln vocab if all logits are equal. −ln softmax(x)[t] is ln Σ exp(x) − x[t], and the largest x is taken out first.
    Raises ValueError for other shapes, no target at all, or targets that are not whole numbers, and IndexError for a
    target outside 0 … vocab-1.

    >>> cross_entropy(torch.zeros(2, 8), torch.tensor([3, 5]))
    tensor(2.0794)
    """
    if logits.ndim == 0 or targets.shape != logits.shape[:-1]:
        raise ValueError(
            f"logits have shape {tuple(logits.shape)} and targets {tuple(targets.shape)}; logits need one axis more, vocab"
        )
    if not targets.numel():
        raise ValueError("there is no target, so there is no mean")
    _check_ids(targets, logits.shape[-1], "target")
    chosen = logits.log_softmax(dim=-1).gather(-1, targets.long().unsqueeze(-1)).squeeze(-1)
    return -chosen.mean()


def tied_gradient(
    ids: Int[Tensor, " n"],
    d_input: Float[Tensor, "n dim"],
    h: Float[Tensor, "m dim"],
    d_logits: Float[Tensor, "m vocab"],
    vocab_size: int,
) -> Float[Tensor, "vocab dim"]:
    """The gradient of a tied matrix: what comes from reading rows with it, plus what comes from scoring with it.

    ids, d_input   the ids that were read, and the gradient of each row that came out (lesson 1: rows are added up)
    h, d_logits    the hidden states that were scored, and the gradient of their logits: d_logitsᵀ h, which fills every row
    Raises ValueError for shapes that do not fit, and IndexError for an id outside 0 … vocab_size-1.
    """
    if ids.ndim != 1 or d_input.ndim != 2 or len(ids) != len(d_input):
        raise ValueError(
            f"ids have shape {tuple(ids.shape)} and d_input {tuple(d_input.shape)}; want (n,) and (n, dim)"
        )
    if h.ndim != 2 or h.shape[1] != d_input.shape[1] or d_logits.shape != (len(h), vocab_size):
        raise ValueError(
            f"h has shape {tuple(h.shape)} and d_logits {tuple(d_logits.shape)}; "
            f"want (m, {d_input.shape[1]}) and (m, {vocab_size})"
        )
    _check_ids(ids, vocab_size, "id")
    return (d_logits.T @ h).index_add(0, ids.long(), d_input)


def tie(table: nn.Embedding, head: nn.Linear) -> None:
    """Make the head use the table's own parameter, so that there is one matrix under two names; the table's rows stay.

    Raises ValueError if the head has other sizes than the table: a table (vocab, dim) goes with `nn.Linear(dim, vocab)`.
    """
    if table.weight.shape != head.weight.shape:
        raise ValueError(
            f"the table has shape {tuple(table.weight.shape)} and the head {tuple(head.weight.shape)}; "
            "one matrix can serve both only if these are equal"
        )
    head.weight = table.weight


def tying_saving(vocab_size: int, dim: int, depth: int) -> float:
    """The share of its parameters that a model saves by tying, for `depth` layers of about 12 dim² parameters each.

    Two matrices of vocab_size · dim numbers become one. Raises ValueError for sizes below 1 or a negative depth.

    >>> round(tying_saving(50_257, 768, 12), 3)
    0.238
    """
    if vocab_size < 1 or dim < 1 or depth < 0:
        raise ValueError(f"vocab_size {vocab_size} and dim {dim} must be at least 1, and depth {depth} at least 0")
    table = vocab_size * dim
    return table / (2 * table + 12 * depth * dim**2)


def count_parameters(module: nn.Module) -> int:
    """How many numbers a module's parameters hold: frozen ones too, a shared parameter once, buffers not.

    Shared means the same `nn.Parameter` under two names; a copy of it counts again. Works on the meta device.
    Raises ValueError for a lazy module that has not seen its first input.
    """
    for name, parameter in module.named_parameters():
        if isinstance(parameter, UninitializedTensorMixin):
            raise ValueError(f"{name} has no shape yet: run the module once, then count")
    return sum(parameter.numel() for parameter in module.parameters())


def _check_ids(ids: Tensor, vocab_size: int, what: str) -> None:
    if ids.dtype not in _WHOLE:
        raise ValueError(f"{what}s are whole numbers, not {ids.dtype}")
    outside = ids[(ids < 0) | (ids >= vocab_size)]
    if outside.numel():
        raise IndexError(f"{what} {outside[0].item()} is outside 0 … {vocab_size - 1}")
