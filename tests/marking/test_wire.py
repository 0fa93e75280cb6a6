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
from embedcourse.marking.values import compare


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -(2**200),
        0.1,
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
        message({"value": ["none"], "sizes": []}, length=2**31),
        message({"value": ["none"], "sizes": [5]}),
        message({"value": ["none"], "sizes": [-5]}, b""),
        message({"value": ["none"], "sizes": []}, b"extra"),
        message(b"not json"),
        message({"value": ["pickle", "x"], "sizes": []}),
        message({"value": [], "sizes": []}),
        message({"value": ["int", "1" * 5 + "g"], "sizes": []}),
        message({"value": ["bool", 1], "sizes": []}),
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
        message({"value": ["list", [["none"]] * 50_000], "sizes": []}),
        message({"value": ["dict", [[["list", []], ["none"]]]], "sizes": []}),
        message({"value": ["tensor", "float32", ["int", "1"]], "sizes": []}),
    ],
)
def test_what_is_not_ours_is_refused(bad):
    with pytest.raises(WireError):
        decode(bad)


@pytest.mark.parametrize("value", [3, (1, None, (), ""), (1, None, (), 2, 3), (None, ("A", ("B",), "t", (3,)), (), "")])
def test_what_is_no_outcome_is_refused(value):
    if value == (1, None, (), ""):
        assert decode_outcome(encode(value)).value == 1
        return
    with pytest.raises(WireError):
        decode_outcome(encode(value))


def test_what_is_too_large_is_not_written():
    with pytest.raises(WireError, match="more than"):
        encode("x" * 300_000)
    with pytest.raises(WireError, match="not frozen"):
        encode(object())
