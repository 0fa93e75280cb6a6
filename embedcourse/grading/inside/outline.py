"""What stands in a cell, without running it: its code, which functions it defines, and the skeleton of each.

Two answers with one skeleton differ at most in local names, comments, docstrings, annotations, assertions and default values.
It is made of what Python compiles them to: there local names are numbers, and a compiler is far quicker than a walk in a tree.
"""

import hashlib
import opcode
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any

_MAGIC = re.compile(r"^(\s*)(?:[%!?]|[\w.]+\s*=\s*[%!]|[\w.]+\?{1,2}\s*$)")
_RUN_ALL_THE_SAME = ("%%time", "%%timeit", "%%capture")
_NOTHING = opcode.opmap["NOP"]
_compile = compile  # a cell may patch it
MAGICS = "Lines that begin with % or ! are not run while a lesson is graded."


def compiled(source: str, file: str, optimize: int = 0) -> tuple[CodeType, bool]:
    """A cell's code, and whether lines for IPython alone were left out. Raises SyntaxError and whatever else `compile` does."""
    try:
        return _compile(source, file, "exec", dont_inherit=True, optimize=optimize), False
    except (SyntaxError, ValueError):
        lines = source.split("\n")
        kept = list(_for_python(lines))
        return _compile("\n".join(kept), file, "exec", dont_inherit=True, optimize=optimize), kept != lines


def _for_python(lines: list[str]) -> Iterator[str]:
    """The lines of a cell, each at its place, without what only IPython understands."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    begins = lines[first].strip()
    alone = begins.startswith("%%") and begins.split()[0] not in _RUN_ALL_THE_SAME  # all of it is in another language
    for number, line in enumerate(lines):
        if alone or (begins.startswith("%%") and number == first):
            yield ""
        else:
            yield _MAGIC.sub(r"\1pass  # ", line) if _MAGIC.match(line) else line


def outline(source: str) -> tuple[tuple[str, str, int], ...]:
    """The functions and classes that a cell defines: (name, skeleton, how many steps it has)."""
    try:
        code, _ = compiled(source, "<cell>", optimize=2)  # without docstrings and assertions
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    parts = [part for part in code.co_consts if type(part) is CodeType and part.co_name.isidentifier()]
    return tuple((part.co_name, *skeleton(part)) for part in parts)


def skeleton(code: CodeType) -> tuple[str, int]:
    """A digest of what a function does, whatever its local names, and how many steps it has."""
    everything = [code, *_within(code)]
    steps = sum(len(part.co_code) // 2 - part.co_code[::2].count(0) for part in everything)  # 0 is no step, but a gap
    return hashlib.sha256(repr(list(map(_plain, everything))).encode("utf-8", "replace")).hexdigest()[:16], steps


def _within(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield constant
            yield from _within(constant)


def _plain(code: CodeType) -> tuple:
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    steps = (code.co_code[place : place + 2] for place in range(0, len(code.co_code), 2))
    steps = [step for step in steps if step[0] != _NOTHING]  # one is left of a docstring
    return counts, b"".join(steps), code.co_names, [_constant(value) for value in code.co_consts]


def _constant(value: Any) -> Any:
    if type(value) is CodeType:
        return "code"
    return sorted(map(repr, value)) if type(value) is frozenset else value  # whose order is another one in each process
