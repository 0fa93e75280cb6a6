"""Other right ways of writing each answer of lessons 5 and 6: every one must get full marks, and every mutant of it must not."""

import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
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


def attention__einsum(q, k, v, causal=False):
    scores = np.einsum("...id,...jd->...ij", q, k) * q.shape[-1] ** -0.5
    if causal:
        i, j = np.indices(scores.shape[-2:])
        scores = np.where(j > i, -np.inf, scores)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.einsum("...ij,...jd->...id", weights, v) / weights.sum(axis=-1, keepdims=True)


def attention__torch(q, k, v, causal=False):
    q, k, v = map(torch.from_numpy, (q, k, v))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=causal).numpy()


def attention_parameters__maps(dim, heads, kv_heads, head_dim, bias):
    def linear(inputs, outputs):
        return (inputs + bias) * outputs

    return linear(dim, (heads + 2 * kv_heads) * head_dim) + linear(heads * head_dim, dim)


def attention_parameters__built(dim, heads, kv_heads, head_dim, bias):
    with torch.device("meta"):
        query = torch.nn.Linear(dim, heads * head_dim, bias=bias)
        key = torch.nn.Linear(dim, kv_heads * head_dim, bias=bias)
        value = torch.nn.Linear(dim, kv_heads * head_dim, bias=bias)
        output = torch.nn.Linear(heads * head_dim, dim, bias=bias)
    return sum(weight.numel() for layer in {query, key, value, output} for weight in layer.parameters())


def mlp_parameters__ways(dim, width, gated, bias):
    matrix = dim * width
    total = 2 * matrix
    if bias:
        total += width + dim
    if gated:
        total += matrix + bias * width
    return total


def mlp_parameters__maps(dim, width, gated, bias):
    def linear(inputs, outputs):
        return (inputs + bias) * outputs

    return linear(dim, width) * [1, 2][gated] + linear(width, dim)


def gpt2_parameters__formula(vocab_size, dim, layers, positions):
    return dim * (vocab_size + positions + layers * (12 * dim + 13) + 2)


def gpt2_parameters__maps(vocab_size, dim, layers, positions):
    def linear(inputs, outputs):
        return (inputs + 1) * outputs

    norm = dim + dim
    layer = 4 * linear(dim, dim) + linear(dim, 4 * dim) + linear(4 * dim, dim) + 2 * norm
    return vocab_size * dim + positions * dim + layers * layer + norm


def llama_parameters__formula(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
    keys = int(dim / heads * kv_heads)
    layer = dim * (2 * dim + 2 * keys + 3 * intermediate_size + 2)
    return (2 - tied) * vocab_size * dim + layers * layer + dim


def llama_parameters__added_up(vocab_size, dim, layers, heads, kv_heads, intermediate_size, tied):
    total = vocab_size * dim + dim
    if not tied:
        total += vocab_size * dim
    for _ in range(layers):
        total += 2 * dim * dim * (heads + kv_heads) // heads
        total += 3 * dim * intermediate_size
        total += 2 * dim
    return total


def two_readings__written_out():
    return {"table": 0.0654, "tables": 0.1308, "work": 0.0700}


def two_readings__worked_out():
    table = 128_256 * 4_096
    rest = 8_030_261_248 - table - table
    return {"work": table / (rest + table), "table": table / (rest + 2 * table), "tables": 1 - rest / 8_030_261_248}
