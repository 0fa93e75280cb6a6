"""Other right ways of writing each answer of lesson 4: every one must get full marks, and every mutant of it must not."""

import torch
import torch.nn.functional as F


def unembed__linear(h, E):
    return F.linear(h, E)


def unembed__einsum(h, E):
    return torch.einsum("...d,vd->...v", h, E)


def cross_entropy__log_softmax(logits, targets):
    logarithms = torch.log_softmax(logits, dim=-1)
    return -torch.take_along_dim(logarithms, targets.unsqueeze(-1), dim=-1).mean()


def cross_entropy__by_hand(logits, targets):
    logits = logits - logits.max(dim=-1, keepdim=True).values
    total = logits.exp().sum(dim=-1).log()
    right = F.one_hot(targets, logits.shape[-1])
    return (total - (logits * right).sum(dim=-1)).mean()


def tie__registered(table, head):
    head.register_parameter("weight", table.weight)


def tie__by_name(table, head):
    name = "weight"
    setattr(head, name, getattr(table, name))


def tied_gradient__loop(ids, d_input, h, d_logits, vocab_size):
    G = torch.zeros(vocab_size, d_input.shape[1])
    for state, slopes in zip(h, d_logits):
        G += torch.outer(slopes, state)
    for i, row in zip(ids, d_input):
        G[i] += row
    return G


def tied_gradient__one_hot(ids, d_input, h, d_logits, vocab_size):
    read = F.one_hot(ids, vocab_size).float()
    return read.T @ d_input + d_logits.T @ h


def count_parameters__mapped(module):
    return sum(map(torch.numel, module.parameters()))


def count_parameters__loop(module):
    total = 0
    for parameter in module.parameters():
        total += parameter.shape.numel()
    return total


def tying_saving__divided(vocab_size, dim, depth):
    return vocab_size / (2 * vocab_size + 12 * depth * dim)


def tying_saving__before_and_after(vocab_size, dim, depth):
    layers = 12 * depth * dim * dim
    before = layers + 2 * vocab_size * dim
    after = layers + vocab_size * dim
    return (before - after) / before


def gpt2_in_numbers__written_out():
    return {"saved": 38_597_376, "untied": 163_037_184, "rank": 768}


def gpt2_in_numbers__measured():
    with torch.device("meta"):
        table = torch.nn.Embedding(50_257, 768).weight
    vocab, dim = table.shape
    return {"untied": 124_439_808 + table.numel(), "saved": table.numel(), "rank": min(vocab, dim)}
