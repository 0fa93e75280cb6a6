"""How large an embedding matrix is, in numbers and in bytes, and who decides how many rows it has.

Taught in lesson 5. Plain arithmetic on whole numbers of any size: nothing here overflows, and nothing is rounded unless it
says so. What the rest of a model holds is counted in lesson 6.
"""

import operator
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_BITS = {
    **{f"{kind}{bits}": bits for kind in ("int", "uint") for bits in (4, 8, 16, 32, 64)},
    **{"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8_e4m3fn": 8, "float8_e5m2": 8},
    **{"fp64": 64, "fp32": 32, "fp16": 16, "bf16": 16, "fp8": 8},
}
_STATES = {"sgd": 0, "momentum": 1, "adam": 2}


def embedding_parameters(vocab_size: int, dim: int) -> int:
    """The parameters of an embedding matrix: vocab_size rows of dim numbers each.

    A head that is not tied to it has as many again (lesson 4). Raises ValueError for sizes that are no whole numbers of at
    least 1.

    >>> embedding_parameters(131_072, 4_096) == 512 * 2**20
    True
    """
    return _whole("vocab_size", vocab_size) * _whole("dim", dim)


def table_bytes(vocab_size: int, dim: int, dtype: Any = "float32") -> int:
    """The bytes that the numbers of an embedding matrix take; a last half byte counts as a whole one.

    dtype  a name such as "float32", "bfloat16", "int8" or "int4", the field's short forms (fp32, bf16, …), or a dtype of
           NumPy or torch. Quantised tables also store a scale for each row or block of numbers, which is not counted here.
    Raises ValueError for a dtype that is not known, or for sizes that are no whole numbers of at least 1.

    >>> table_bytes(131_072, 4_096, "bfloat16") == 2**30
    True
    """
    return -(-embedding_parameters(vocab_size, dim) * _bits(dtype) // 8)


def training_bytes(vocab_size: int, dim: int, optimizer: str = "adam") -> int:
    """The bytes that training an embedding matrix in float32 holds: weights, gradient, and what the optimizer remembers.

    "sgd" remembers nothing, "momentum" one number for each parameter, "adam" (AdamW too) two. Mixed precision comes to the
    same for Adam: 2 bytes for the weight, 2 for its gradient, 4 for a float32 copy, 8 for the two (Rajbhandari and others,
    2020, ZeRO, section 3.1). Raises ValueError for another optimizer, or for sizes that are no whole numbers of at least 1.

    >>> training_bytes(50_257, 768) / table_bytes(50_257, 768)
    4.0
    """
    if optimizer not in _STATES:
        raise ValueError(f"no optimizer is called {optimizer!r} here; choose one of {', '.join(_STATES)}")
    return (2 + _STATES[optimizer]) * table_bytes(vocab_size, dim, "float32")


def pad_vocabulary(vocab_size: int, multiple: int) -> int:
    """The smallest multiple of `multiple` that has room for `vocab_size` rows; the rows added belong to no token.

    Raises ValueError for sizes that are no whole numbers of at least 1.

    >>> pad_vocabulary(50_257, 64), pad_vocabulary(50_304, 64)
    (50304, 50304)
    """
    multiple = _whole("multiple", multiple)
    return -(-_whole("vocab_size", vocab_size) // multiple) * multiple


def largest_vocabulary(budget: int, dim: int, bytes_per_number: int = 2, multiple: int = 1, tied: bool = True) -> int:
    """The most rows, a multiple of `multiple`, whose table (and head, if it is not tied) fit into `budget` bytes.

    0 if not even `multiple` rows fit. Raises ValueError for a budget that is no whole number of at least 0, or sizes that are
    no whole numbers of at least 1.

    >>> largest_vocabulary(2**30, 4_096, bytes_per_number=2, multiple=64)
    131072
    """
    multiple = _whole("multiple", multiple)
    bytes_of_a_row = _whole("dim", dim) * _whole("bytes_per_number", bytes_per_number) * (1 if tied else 2)
    return _whole("budget", budget, least=0) // bytes_of_a_row // multiple * multiple


def factorised_parameters(vocab_size: int, dim: int, inner: int) -> int:
    """The parameters of a table of vocab_size rows of `inner` numbers, and of the matrix that takes these to dim.

    Below vocab_size · dim as long as inner < vocab_size · dim / (vocab_size + dim). The product has at most rank `inner`.
    Source: Lan and others, 2020, ALBERT, section 3.1. Raises ValueError for sizes that are no whole numbers of at least 1.

    >>> factorised_parameters(30_000, 768, 128)
    3938304
    """
    return embedding_parameters(vocab_size, inner) + embedding_parameters(inner, dim)


def merge_step(words: Sequence[Sequence[str]]) -> tuple[tuple[str, str] | None, list[list[str]]]:
    """One step of byte pair encoding: the commonest pair of neighbours, and the words with that pair joined everywhere.

    words   each a list of symbols; pairs do not reach from one word into the next, and a word counts as often as it comes
    Of pairs that are equally common the one met first wins. Where joinings would overlap, as in a a a, the left one is made.
    Returns (None, the words) if no word has two symbols. Source: Sennrich and others, 2016, algorithm 1.

    >>> merge_step(["aab", "ab"])
    (('a', 'b'), [['a', 'ab'], ['ab']])
    """
    if isinstance(words, str):
        raise ValueError("words is one string; give a list of words, each a list of its symbols")
    pairs = Counter(pair for word in words for pair in pairwise(word))
    if not pairs:
        return None, [list(word) for word in words]
    best = max(pairs, key=pairs.__getitem__)
    return best, [_joined(word, best) for word in words]


def _joined(word: Sequence[str], pair: tuple[str, str]) -> list[str]:
    symbols, place = [], 0
    while place < len(word):
        found = tuple(word[place : place + 2]) == pair
        symbols.append("".join(pair) if found else word[place])
        place += 2 if found else 1
    return symbols


def _bits(dtype: Any) -> int:
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    name = name.removeprefix("torch.")
    if name not in _BITS:
        raise ValueError(f"no dtype is called {name!r} here; known are {', '.join(_BITS)}")
    return _BITS[name]


def _whole(name: str, value: Any, least: int = 1) -> int:
    """The value as a Python int, which has room for any size; NumPy's would overflow without a word."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < least:
        raise ValueError(f"{name} is {value!r}; it must be a whole number, at least {least}")
    return number
