"""Plain values: what an answer may return, brought into a closed set of types, compared and printed.

An answer is anybody's code and may return anything, also an object that lies about itself. `freeze` looks at the exact
type and keeps None, bool, int, float, str, bytes, list, tuple, NumPy arrays and torch tensors, and of any dict what is
really stored in it; all else becomes an `Opaque` that knows only the name of the type. What the judge compares and
prints is always a frozen value. torch is never imported here: a tensor can only arrive where torch is loaded already.
"""

import functools
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_DEPTH = 8
MAX_NODES = 10_000
MAX_ARRAY_BYTES = 32 * 1024 * 1024
MAX_DIMENSIONS = 8
MAX_CHARACTERS = 64 * 1024
# The dtypes of arrays that answers return, in memory and on the wire.
DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
NUMERIC_KINDS = "biufc"
TENSOR_DTYPES = frozenset(
    "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128".split()
)
# How far a number may be off, relative to the largest number it stands among: rounding, not method.
_TOLERANCE = {
    "float64": 1e-9,
    "complex128": 1e-9,
    "float32": 1e-5,
    "complex64": 1e-5,
    "float16": 4e-3,
    "bfloat16": 3e-2,
}


@dataclass(frozen=True)
class Opaque:
    """A value outside the closed set: only the name of its type is kept."""

    type_name: str


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor without torch: its dtype by name and its numbers as an array (bfloat16 held as float32)."""

    dtype: str
    array: np.ndarray


WRONG_VALUES = ("value", "pairing")  # the kinds of difference that are about values, not about their form


@dataclass(frozen=True)
class Difference:
    """How a value differs from the wanted one: a kind for the program, a sentence for a person."""

    kind: str  # "value" | "pairing" | "shape" | "dtype" | "container"
    sentence: str


class _TooLargeError(Exception):
    pass


class _Budget:
    """How many values one answer may still return; a list of a million numbers is no answer of this course."""

    def __init__(self) -> None:
        self.nodes = MAX_NODES

    def spend(self) -> bool:
        self.nodes -= 1
        return self.nodes >= 0


def freeze(value: Any) -> Any:
    """`value` in the closed set, by exact type and by copy: later changes to the original do not reach it.

    A NumPy scalar becomes a 0-d array, its string kind a str; a defaultdict, or a dict with a `__missing__` of its own,
    becomes the dict it is, whatever its other methods would say. Arrays of strings or objects, subclasses of arrays,
    arrays above 32 MiB, values nested deeper than 8 or of more than 10,000 parts, and whatever breaks while it is looked
    at, become `Opaque`.
    """
    try:
        return _freeze(value, 0, _Budget())
    except _TooLargeError:
        return Opaque(f"{type_name(type(value))} that is nested too deep or too large")
    except KeyboardInterrupt:
        raise
    except BaseException:
        return Opaque("unknown, since it cannot be read")


def has_opaque(frozen: Any) -> bool:
    """Whether anything in a frozen value is `Opaque`, and so cannot be compared."""
    if type(frozen) is dict:
        return any(map(has_opaque, (*frozen.keys(), *frozen.values())))
    return type(frozen) is Opaque or (type(frozen) in (list, tuple) and any(map(has_opaque, frozen)))


def _freeze(value: Any, depth: int, budget: _Budget) -> Any:
    kind = type(value)
    is_dict = dict in type.__dict__["__mro__"].__get__(kind)
    size = dict.__len__(value) if is_dict else len(value) if kind in (list, tuple) else 0
    if not budget.spend() or depth > MAX_DEPTH or size > budget.nodes:
        raise _TooLargeError
    if value is None or kind in (bool, int, float):
        return value
    if kind in (str, bytes):
        return value if len(value) <= MAX_CHARACTERS else Opaque(f"{kind.__name__} that is far too long")
    if kind in (list, tuple):
        return kind(_freeze(item, depth + 1, budget) for item in value)
    if is_dict:
        return {_freeze_key(key, depth, budget): _freeze(item, depth + 1, budget) for key, item in dict.items(value)}
    if kind is np.ndarray:
        return _freeze_array(value)
    if str in type.__dict__["__mro__"].__get__(kind):
        return _freeze(str.__str__(value), depth, budget)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        return _freeze_array(np.asarray(value))
    return _freeze_tensor(value) or Opaque(type_name(kind))


def _freeze_key(key: Any, depth: int, budget: _Budget) -> Any:
    frozen = _freeze(key, depth + 1, budget)
    if frozen is None or type(frozen) in (bool, int, float, str, bytes, Opaque):
        return frozen
    if type(frozen) is tuple and all(part is None or type(part) in (bool, int, float, str, bytes) for part in frozen):
        return frozen
    if type(frozen) is np.ndarray and frozen.ndim == 0:
        return frozen.item()
    return Opaque(type_name(type(key)))


def _freeze_array(array: np.ndarray) -> Any:
    if _dtype_name(array.dtype) not in DTYPES or array.ndim > MAX_DIMENSIONS:
        return Opaque(f"numpy.ndarray of dtype {array.dtype}")
    if array.nbytes > MAX_ARRAY_BYTES:
        return Opaque(f"numpy.ndarray of shape {array.shape}, which is far too large")
    copy = np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True)
    copy.flags.writeable = False
    return copy


def _freeze_tensor(value: Any) -> Tensor | Opaque | None:
    torch = sys.modules.get("torch")
    if torch is None or type(value) not in (torch.Tensor, torch.nn.Parameter):
        return None
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in TENSOR_DTYPES or value.layout is not torch.strided:
        return None
    if value.numel() * 8 > MAX_ARRAY_BYTES:
        return Opaque(f"torch.Tensor of shape {tuple(value.shape)}, which is far too large")
    plain = value.detach().cpu().resolve_conj().resolve_neg()
    array = (plain.float() if dtype == "bfloat16" else plain).numpy()
    frozen = _freeze_array(array)
    return Tensor(dtype, frozen) if type(frozen) is np.ndarray else frozen


def thaw(frozen: Any) -> Any:
    """A fresh live copy of a frozen value, writable, for an answer to work on: a `Tensor` becomes a torch tensor."""
    if type(frozen) is np.ndarray:
        return frozen.copy()
    if type(frozen) in (list, tuple):
        return type(frozen)(map(thaw, frozen))
    if type(frozen) is dict:
        return {key: thaw(item) for key, item in frozen.items()}
    if type(frozen) is Tensor:
        import torch

        return torch.from_numpy(frozen.array.copy()).to(getattr(torch, frozen.dtype))
    return frozen


def identical(one: Any, other: Any) -> bool:
    """Whether two frozen values are the same to the last bit, in kind as well; much quicker than to ask how they differ."""
    if type(one) is not type(other):
        return False
    if type(one) is np.ndarray:
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if type(one) is Tensor:
        return one.dtype == other.dtype and identical(one.array, other.array)
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(identical, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(map(identical, one.values(), other.values()))
    return one == other or one is other


def compare(got: Any, wanted: Any, dtype: str = "exact") -> Difference | None:
    """How the frozen `got` differs from the frozen `wanted`, or None if it does not.

    Floats may differ by rounding, according to their dtype; NaN equals only NaN. `dtype="kind"` accepts any dtype of
    the same kind (float32 for float64, but no half precision), `dtype="number"` also 2.0 for 2, but not 2.0000001.
    A NumPy scalar counts as the Python number of its kind.
    Right values in the wrong container, shape or dtype are told apart from wrong values.
    """
    got_array, wanted_array = _as_array(got), _as_array(wanted)
    if wanted_array is not None:
        if got_array is None:
            return _wrong_container(got, wanted)
        return _compare_numbers(got, got_array, wanted, wanted_array, dtype)
    if type(got) is not type(wanted):
        return _wrong_container(got, wanted)
    if type(wanted) in (list, tuple):
        return _compare_sequences(got, wanted, dtype)
    if type(wanted) is dict:
        return _compare_dicts(got, wanted, dtype)
    if got != wanted:
        return Difference("value", f"your answer is {show_value(got)}; it should be {show_value(wanted)}")
    return None


def _as_array(value: Any) -> np.ndarray | None:
    """The numbers in a number, an array or a tensor; None for anything else."""
    if type(value) is np.ndarray:
        return value
    if type(value) is Tensor:
        return value.array
    if type(value) in (bool, float):
        return np.asarray(value)
    if type(value) is int:
        return np.asarray(value) if abs(value) < 2**63 else np.asarray(value, dtype=object)
    return None


def _compare_numbers(
    got: Any, got_array: np.ndarray, wanted: Any, wanted_array: np.ndarray, dtype: str
) -> Difference | None:
    scalars = got_array.ndim == 0 and wanted_array.ndim == 0
    same_container = _container(got) == _container(wanted) or (scalars and Tensor not in (type(got), type(wanted)))
    python_numbers = type(got) in (bool, int, float) or type(wanted) in (bool, int, float)
    rounding = _dtype(wanted) if dtype == "number" else _loosest(_dtype(got), _dtype(wanted))
    same_values = _same_numbers(got_array, wanted_array, rounding)
    if got_array.shape != wanted_array.shape:
        right = got_array.size == wanted_array.size and _same_numbers(
            got_array.reshape(wanted_array.shape), wanted_array, rounding
        )
        return Difference(
            "shape",
            f"your answer has shape {got_array.shape}; it should be {wanted_array.shape}"
            + (" (the numbers themselves are right)" if right and got_array.size else ""),
        )
    if not same_values:
        return Difference("value", _where_numbers_differ(got_array, wanted_array, rounding))
    if not same_container:
        return _wrong_container(got, wanted)
    if dtype == "number" and {_kind(got_array), _kind(wanted_array)} <= {"i", "f"}:
        return None
    got_rounds, wanted_rounds = (_TOLERANCE.get(_dtype(value), 0.0) for value in (got, wanted))
    too_coarse = got_rounds > max(_TOLERANCE["float32"], wanted_rounds)
    other_dtype = dtype == "exact" and not python_numbers and _dtype(got) != _dtype(wanted)
    if too_coarse or other_dtype or _kind(got_array) != _kind(wanted_array):
        return Difference(
            "dtype", f"the values are right, but their dtype is {_dtype(got)}; it should be {_dtype(wanted)}"
        )
    return None


def _same_numbers(got: np.ndarray, wanted: np.ndarray, dtype: str) -> bool:
    if got.shape == wanted.shape and got.dtype == wanted.dtype and got.tobytes() == wanted.tobytes():
        return True  # the usual case, and far quicker than to measure how near
    return got.shape == wanted.shape and not _wrong_places(got, wanted, dtype).any()


def _wrong_places(got: np.ndarray, wanted: np.ndarray, dtype: str) -> np.ndarray:
    """Where two arrays of one shape differ by more than the rounding of `dtype`. NaN equals only NaN, inf only inf."""
    if dtype not in _TOLERANCE:
        return np.asarray(got != wanted)
    target = np.complex128 if "c" in (got.dtype.kind, wanted.dtype.kind) else np.float64
    if "O" in (got.dtype.kind, wanted.dtype.kind):  # an integer that may be too large for any float
        return np.asarray(got != wanted)
    got, wanted = got.astype(target), wanted.astype(target)
    finite = np.isfinite(wanted)
    scale = np.abs(wanted[finite]).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        close = np.abs(got - wanted) <= _TOLERANCE[dtype] * (scale if scale > 0 else 1.0)
    same_special = (np.isnan(got) & np.isnan(wanted)) | (got == wanted)
    return np.asarray(~np.where(finite, close, same_special))


def _loosest(first: str, second: str) -> str:
    """Of two dtypes the one with fewer digits, which says how exactly both can agree."""
    return max(first, second, key=lambda name: _TOLERANCE.get(name, 0.0))


def _where_numbers_differ(got: np.ndarray, wanted: np.ndarray, rounding: str) -> str:
    wrong = _wrong_places(got, wanted, rounding)
    if wrong.ndim == 0:
        ours, right = _told_apart(got.item(), wanted.item())
        return f"your answer is {ours}; it should be {right}"
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    where = f"[{', '.join(map(str, place))}]"
    ours, right = _told_apart(got[place].item(), wanted[place].item())
    return (
        f"{int(wrong.sum())} of {wrong.size} numbers are wrong; the first is at {where}: {ours}, where {right} is right"
    )


def _told_apart(first: Any, second: Any) -> tuple[str, str]:
    """Two different numbers with as many digits as it takes to see the difference."""
    shown = _number(first), _number(second)
    if shown[0] == shown[1] and {type(first), type(second)} <= {int, float} and max(abs(first), abs(second)) < 10**30:
        for digits in range(7, 18):
            shown = f"{first:.{digits}g}", f"{second:.{digits}g}"
            if shown[0] != shown[1]:
                break
    return shown


def _compare_sequences(got: Any, wanted: Any, dtype: str) -> Difference | None:
    if len(got) != len(wanted):
        return Difference("shape", f"your answer has length {len(got)}; it should be {len(wanted)}")
    differences = [(index, compare(*pair, dtype)) for index, pair in enumerate(zip(got, wanted, strict=True))]
    return _first_inside(differences)


def _compare_dicts(got: dict, wanted: dict, dtype: str) -> Difference | None:
    missing = [key for key in wanted if key not in got]
    extra = [key for key in got if key not in wanted]
    if missing and extra:
        return Difference(
            "value", f"key {show_value(missing[0])} is missing, and {show_value(extra[0])} is none of ours"
        )
    if missing:
        return Difference("value", f"key {show_value(missing[0])} is missing")
    if extra:
        return Difference("value", f"key {show_value(extra[0])} should not be there")
    difference = _first_inside([(key, compare(got[key], wanted[key], dtype)) for key in wanted])
    if difference is not None and difference.kind == "value" and _same_values(got, wanted):
        return Difference("pairing", f"keys and values are right, but paired wrongly: {difference.sentence}")
    return difference


def _same_values(got: dict, wanted: dict) -> bool:
    """Whether two dicts hold the same plain values, whatever their keys."""
    if any(type(value) not in (int, str) for value in (*got.values(), *wanted.values())):
        return False
    return sorted(map(repr, got.values())) == sorted(map(repr, wanted.values()))


def _first_inside(differences: list[tuple[Any, Difference | None]]) -> Difference | None:
    """The first wrong value inside a list or dict; only if all values are right, the first wrong form."""
    found = [(place, difference) for place, difference in differences if difference is not None]
    if not found:
        return None
    place, difference = min(found, key=lambda item: item[1].kind not in WRONG_VALUES)
    return Difference(difference.kind, f"at {show_value(place)}, {difference.sentence}")


def _wrong_container(got: Any, wanted: Any) -> Difference:
    names = f"your answer is {_a(got)}; it should be {_a(wanted)}"
    unwrapped = _unwrap(got, wanted)
    if unwrapped is not None and compare(unwrapped, wanted, "kind") is None:
        return Difference("container", f"the values are right, but {names}")
    return Difference("container", names)


def _unwrap(got: Any, wanted: Any) -> Any:
    """`got` in the container of `wanted`, where that is only a question of the container; else None."""
    try:
        if _as_array(wanted) is not None:
            plain = _as_array(got) if _as_array(got) is not None else _stack(got)
            if plain is None or type(wanted) is not Tensor:
                return _freeze_array(np.asarray(plain)) if plain is not None else None
            return Tensor(wanted.dtype, plain)
        if type(wanted) in (list, tuple) and type(got) in (list, tuple):
            return type(wanted)(got)
        if type(wanted) in (list, tuple) and type(got) is np.ndarray:
            return freeze(type(wanted)(got.tolist()))
        if type(wanted) is dict and type(got) in (list, tuple):
            return dict(got)
    except (ValueError, TypeError):
        pass
    return None


def _stack(value: Any) -> np.ndarray | None:
    if type(value) not in (list, tuple):
        return None
    plain = np.array([item if _as_array(item) is None else _as_array(item) for item in value])
    return plain if plain.dtype.kind in NUMERIC_KINDS else None


def _container(value: Any) -> str:
    return {np.ndarray: "numpy.ndarray", Tensor: "torch.Tensor"}.get(type(value), type(value).__name__)


def _a(value: Any) -> str:
    if value is None:
        return "None"
    name = value.type_name if type(value) is Opaque else _container(value)
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


@functools.cache
def _dtype_name(dtype: np.dtype) -> str:
    return dtype.name


def _dtype(value: Any) -> str:
    if type(value) is Tensor:
        return value.dtype
    if type(value) is np.ndarray:
        return _dtype_name(value.dtype)
    return {bool: "bool", int: "int64", float: "float64"}[type(value)]


def _kind(array: np.ndarray) -> str:
    kind = array.dtype.kind
    return "i" if kind in "iuO" else kind  # "O" only for a Python integer beyond 64 bits


def type_name(kind: type) -> str:
    """The type's name as text, whatever its metaclass would like us to read."""
    name = type.__dict__["__name__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    prefix = f"{module}." if isinstance(module, str) and module not in ("builtins", "__main__") else ""
    return (prefix + str.__str__(name))[:80]


def _number(number: Any) -> str:
    """A number as a person writes it: at most six digits, whole floats without a tail."""
    if isinstance(number, bool | int):
        return str(number) if abs(number) < 10**30 else "an integer of more than 30 digits"
    if isinstance(number, complex):
        return f"{number:.6g}"
    return f"{number:.6g}" if math.isfinite(number) else {math.inf: "inf", -math.inf: "-inf"}.get(number, "nan")


def show_value(value: Any, width: int = 300) -> str:
    """A frozen value in few words: small arrays with their numbers, large ones by shape and dtype; cut at `width`.

    >>> show_value(np.array([[1.0, 0.5]]))
    'array([[1, 0.5]]) of shape (1, 2)'
    """
    text = _show(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def _show(value: Any) -> str:
    if type(value) is np.ndarray:
        return _show_array("array", value, value.dtype.name)
    if type(value) is Tensor:
        return _show_array("tensor", value.array, value.dtype)
    if type(value) is Opaque:
        return f"an object of type {value.type_name}"
    if type(value) is dict:
        return "{" + ", ".join(_some(f"{_show(key)}: {_show(item)}" for key, item in value.items())) + "}"
    if type(value) is list:
        return "[" + ", ".join(_some(map(_show, value))) + "]"
    if type(value) is tuple:
        return "(" + ", ".join(_some(map(_show, value))) + (",)" if len(value) == 1 else ")")
    if type(value) is float and value.is_integer() and abs(value) < 1e6:
        return f"{value:.1f}"  # 2.0 is not 2 where a whole number is wanted
    if type(value) in (int, float):
        return _number(value)
    return repr(value[:400] if type(value) in (str, bytes) else value)


def show_form(value: Any) -> str:
    """What kind of thing a frozen value is, and how large, without any of its values.

    >>> show_form([np.zeros((3, 2)), np.ones(4)]), show_form({"a": 1}), show_form([[1, 2], [3]])
    ('list of 2 arrays', 'dict of 1 int by string', 'list of 2 lists of ints')
    """
    if type(value) is np.ndarray and value.ndim == 0:
        return _dtype_name(value.dtype)
    if type(value) in (np.ndarray, Tensor):
        array, dtype = (value.array, value.dtype) if type(value) is Tensor else (value, _dtype_name(value.dtype))
        noun = "tensor" if type(value) is Tensor else "array"
        return f"{noun} of shape {array.shape}" + ("" if dtype in ("float64", "int64") else f", {dtype}")
    if type(value) in (list, tuple):
        return f"{type(value).__name__} of {_counted(value)}" if value else f"empty {type(value).__name__}"
    if type(value) is dict:
        return f"dict of {_counted(list(value.values()))} by {_kinds(list(value), 1)}" if value else "empty dict"
    return _noun(value)


def _counted(items: list | tuple) -> str:
    """How many items there are, of what kind, and where all are lists or tuples, of what these are made."""
    kinds, inner = _kinds(items, len(items)), [part for item in items if type(item) in (list, tuple) for part in item]
    nested = inner and all(type(item) in (list, tuple) for item in items)
    return f"{len(items)} {kinds}" + (f" of {_kinds(inner, 2)}" if nested else "")


def _kinds(items: list | tuple, number: int) -> str:
    kinds = {_noun(item) for item in items}
    kind = kinds.pop() if len(kinds) == 1 else "value"
    return kind + "s" * (number != 1 and kind != "None")


def _noun(value: Any) -> str:
    if type(value) is np.ndarray and value.ndim == 0:
        return _dtype_name(value.dtype)
    nouns = {np.ndarray: "array", Tensor: "tensor", Opaque: "object", str: "string", type(None): "None"}
    return nouns.get(type(value), type(value).__name__)


def _some(texts: Iterator[str], most: int = 40) -> list[str]:
    shown = [text for _, text in zip(range(most + 1), texts, strict=False)]
    return shown if len(shown) <= most else [*shown[:most], "…"]


def _show_array(name: str, array: np.ndarray, dtype: str) -> str:
    form = f"of shape {array.shape}" + ("" if dtype in ("float64", "int64", "bool") else f", {dtype}")
    if array.size > 60 or (array.size == 0 and array.ndim > 1):
        return f"{name} {form}"
    return f"{name}({_nested(array)}) {form}"


def _nested(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _number(array.item())
    return "[" + ", ".join(_nested(row) for row in array) + "]"
