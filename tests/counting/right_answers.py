"""Other right ways of writing each answer of lesson 5: every one must get full marks, and every mutant of it must not."""

import math
import re
from collections import Counter
from itertools import pairwise

import torch


def embedding_parameters__built(vocab_size, dim):
    with torch.device("meta"):
        return torch.nn.Embedding(vocab_size, dim).weight.numel()


def embedding_parameters__summed(vocab_size, dim):
    return sum(dim for _ in range(vocab_size))


def half_a_billion__written_out():
    return {"thousands": 524_288_000, "kibi": 536_870_912, "llama3": 525_336_576, "rows": 125_000}


def half_a_billion__worked_out():
    row = 4 * 1024
    counts = {name: rows * row for name, rows in (("thousands", 128_000), ("kibi", 128 * 1024), ("llama3", 128_256))}
    return {"rows": 512_000_000 / row, **counts}


def table_bytes__by_figure(vocab_size, dim, dtype):
    bits = int(re.sub(r"\D", "", dtype))
    return vocab_size * dim * bits / 8


def table_bytes__half_bytes(vocab_size, dim, dtype):
    halves = {"float32": 8, "int8": 2, "int4": 1}.get(dtype, 4)
    return vocab_size * dim * halves >> 1


def training_bytes__added(vocab_size, dim, optimizer):
    table = 4 * vocab_size * dim
    total = 2 * table
    if optimizer == "momentum":
        total += table
    elif optimizer == "adam":
        total += 2 * table
    return total


def training_bytes__by_place(vocab_size, dim, optimizer):
    each = 8 + 4 * ["sgd", "momentum", "adam"].index(optimizer)
    return vocab_size * dim * each


def merge_step__last_symbol(words):
    counts = Counter(pair for word in words for pair in pairwise(word))
    if not counts:
        return None, words
    best = sorted(counts, key=counts.get, reverse=True)[0]
    joined = []
    for word in words:
        new = []
        for symbol in word:
            if new and (new[-1], symbol) == best:
                new[-1] += symbol
            else:
                new.append(symbol)
        joined.append(new)
    return best, joined


def merge_step__recursion(words):
    counts = Counter()
    for word in words:
        counts.update(pairwise(word))
    if not counts:
        return None, words
    pair = max(counts, key=counts.get)

    def join(word):
        if len(word) < 2:
            return word
        if (word[0], word[1]) == pair:
            return ["".join(pair), *join(word[2:])]
        return [word[0], *join(word[1:])]

    return pair, [join(word) for word in words]


def pad_vocabulary__ceil(vocab_size, multiple):
    return multiple * math.ceil(vocab_size / multiple)


def pad_vocabulary__missing(vocab_size, multiple):
    return vocab_size + -vocab_size % multiple


def largest_vocabulary__at_once(budget, dim, bytes_per_number, multiple, tied):
    block = multiple * dim * bytes_per_number * (2 - tied)
    return budget // block * multiple


def largest_vocabulary__divmod(budget, dim, bytes_per_number, multiple, tied):
    row = dim * bytes_per_number
    if not tied:
        row += row
    rows, _ = divmod(budget, row)
    return rows - rows % multiple


def albert_in_numbers__written_out():
    return {"factorised": 4_364_288, "rank": 128, "largest_inner": 3_603}


def albert_in_numbers__searched():
    def thin(inner):
        return inner * (30_000 + 4096)

    largest = max(inner for inner in range(1, 4096) if thin(inner) < 30_000 * 4096)
    return {"factorised": thin(128), "rank": min(30_000, 128, 4096), "largest_inner": largest}
