"""Mutants: right answers with one thing changed. The judge must find out every one of them, under every seed.

`make mutants` prints the table, and what survived. The right answers are the lesson's own solution and those of
`tests/<topic>/right_answers.py`. A mutant that is still right stands in `equivalent.toml` with the reason; an entry
there that no mutant needs any more is a failure as well.
"""

import ast
import difflib
import inspect
import signal
import sys
import textwrap
import threading
import tomllib
import warnings
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from embedcourse import catalogue
from embedcourse.marking import Exercise, LocalAnswer, judge, mark
from embedcourse.marking.running import undisturbed
from tests import remote

SEEDS = range(3)
ROUNDS = 100_000  # of all its loops together, until a mutant counts as endless
PATIENCE = 30.0  # seconds, for one that is endless without a loop of its own; none is so far
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Mutant:
    """One changed copy of a right answer: `change` is the line before and after, as in a diff."""

    answer: str
    change: str
    function: Callable


def right_answers(exercise: str) -> dict[str, Callable]:
    """The right ways of writing an answer by name: the lesson's own, and those of tests/<topic>/right_answers.py."""
    lesson = next(lesson for lesson in catalogue.lessons() if exercise in lesson.exercises)
    written = vars(import_module(f"tests.{lesson.topic}.right_answers"))
    others = {name.partition("__")[2]: value for name, value in written.items() if name.startswith(f"{exercise}__")}
    return {"solution": remote.from_notebook(exercise, stub=False), **others}


def mutants(exercise: str, solution_alone: bool = False) -> Iterator[Mutant]:
    """Every mutant of every right answer; of a function without arguments only the lesson's own has any."""
    for name, function in right_answers(exercise).items():
        if name != "solution" and (solution_alone or not inspect.signature(function).parameters):
            continue  # its value is all there is to see of it
        code = remote.code_of(exercise) if name == "solution" else textwrap.dedent(inspect.getsource(function))
        for change, changed in _changed(code):
            yield Mutant(name, change, _run(changed, function))


def _run(code: str, original: Callable) -> Callable:
    """The function that the code defines. Each round of its loops takes one of ROUNDS; after the last it raises."""
    tree = ast.parse(code)
    for loop in ast.walk(tree):
        if isinstance(loop, ast.For | ast.While):
            loop.body[:0] = ast.parse("next(_rounds)").body
    namespace = {**original.__globals__, "_rounds": iter(range(ROUNDS))}
    exec(compile(tree, f"<mutant of {original.__name__}>", "exec"), namespace)
    return namespace[original.__name__]


def _is_wrong(exercise: Exercise, answer: Callable, seed: int) -> bool:
    """Whether any case fails; the cases after it are not tried."""
    with undisturbed():
        return any(
            judge._try(exercise, *question, right, LocalAnswer(answer)).fault
            for question, right in _questions(exercise, seed)
        )


@cache
def _questions(exercise: Exercise, seed: int) -> list[tuple[tuple, Any]]:
    """The cases of an exercise, each with what is right: the same for all its mutants."""
    return [(asked, judge._right(exercise, *asked[2:])) for asked in judge._questions(exercise, seed)]


def survives(exercise: Exercise, mutant: Mutant) -> bool:
    """Whether the mutant gets full marks under any seed. One that does not come to an end does not."""
    quick = replace(exercise, mistakes=())  # what the mistake is called does not matter here
    over, interrupted = threading.Event(), threading.Event()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is run in the background ignores it
    threading.Thread(target=_interrupt, args=(over, interrupted), daemon=True).start()
    try:
        for seed in SEEDS:
            if not _is_wrong(quick, mutant.function, seed) and mark(quick, mutant.function, seed).status == "passed":
                return True
            if interrupted.is_set():  # it was interrupted; another seed would not come to an end either
                return False
    except KeyboardInterrupt:
        pass
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)
    return False


def _interrupt(over: threading.Event, interrupted: threading.Event) -> None:
    """Interrupt the main thread until it is over: an interrupt that comes while something is thrown away is lost."""
    while not over.wait(PATIENCE):
        interrupted.set()
        interrupt_main()


def _changed(code: str) -> Iterator[tuple[str, str]]:
    """What one change makes of a function: (the changed lines, the whole code), each code once."""
    tree = ast.parse(code)
    function = tree.body[0]
    function.decorator_list = []
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    before = ast.unparse(tree)
    names = sorted({arg.arg for arg in ast.walk(function) if isinstance(arg, ast.arg)} | _assigned(function))
    seen = {before}
    for put, node in _places(function):
        for other in _alternatives(node, names):
            put(other)
            after = ast.unparse(ast.fix_missing_locations(tree))
            put(node)
            if after not in seen and _is_python(after):
                seen.add(after)
                yield _difference(before, after), after


def _is_python(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)  # `is 0` and the like: nobody leaves that in
        try:
            compile(code, "<mutant>", "exec")
        except (SyntaxError, SyntaxWarning):
            return False
    return True


def _difference(before: str, after: str) -> str:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    kept = [f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "-+"]
    return "\n".join(kept)


def _assigned(function: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _places(function: ast.FunctionDef) -> Iterator[tuple[Callable, ast.AST]]:
    """Each node below a function, with what puts another in its place.

    What an exception says and which warnings are silenced is left alone: neither is marked.
    """
    said = {id(node) for statement in ast.walk(function) for node in _said(statement)}
    for parent in ast.walk(function):
        if isinstance(parent, ast.keyword) and parent.arg in _AXES:
            continue  # the call itself exchanges them
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST) and not isinstance(value, ast.arguments) and id(value) not in said:
                yield (lambda new, parent=parent, field=field: setattr(parent, field, new)), value
            elif isinstance(value, list) and field not in ("keywords", "ops"):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST) and id(item) not in said:
                        yield (lambda new, value=value, index=index: value.__setitem__(index, new)), item


def _said(statement: ast.AST) -> Iterator[ast.AST]:
    """What is inside a raise, except which kind of exception it is; and all of np.errstate(…)."""
    if isinstance(statement, ast.Raise):
        if statement.cause is not None:
            yield from ast.walk(statement.cause)
        if isinstance(statement.exc, ast.Call):
            yield statement.exc
            for argument in statement.exc.args:
                yield from ast.walk(argument)
    elif isinstance(statement, ast.withitem) and ast.unparse(statement).startswith("np.errstate"):
        yield from ast.walk(statement)


def _alternatives(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """What may stand in a node's place: the slips of a tired programmer."""
    for kind, change in _CHANGES.items():
        if isinstance(node, kind):
            yield from change(node, names)


_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.MatMult)  # a power may take for ever
_BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor)
_COMMUTATIVE = (ast.Add, ast.Mult, *_BITWISE)
_AXES = ("axis", "dim")
_SYMMETRIC = ("min", "max", "minimum", "maximum", "logaddexp", "dot")  # the order of what they take means nothing
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_OPPOSITES = {ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
_SIBLINGS = (
    "any all",
    "min max",
    "zeros ones",
    "zeros_like ones_like",
    "sum mean max prod",
    "float64 float32 int64",
    "int64 int32 float64 uint8 bool",
    "less less_equal greater",
    "argmin argmax",
    "argsort sort",
    "list set",
    "range reversed",
    "add subtract multiply maximum",
    "ravel squeeze",
    "append insert",
    "len sum",
    "eye ones",
    "get pop",
    "KeyError ValueError IndexError TypeError",
)


def _copied(node: ast.AST, **changes: object) -> ast.AST:
    return type(node)(**{**dict(ast.iter_fields(node)), **changes})


def _binary(node, names):
    yield node.left
    yield node.right
    others = _BITWISE if isinstance(node.op, _BITWISE) else _ARITHMETIC
    yield from (_copied(node, op=other()) for other in others if not isinstance(node.op, other))
    if not isinstance(node.op, _COMMUTATIVE):
        yield _copied(node, left=node.right, right=node.left)


def _unary(node, names):
    yield node.operand


def _either(node, names):
    yield _copied(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for index in range(len(node.values)):
        rest = node.values[:index] + node.values[index + 1 :]
        yield rest[0] if len(rest) == 1 else _copied(node, values=rest)


def _comparison(node, names):
    for index, operator in enumerate(node.ops):
        others = _COMPARISONS if isinstance(operator, _COMPARISONS) else (_OPPOSITES[type(operator)],)
        for other in others:
            yield _copied(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


def _constant(node, names):
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(other) for other in (value + 1, value - 1, -value or 1, 0, 2 * value))
    elif isinstance(value, str):
        yield ast.Constant("x" + value)
        yield ast.Constant("")
    elif value is None:
        yield ast.Constant(0)
    elif value is Ellipsis:
        yield ast.Slice()


def _called(node, names):
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # x.astype(…) becomes x
    for index, argument in enumerate(node.args):
        yield argument  # f(x) becomes x
        yield _copied(node, args=node.args[:index] + node.args[index + 1 :])
        if index and ast.unparse(node.func).rpartition(".")[2] not in _SYMMETRIC:
            swapped = [*node.args[: index - 1], argument, node.args[index - 1], *node.args[index + 1 :]]
            yield _copied(node, args=swapped)
    for index, keyword in enumerate(node.keywords):
        before, after = node.keywords[:index], node.keywords[index + 1 :]
        yield _copied(node, keywords=before + after)
        if keyword.arg in _AXES:
            for axis in (None, 0, 1) if ast.unparse(keyword.value) in "12" else (None, 0, 1, -1):
                yield _copied(node, keywords=[*before, ast.keyword(keyword.arg, ast.Constant(axis)), *after])
        elif keyword.arg == "dtype":
            for dtype in ("float16", "float32", "float64", "int32", "int64"):
                if not ast.unparse(keyword.value).endswith(dtype):
                    yield _copied(node, keywords=[*before, ast.keyword("dtype", ast.Constant(dtype)), *after])
        else:
            for other in _alternatives(keyword.value, names):
                yield _copied(node, keywords=[*before, ast.keyword(keyword.arg, other), *after])


def _subscript(node, names):
    if isinstance(node.ctx, ast.Load):
        yield node.value
    if isinstance(node.slice, ast.Tuple) and not isinstance(node.ctx, ast.Del):
        yield _copied(node, slice=_copied(node.slice, elts=node.slice.elts[::-1]))


def _slice(node, names):
    for part in ("lower", "upper", "step"):
        if getattr(node, part) is not None:
            yield _copied(node, **{part: None})


def _sequence(node, names):
    if not isinstance(getattr(node, "ctx", None), ast.Store):
        for index in range(len(node.elts)):
            rest = node.elts[:index] + node.elts[index + 1 :]
            if rest:
                yield _copied(node, elts=rest)
        if len(node.elts) > 1:
            yield _copied(node, elts=node.elts[::-1])


def _dictionary(node, names):
    for index in range(len(node.keys)):
        yield _copied(
            node, keys=node.keys[:index] + node.keys[index + 1 :], values=node.values[:index] + node.values[index + 1 :]
        )
    for index in range(1, len(node.values)):
        swapped = [*node.values[: index - 1], node.values[index], node.values[index - 1], *node.values[index + 1 :]]
        yield _copied(node, values=swapped)


def _choice(node, names):
    yield node.body
    yield node.orelse
    yield _copied(node, body=node.orelse, orelse=node.body)


def _branch(node, names):
    for test in (True, False):
        yield _copied(node, test=ast.Constant(test))


def _part_of(iterable, first):
    """All but one of what is looped over."""
    cut = ast.Slice(lower=ast.Constant(1)) if first else ast.Slice(upper=ast.Constant(-1))
    return ast.Subscript(ast.Call(ast.Name("list", ast.Load()), [iterable], []), cut, ast.Load())


def _loop(node, names):
    yield _copied(node, iter=_part_of(node.iter, first=True))
    yield _copied(node, iter=_part_of(node.iter, first=False))


def _comprehension(node, names):
    yield from _loop(node, names)
    if node.ifs:
        yield _copied(node, ifs=[])


def _statement(node, names):
    if not isinstance(node, ast.Return | ast.Pass):
        yield ast.Pass()


def _returned(node, names):
    yield ast.Return(ast.Constant(None))


def _augmented(node, names):
    yield from (_copied(node, op=other()) for other in _ARITHMETIC if not isinstance(node.op, other))
    yield ast.Assign([node.target], node.value)


def _named(node, names):
    if isinstance(node.ctx, ast.Load):
        if node.id in names:
            yield from (ast.Name(other, ast.Load()) for other in names if other != node.id)
        yield from (ast.Name(other, ast.Load()) for other in _siblings(node.id))


def _attribute(node, names):
    yield from (_copied(node, attr=other) for other in _siblings(node.attr))


def _siblings(name):
    return [other for family in _SIBLINGS for other in family.split() if name in family.split() and other != name]


_CHANGES = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.Compare: _comparison,
    ast.Constant: _constant,
    ast.Call: _called,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple | ast.List: _sequence,
    ast.Dict: _dictionary,
    ast.IfExp: _choice,
    ast.If | ast.While: _branch,
    ast.For: _loop,
    ast.comprehension: _comprehension,
    ast.stmt: _statement,
    ast.Return: _returned,
    ast.AugAssign: _augmented,
    ast.Name: _named,
    ast.Attribute: _attribute,
}


@dataclass(frozen=True)
class Result:
    """How the mutants of one exercise fared; `unneeded` are the listed equivalents that were killed or not even made."""

    exercise: str
    answers: int
    made: int
    equivalent: dict[tuple[str, str], str]
    survivors: list[Mutant]
    unneeded: list[tuple[str, str]]

    @property
    def killed(self) -> int:
        """How many were found out."""
        return self.made - len(self.equivalent) - len(self.survivors)


def hunt(exercise: Exercise, solution_alone: bool = False) -> Result:
    """Mark every mutant of an exercise, of all its right answers or of the lesson's own."""
    listed = {
        (answer, change.strip()): entry["reason"]
        for entry in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get(exercise.name, [])
        for answer in entry["answers"]
        if answer == "solution" or not solution_alone
        for change in entry["changes"]
    }
    made, found, survivors = 0, {}, []
    for mutant in mutants(exercise.name, solution_alone):
        made += 1
        if survives(exercise, mutant):
            key = (mutant.answer, mutant.change)
            if key in listed:
                found[key] = listed[key]
            else:
                survivors.append(mutant)
    unneeded = [key for key in listed if key not in found]
    return Result(exercise.name, len(right_answers(exercise.name)), made, found, survivors, unneeded)


def main(names: list[str]) -> int:
    np.seterr(all="ignore")
    results = [hunt(exercise) for name, exercise in catalogue.exercises().items() if not names or name in names]
    for result in results:
        for mutant in result.survivors:
            print(f"SURVIVED {result.exercise}, {mutant.answer}:\n{textwrap.indent(mutant.change, '    ')}")
        for answer, change in result.unneeded:
            print(f"NOT NEEDED {result.exercise}, {answer}:\n{textwrap.indent(change, '    ')}")
    print(f"\n{'exercise':<22}{'answers':>8}{'mutants':>9}{'killed':>8}{'equivalent':>12}{'survived':>10}")
    for result in results:
        numbers = (result.answers, result.made, result.killed, len(result.equivalent), len(result.survivors))
        print(f"{result.exercise:<22}{numbers[0]:8}{numbers[1]:9}{numbers[2]:8}{numbers[3]:12}{numbers[4]:10}")
    for result in results:
        for reason in sorted(set(result.equivalent.values())):
            count = list(result.equivalent.values()).count(reason)
            print(f"{result.exercise}: {count} equivalent: {reason}")
    return int(any(result.survivors or result.unneeded for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
