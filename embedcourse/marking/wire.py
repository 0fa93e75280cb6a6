"""Frozen values as bytes and back: what travels between the process that runs an answer and the one that marks it.

A closed set of tags, every size checked before memory is taken for it, and nothing in it that could run: no pickle,
no dtype strings beyond a table, no message that means "passed". A message is a 4-byte length, a JSON header of
that length, and the raw bytes of the arrays one after the other.
"""

import json
import math
import struct
from itertools import accumulate
from typing import Any

import numpy as np

from embedcourse.marking.model import Outcome, Raised
from embedcourse.marking.running import MAX_LINES, MAX_PRINTED, MAX_TEXT, sayable
from embedcourse.marking.values import (
    DTYPES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_NODES,
    TENSOR_DTYPES,
    Opaque,
    Tensor,
    identical,
)

MAX_HEADER = 1024 * 1024
MAX_BYTES = 64 * 1024 * 1024
_DTYPES = {name: np.dtype(name).newbyteorder("<") for name in DTYPES}
_PLAIN = (type(None), bool, int, float, str)  # as JSON has them; all else is a list that begins with a tag
_LARGE = 2**63  # from here on an int travels in base 16, which takes no time that grows with its square
_JSON = json.JSONDecoder(parse_constant=float)  # a NaN of its own each time: two are not the same key
_NAMES = {np.dtype(name): name for name in DTYPES}


class WireError(ValueError):
    """A message that is not one of ours: too large, cut off, or with a tag, dtype or shape that we do not know."""


def encode(value: Any) -> bytes:
    """The frozen `value` as one message. Raises WireError if it is too large or not frozen."""
    buffers: list[bytes] = []
    header = json.dumps({"value": _pack(value, buffers), "sizes": [len(buffer) for buffer in buffers]}).encode()
    if len(header) > MAX_HEADER or sum(map(len, buffers)) > MAX_BYTES:
        raise WireError(f"the value needs more than {MAX_HEADER} bytes of header or {MAX_BYTES} bytes of arrays")
    return struct.pack(">I", len(header)) + header + b"".join(buffers)


def decode(message: bytes) -> Any:
    """The frozen value in a message. Raises WireError for anything that `encode` would not have written."""
    if len(message) < 4 or len(message) > 4 + MAX_HEADER + MAX_BYTES:
        raise WireError(f"a message of {len(message)} bytes")
    (length,) = struct.unpack(">I", message[:4])
    if length > min(MAX_HEADER, len(message) - 4):
        raise WireError(f"a header of {length} bytes in a message of {len(message)}")
    try:
        header = _JSON.decode(message[4 : 4 + length].decode())
        packed, sizes = header["value"], header["sizes"]
        if type(sizes) is not list or any(type(size) is not int or size < 0 for size in sizes):
            raise WireError("sizes that are no sizes")
        if sum(sizes) != len(message) - 4 - length:
            raise WireError("arrays that are cut off or too long")
        starts = list(accumulate(sizes, initial=4 + length))
        return _Unpacker(message, starts).unpack(packed, 0)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, OverflowError) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None


def encode_outcome(outcome: Outcome) -> bytes:
    """What running an answer gave, as one message. Raises WireError if it is too large."""
    return encode(outcome_parts(outcome))


def outcome_parts(outcome: Outcome, args: tuple | None = None) -> tuple:
    """An outcome as a frozen value that can be part of a message; None for arguments that are still as in `args`."""
    raised = outcome.raised
    told = None if raised is None else (raised.type_name, raised.builtin_names, raised.text, raised.lines)
    unchanged = args is not None and identical(outcome.args_after, args)
    return outcome.value, told, None if unchanged else outcome.args_after, outcome.printed


def decode_outcome(message: bytes) -> Outcome:
    """The outcome in a message. Raises WireError for anything that `encode_outcome` would not have written."""
    return outcome_of(decode(message))


def outcome_of(parts: Any, args: tuple | None = None) -> Outcome:
    """The outcome that `outcome_parts` wrote, for the same `args`. Raises WireError for anything else."""
    if args is not None and type(parts) is tuple and len(parts) == 4 and parts[2] is None:
        parts = (*parts[:2], args, *parts[3:])
    if type(parts) is not tuple or [type(part) for part in parts[2:]] != [tuple, str]:
        raise WireError("not an outcome")
    value, told, args_after, printed = parts
    printed = sayable(printed, MAX_PRINTED)
    if told is None:
        return Outcome(value, None, args_after, printed)
    if type(told) is not tuple or [type(part) for part in told] != [str, tuple, str, tuple]:
        raise WireError("not an exception")
    if any(type(text) is not str for text in (*told[1], *told[3])):
        raise WireError("not an exception")
    name, builtin_names, text, lines = told
    lines = tuple(sayable(line, MAX_TEXT) for line in lines[:MAX_LINES])
    raised = Raised(sayable(name, MAX_TEXT), builtin_names[:MAX_NODES], sayable(text, MAX_TEXT), lines)
    return Outcome(value, raised, args_after, printed)


def _pack(value: Any, buffers: list[bytes]) -> Any:
    kind = type(value)
    if kind in _PLAIN and (kind is not int or -_LARGE < value < _LARGE):
        return value
    if kind is int:
        return ["int", hex(value)]
    if kind is bytes:
        buffers.append(value)
        return ["bytes", len(buffers) - 1]
    if kind in (list, tuple):
        return [kind.__name__, [_pack(item, buffers) for item in value]]
    if kind is dict:
        return ["dict", [[_pack(key, buffers), _pack(item, buffers)] for key, item in value.items()]]
    if kind is Opaque:
        return ["opaque", value.type_name]
    if kind is Tensor:
        return ["tensor", value.dtype, _pack(value.array, buffers)]
    if kind is np.ndarray and value.dtype in _NAMES:
        name = _NAMES[value.dtype]
        buffers.append(value.astype(_DTYPES[name], copy=False).tobytes())
        return ["array", name, list(value.shape), len(buffers) - 1]
    raise WireError(f"a value of type {kind.__name__} is not frozen")


class _Unpacker:
    def __init__(self, message: bytes, starts: list[int]) -> None:
        self.message = message
        self.starts = starts
        self.nodes = 4 * MAX_NODES  # several values travel in one message

    def unpack(self, packed: Any, depth: int) -> Any:
        self.nodes -= 1
        if self.nodes < 0 or depth > MAX_DEPTH + 4:
            raise WireError("a value of too many parts, or nested too deep")
        if type(packed) in _PLAIN:
            return packed
        tag, *rest = self.exactly(list, packed)
        if tag == "opaque":
            return Opaque(sayable(self.exactly(str, rest[0]), 200))
        if tag == "int":
            return int(self.exactly(str, rest[0]), 16)
        if tag == "bytes":
            return self.buffer(rest[0])
        if tag in ("list", "tuple"):
            items = [self.unpack(item, depth + 1) for item in self.exactly(list, rest[0])]
            return items if tag == "list" else tuple(items)
        if tag == "dict":
            pairs = self.exactly(list, rest[0])
            return {self.unpack(key, depth + 1): self.unpack(item, depth + 1) for key, item in pairs}
        if tag == "tensor":
            array = self.unpack(rest[1], depth + 1)
            dtype = self.exactly(str, rest[0])
            held = "float32" if dtype == "bfloat16" else dtype
            if type(array) is not np.ndarray or dtype not in TENSOR_DTYPES or array.dtype.name != held:
                raise WireError("a tensor without numbers of its dtype")
            return Tensor(dtype, array)
        if tag == "array":
            return self.array(*rest)
        raise WireError(f"unknown tag {str(tag)[:40]!r}")

    def array(self, dtype: str, shape: list[int], number: int) -> np.ndarray:
        if dtype not in _DTYPES or type(shape) is not list or len(shape) > MAX_DIMENSIONS:
            raise WireError("an array of unknown dtype or too many dimensions")
        if any(type(size) is not int or not 0 <= size <= MAX_BYTES for size in shape):
            raise WireError("an array with an impossible size")
        data = self.buffer(number)
        if math.prod(shape) * _DTYPES[dtype].itemsize != len(data):
            raise WireError("an array whose shape does not fit its bytes")
        array = np.frombuffer(data, dtype=_DTYPES[dtype]).reshape(shape)
        if not array.dtype.isnative:
            array = array.astype(dtype)
            array.flags.writeable = False
        return array

    def buffer(self, number: int) -> bytes:
        if type(number) is not int or not 0 <= number < len(self.starts) - 1:
            raise WireError("a buffer that is not there")
        return self.message[self.starts[number] : self.starts[number + 1]]

    @staticmethod
    def exactly(kind: type, value: Any) -> Any:
        if type(value) is not kind:
            raise WireError(f"{kind.__name__} expected")
        return value
