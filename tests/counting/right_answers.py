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


def merge_step__loop(words):
    counts = {}
    for word in words:
        for i in range(len(word) - 1):
            pair = word[i], word[i + 1]
            counts[pair] = counts.get(pair, 0) + 1
    if not counts:
        return None, words
    best, most = None, 0
    for pair in counts:
        if counts[pair] > most:
            best, most = pair, counts[pair]
    joined = []
    for word in words:
        new, i = [], 0
        while i < len(word):
            if i + 1 < len(word) and word[i] == best[0] and word[i + 1] == best[1]:
                new.append(word[i] + word[i + 1])
                i += 2
            else:
                new.append(word[i])
                i += 1
        joined.append(new)
    return best, joined


def merge_step__counter(words):
    counts = Counter()
    for word in words:
        counts.update(pairwise(word))
    if len(counts) == 0:
        return None, words
    pair = counts.most_common(1)[0][0]
    words = [list(word) for word in words]
    for word in words:
        place = 0
        while place < len(word) - 1:
            if (word[place], word[place + 1]) == pair:
                word[place : place + 2] = [pair[0] + pair[1]]
            place += 1
    return pair, words


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
