"""How large a table is: compared with what torch and NumPy allocate, with published numbers, and with the tokenizers library."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import nn

from embedcourse.counting import (
    embedding_parameters,
    factorised_parameters,
    largest_vocabulary,
    merge_step,
    pad_vocabulary,
    table_bytes,
    training_bytes,
)
from embedcourse.text import paragraph


def test_the_popular_number_in_its_three_readings():
    assert embedding_parameters(128_000, 4_096) == 524_288_000 == 500 * 2**20
    assert embedding_parameters(131_072, 4_096) == 536_870_912 == 512 * 2**20
    assert embedding_parameters(128_256, 4_096) == 525_336_576
    assert embedding_parameters(125_000, 4_096) == 512_000_000


def test_numpys_sizes_do_not_overflow():
    assert embedding_parameters(np.int32(262_144), np.int32(16_384)) == 2**32
    assert largest_vocabulary(np.int64(2**40), np.int32(4_096)) == 2**27


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16, torch.int8, torch.uint8]
)
def test_bytes_are_what_torch_allocates(dtype):
    assert table_bytes(7, 3, dtype) == torch.zeros(7, 3, dtype=dtype).nbytes
    assert table_bytes(7, 3, str(dtype).removeprefix("torch.")) == table_bytes(7, 3, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("float16"), np.int64, np.dtype("uint8")])
def test_bytes_are_what_numpy_allocates(dtype):
    assert table_bytes(7, 3, dtype) == np.zeros((7, 3), dtype).nbytes


def test_half_bytes_are_rounded_up():
    assert [table_bytes(1, numbers, "int4") for numbers in (1, 2, 3)] == [1, 1, 2]


def test_the_short_names_mean_the_long_ones():
    for short, long in {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16", "fp8": "float8_e4m3fn"}.items():
        assert table_bytes(5, 4, short) == table_bytes(5, 4, long)


@pytest.mark.parametrize(
    ("name", "optimizer", "options"),
    [("sgd", torch.optim.SGD, {}), ("momentum", torch.optim.SGD, {"momentum": 0.9}), ("adam", torch.optim.Adam, {})],
)
def test_training_holds_what_torch_holds(name, optimizer, options):
    table = nn.Embedding(11, 4)
    steps = optimizer(table.parameters(), lr=0.1, **options)
    table(torch.tensor([2, 3])).sum().backward()
    steps.step()
    remembered = [state for key, state in steps.state[table.weight].items() if key != "step"]
    held = table.weight.nbytes + table.weight.grad.nbytes + sum(tensor.nbytes for tensor in remembered)
    assert training_bytes(11, 4, name) == held


def test_padding_gives_the_rows_of_real_models():
    assert [pad_vocabulary(50_277, 128 * gpus) for gpus in (1, 2, 4)] == [50_304, 50_432, 50_688]  # Pythia
    assert [pad_vocabulary(151_851, multiple) for multiple in (128, 256)] == [151_936, 152_064]  # Qwen
    assert pad_vocabulary(50_304, 64) == 50_304


def test_the_largest_vocabulary_fits_and_one_block_more_does_not():
    for budget in (0, 999, 10_000, 65_536, 123_457):
        for dim, number, multiple, tied in ((3, 2, 1, True), (8, 4, 16, False), (8, 1, 64, True)):
            rows = largest_vocabulary(budget, dim, number, multiple, tied)
            tables = 1 if tied else 2
            assert rows % multiple == 0
            assert rows * dim * number * tables <= budget < (rows + multiple) * dim * number * tables


def test_a_factorised_table_is_two_layers_of_torch():
    with torch.device("meta"):
        layers = nn.Sequential(nn.Embedding(30_000, 128), nn.Linear(128, 768, bias=False))
    assert factorised_parameters(30_000, 768, 128) == sum(weight.numel() for weight in layers.parameters()) == 3_938_304


def is_tied(words):
    counts = Counter(pair for word in words for pair in pairwise(word)).most_common(2)
    return counts[0][1] == counts[1][1]


def test_merges_are_those_of_the_tokenizers_library_until_a_tie():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator([paragraph()], trainers.BpeTrainer(vocab_size=200, show_progress=False))
    theirs = [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
    words = [list(word) for word, _ in pre_tokenizers.Whitespace().pre_tokenize_str(paragraph())]
    ours = []
    while not is_tied(words):
        pair, words = merge_step(words)
        ours.append(pair)
    assert len(ours) == 3
    assert ours == theirs[:3]


def test_a_merge_leaves_its_input_alone_and_stops_when_nothing_is_left():
    words = [["a", "b"], ["a", "b", "c"]]
    assert merge_step(words) == (("a", "b"), [["ab"], ["ab", "c"]])
    assert words == [["a", "b"], ["a", "b", "c"]]
    assert merge_step([["ab"], []]) == (None, [["ab"], []])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: embedding_parameters(0, 4), "vocab_size is 0; it must be a whole number, at least 1"),
        (lambda: embedding_parameters(4.0, 4), "vocab_size is 4.0; it must be a whole number"),
        (lambda: embedding_parameters(True, 4), "vocab_size is True"),
        (lambda: table_bytes(4, 4, "float31"), "no dtype is called 'float31' here; known are int4"),
        (lambda: training_bytes(4, 4, "lion"), "no optimizer is called 'lion' here; choose one of sgd, momentum, adam"),
        (lambda: pad_vocabulary(4, 0), "multiple is 0; it must be a whole number, at least 1"),
        (lambda: largest_vocabulary(-1, 4), "budget is -1; it must be a whole number, at least 0"),
        (lambda: merge_step("abc"), "words is one string; give a list of words"),
    ],
)
def test_bad_input_gets_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
