"""Values through bytes and back without loss; anything else is refused before memory is taken for it."""

import json
import struct

import numpy as np
import pytest
import torch

from embedcourse.marking import (
    Opaque,
    Outcome,
    Raised,
    Tensor,
    WireError,
    decode,
    decode_outcome,
    encode,
    encode_outcome,
    freeze,
)
from embedcourse.marking.values import compare, show_value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**200),
        2**63,
        0.1,
        -0.0,
        float("nan"),
        float("-inf"),
        "é\ud800",
        b"\x00\xff",
        [1, (2, [None])],
        {"a": 1, 2: "b", None: 3, Opaque("x"): 4},
        np.arange(6, dtype=np.int32).reshape(2, 3),
        np.zeros((0, 4), np.float32),
        np.array(True),
        np.array([1 + 2j]),
        np.array([1.5, np.nan, np.inf]),
        torch.tensor([1.5, 2.0], dtype=torch.bfloat16),
        [np.ones(2), np.zeros(3)],
        object(),
    ],
)
def test_every_frozen_value_survives(value):
    frozen = freeze(value)
    back = decode(encode(frozen))
    assert type(back) is type(frozen)
    assert compare(back, frozen) is None
    if type(frozen) is Tensor:
        assert back.dtype == frozen.dtype


def test_one_nan_is_not_another_here_or_abroad():
    """Two dicts with NaN for a key are two answers, unless it is the same NaN."""
    one = encode({float("nan"): 1})
    assert compare(decode(one), decode(one)) is not None


def test_an_outcome_survives():
    raised = Raised("MyError", ("ValueError", "Exception", "BaseException"), "text", ("line 3: x",))
    for outcome in (Outcome(3, None, ([1],), "hi"), Outcome(None, raised, (), "")):
        assert decode_outcome(encode_outcome(outcome)) == outcome


def message(header: object, tail: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack(">I", len(text) if length is None else length) + text + tail


def array_message(dtype: object, shape: object, data: bytes) -> bytes:
    return message({"value": ["array", dtype, shape, 0], "sizes": [len(data)]}, data)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\xff\xff\xff\xff",
        message({"value": None, "sizes": []}, length=2**31),
        message({"value": None, "sizes": [5]}),
        message({"value": None, "sizes": [-5]}, b""),
        message({"value": None, "sizes": []}, b"extra"),
        message(b"not json"),
        message({"value": ["pickle", "x"], "sizes": []}),
        message({"value": [], "sizes": []}),
        message({"value": ["int", "1" * 5 + "g"], "sizes": []}),
        message({"value": {"a": 1}, "sizes": []}),
        message(b'{"sizes": [], "value": ' + b"9" * 100_000 + b"}"),
        message({"value": ["array", "float64", [2], 3], "sizes": []}),
        message({"value": ["array", "float64", [2], -1], "sizes": [16]}, b"0" * 16),
        array_message("float64", [2**40, 2**40], b"0" * 8),
        array_message("float64", [-1], b"0" * 8),
        array_message("float64", [1.0], b"0" * 8),
        array_message("object", [1], b"0" * 8),
        array_message("|V8", [1], b"0" * 8),
        array_message("float64", [1] * 9, b"0" * 8),
        array_message(["float64"], [1], b"0" * 8),
        message({"value": json.loads("[" * 500 + "]" * 500), "sizes": []}),
        message(b'{"value": ' + b"[" * 100_000 + b"]" * 100_000 + b', "sizes": []}'),
        message({"value": ["list", [None] * 50_000], "sizes": []}),
        message({"value": ["dict", [[["list", []], None]]], "sizes": []}),
        message({"value": ["tensor", "float32", 1], "sizes": []}),
        message({"value": ["tensor", "bfloat16", ["array", "float64", [1], 0]], "sizes": [8]}, b"0" * 8),
        message({"value": ["tensor", "nonsense", ["array", "float32", [1], 0]], "sizes": [4]}, b"0" * 4),
    ],
)
def test_what_is_not_ours_is_refused(bad):
    with pytest.raises(WireError):
        decode(bad)


@pytest.mark.parametrize("value", [3, (1, None, (), 2, 3), (None, ("A", ("B",), "t", (3,)), (), "")])
def test_what_is_no_outcome_is_refused(value):
    with pytest.raises(WireError):
        decode_outcome(encode(value))


def test_what_is_too_large_is_not_written():
    with pytest.raises(WireError, match="more than"):
        encode(["x" * 60_000] * 20)
    with pytest.raises(WireError, match="not frozen"):
        encode(object())


EXTREMES = [
    [0.1] * 9_000,
    {i: -(2.0**-i) for i in range(900)},
    np.zeros((1,) * 9),
    np.zeros(3, np.longdouble),
    np.zeros((10**6, 0)),
    np.empty((3_000, 1_000)),
    torch.zeros(9_000_000),
    torch.zeros(1, dtype=torch.bfloat16).expand(10**9),
    "x" * 10**7,
    {(0, 1): 2, (1, 0): 3},
    [[[[[[[[[[1]]]]]]]]]],
]


@pytest.mark.parametrize("number", range(len(EXTREMES)))
def test_whatever_was_frozen_can_be_sent_and_shown(number):
    frozen = freeze(EXTREMES[number])
    back = decode(encode(frozen))
    assert compare(back, frozen) is None
    assert len(show_value(back)) <= 300


def test_a_message_of_few_bytes_cannot_ask_for_much():
    with pytest.raises(WireError):
        decode(array_message("float64", [2**40, 0], b""))
    assert show_value(decode(array_message("float64", [10**6, 0], b""))) == "array of shape (1000000, 0)"


def test_noise_is_refused_or_harmless():
    rng = np.random.default_rng(0)
    valid = encode(freeze([1, "a", {"k": np.arange(3.0)}, torch.ones(2)]))
    for _ in range(2_000):
        noisy = bytearray(valid)
        for place in rng.integers(0, len(valid), size=rng.integers(1, 4)):
            noisy[place] = rng.integers(0, 256)
        try:
            value = decode(bytes(noisy))
        except WireError:
            continue
        assert len(show_value(value)) <= 300
