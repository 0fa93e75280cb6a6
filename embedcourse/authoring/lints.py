"""What a lesson's source must not do. Each check yields problems as "file:line: what is wrong and how to mend it"."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from statistics import median

from embedcourse import catalogue, release
from embedcourse.authoring import terms
from embedcourse.authoring.notebooks import exercise_of, without_solution
from embedcourse.authoring.source import BEGIN, END, Cell, Source

MAX_CELLS = 55
MAX_WORDS = 3_000
MAX_CODE_LINES = 25
MAX_MEDIAN_CODE_LINES = 6
MAX_CODE_WIDTH = 88  # what a laptop shows without scrolling sideways
MAX_CORE_MINUTES = 60
_HEADER = re.compile(
    r"^### Exercise \d+: `(?P<name>\w+)`\n+"
    r"\*\*(?P<core>Core|Stretch)\*\* · (?:easy|medium|hard) · up to (?P<minutes>\d+) minutes?\b",
    re.MULTILINE,
)
_DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
_HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


def problems(source: Source) -> list[str]:
    """Every problem of a lesson's source, in the order of its lines."""
    found: set[tuple[int, str]] = set()
    for check in _CHECKS:
        found.update(check(source))
    return [f"{source.path}:{line}: {what}" for line, what in sorted(found)]


Problems = Iterator[tuple[int, str]]


def _markers(source: Source) -> Problems:
    for cell in source.cells:
        inside = None
        for line, text in _numbered(cell):
            if BEGIN in text and (text.strip() != BEGIN or inside):
                yield line, f"write {BEGIN!r} alone on its line, and end the answer before you begin another"
            if END in text and (text.strip() != END or not inside):
                yield line, f"{END!r} must stand alone on its line, after a {BEGIN!r}"
            if BEGIN in text:
                inside = line
            elif END in text:
                inside = None
        if inside:
            yield inside, f"{BEGIN!r} has no {END!r} in its cell"
        if (BEGIN in cell.text or END in cell.text) and "exercise" not in cell.tags:
            yield cell.line, "solution markers stand only in a cell with the tag 'exercise'"


def _exercises(source: Source) -> Problems:
    known = catalogue.exercises()
    seen: list[str] = []
    previous: Cell | None = None
    for cell in source.cells:
        if "exercise" in cell.tags and len(cell.exercises) != 1:
            yield cell.line, "a cell with the tag 'exercise' defines one function, below a line '@exercise'"
        for name in cell.exercises:
            if "exercise" not in cell.tags:
                yield cell.line, f"give the cell of exercise {name!r} the tag 'exercise'"
            if BEGIN not in cell.text:
                yield cell.line, f"exercise {name!r} has no answer between {BEGIN!r} and {END!r}"
            if name in seen:
                yield cell.line, f"exercise {name!r} stands in this lesson twice"
            seen.append(name)
            if name not in known:
                yield cell.line, f"exercise {name!r} is not in the catalogue (embedcourse/catalogue.py)"
                continue
            yield from _header(previous, cell, name)
            yield from _uses_other_exercises(cell, name)
        previous = cell
    lesson = next((lesson for lesson in catalogue.lessons() if lesson.name == source.name), None)
    if lesson is None:
        yield 1, f"no lesson is called {source.name!r} in the catalogue (embedcourse/catalogue.py)"
    elif not set(seen) - set(known) and tuple(dict.fromkeys(seen)) != lesson.exercises:
        yield 1, f"the catalogue lists other exercises, or another order: {', '.join(lesson.exercises)}"


def _header(previous: Cell | None, cell: Cell, name: str) -> Problems:
    header = _HEADER.search(previous.text) if previous and previous.kind == "markdown" else None
    if header is None or header["name"] != name:
        yield (
            cell.line,
            f"above exercise {name!r} stands '### Exercise N: `{name}`', an empty line, "
            "and '**Core** · easy · up to 5 minutes' (Core or Stretch; easy, medium or hard)",
        )
        return
    if (header["core"] == "Core") != catalogue.exercises()[name].core:
        yield previous.line, f"the header says {header['core']}, the exercise's `core` says otherwise"
    if previous.text.count("<details>") < 2:
        yield (
            previous.line,
            f"exercise {name!r} needs at least two hints (<details>), from a nudge to almost the answer",
        )


def _uses_other_exercises(cell: Cell, name: str) -> Problems:
    number = catalogue.exercises()[name].lesson
    others = {other for lesson in catalogue.lessons() if lesson.number == number for other in lesson.exercises} - {name}
    for node in ast.walk(_tree(cell)):
        if isinstance(node, ast.Name) and node.id in others:
            yield (
                cell.line + node.lineno - 1,
                f"the answer to {name!r} calls the exercise {node.id!r}: an answer stands on its own",
            )


def _minutes(source: Source) -> Problems:
    headers = [match for cell in source.cells if cell.kind == "markdown" for match in _HEADER.finditer(cell.text)]
    minutes = sum(int(header["minutes"]) for header in headers if header["core"] == "Core")
    if minutes > MAX_CORE_MINUTES:
        yield 1, f"the core exercises take up to {minutes} minutes; the core of a lesson fits in {MAX_CORE_MINUTES}"


def _numbers(source: Source) -> Problems:
    """Numbers that a class may have otherwise are what the exercise says they are, written so that others fit in."""
    for place, cell in enumerate(source.cells):
        if not cell.numbers:
            continue
        numbers = catalogue.exercises()[exercise_of(source.cells, place)].numbers
        for number in cell.numbers:
            try:
                told = release.said(number.expression, number.printed, numbers)
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
            if told != number.printed:
                line = cell.line + cell.text.count("\n", 0, number.at)
                yield line, f"{number.expression!r} is printed as {number.printed!r}, and is {told!r}"


def _hints(source: Source) -> Problems:
    for cell in source.cells:
        lines = cell.text.splitlines()
        for number, line in enumerate(lines):
            if "</summary>" in line and (number + 1 == len(lines) or lines[number + 1].strip()):
                yield cell.line + number, "leave a blank line after </summary>, or JupyterLab shows the Markdown raw"


def _figures(source: Source) -> Problems:
    for cell in source.cells:
        if cell.kind == "markdown":
            for line, text in _numbered(cell):
                if re.search(r"!\[\s*\]", text) or re.search(r"<img(?![^>]*\balt=\"[^\"])", text, re.I):
                    yield line, "an image needs alt text that says what it shows"
            continue
        tree = _tree(cell)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) == "show" and not _has_alt(node):
                yield cell.line + node.lineno - 1, "show(figure, alt): give the alt text too"
            if isinstance(node, ast.Name | ast.Attribute | ast.alias) and _interacts(node):
                yield cell.line, "use an Explorer: interact shows nothing where no kernel runs"
        if tree.body and _is_bare_figure(tree.body[-1]):
            yield cell.line + tree.body[-1].lineno - 1, "a figure as the last line shows twice: use show(figure, alt)"


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _has_alt(call: ast.Call) -> bool:
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    return starred or len(call.args) == 2 or any(keyword.arg == "alt" for keyword in call.keywords)


def _interacts(node: ast.AST) -> bool:
    names = (getattr(node, field, "") for field in ("id", "attr", "name"))
    return any(name in ("interact", "interactive", "interactive_output", "interact_manual") for name in names)


def _is_bare_figure(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return isinstance(value.func.value, ast.Name) and value.func.value.id in ("plt", "pyplot", "figures")
    return isinstance(value, ast.Name) and value.id in ("fig", "figure")


def _open_question(source: Source) -> Problems:
    opened = [cell for cell in source.cells if "open" in cell.tags]
    rubrics = [cell for cell in source.cells if "rubric" in cell.tags]
    if len(opened) != 1 or len(rubrics) != 1 or rubrics[0].line < opened[0].line:
        yield (
            (opened or rubrics or [Cell("markdown", "", (), 1)])[0].line,
            "a lesson has one open question (a cell with the tag 'open'), and after it one rubric (tag 'rubric')",
        )


def _terms(source: Source) -> Problems:
    number = int(source.name[:2])
    prose = [cell for cell in source.cells if cell.kind == "markdown" and "rubric" not in cell.tags]
    for term in terms.terms():
        if term.lesson > number:
            for cell in prose:
                for place in terms.uses(term, cell.text):
                    used = " ".join(term.pattern.match(cell.text, place)[0].split())
                    yield (
                        _line(cell, place),
                        f"{used!r} is explained in lesson {term.lesson}: not a word to use before",
                    )
        elif term.lesson == number:
            yield from _first_use(term, prose[1:])


def _first_use(term: terms.Term, prose: list[Cell]) -> Problems:
    """The first use of a term, after the opening cell and outside headings, is the bold one that explains it."""
    for cell in prose:
        text = _HEADING.sub(lambda match: " " * len(match[0]), cell.text)
        for place in terms.uses(term, text):
            if text[:place].count("**") % 2 == 0:
                yield (
                    _line(cell, place),
                    f"the first use of {term.term!r} must be the one that explains it, in **bold**",
                )
            return


def _size(source: Source) -> Problems:
    cells = [cell for cell in source.cells if "rubric" not in cell.tags]
    if len(cells) > MAX_CELLS:
        yield 1, f"{len(cells)} cells; a lesson has at most {MAX_CELLS}"
    words = sum(len(_DETAILS.sub("", cell.text).split()) for cell in cells if cell.kind == "markdown")
    if words > MAX_WORDS:
        yield 1, f"{words} words without hints; a lesson has at most {MAX_WORDS}"
    lengths = []
    for cell in cells:
        if cell.kind == "code":
            lengths.append(_lines_of_code(without_solution(cell.text)))
            longest = len([line for line in cell.text.splitlines() if line.strip()])
            if longest > MAX_CODE_LINES:
                yield cell.line, f"{longest} lines of code; a cell has at most {MAX_CODE_LINES}"
            for line, text in _numbered(cell):
                if len(text) > MAX_CODE_WIDTH:
                    yield line, f"{len(text)} characters; a line of code has at most {MAX_CODE_WIDTH}"
    if lengths and median(lengths) > MAX_MEDIAN_CODE_LINES:
        yield 1, f"the median code cell has {median(lengths)} lines; at most {MAX_MEDIAN_CODE_LINES}"


def _lines_of_code(text: str) -> int:
    """How many lines a reader has to follow as code: not the blank ones, not what a docstring says in words."""
    lines = sum(bool(line.strip()) for line in text.splitlines())
    try:
        functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    except SyntaxError:  # reported by _parses
        return lines
    return lines - sum(len((ast.get_docstring(one) or "").split("\n")) for one in functions if ast.get_docstring(one))


def _parses(source: Source) -> Problems:
    for cell in source.cells:
        if cell.kind == "code":
            try:
                ast.parse(cell.text)
            except SyntaxError as error:
                magic = "; magics such as %time have no place in a lesson" if cell.text.lstrip().startswith("%") else ""
                yield cell.line + (error.lineno or 1) - 1, f"this is not Python: {error.msg}{magic}"


def _tree(cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.text)
    except SyntaxError:  # reported by _parses
        return ast.Module(body=[], type_ignores=[])


def _numbered(cell: Cell) -> Iterator[tuple[int, str]]:
    return enumerate(cell.text.splitlines(), start=cell.line)


def _line(cell: Cell, place: int) -> int:
    return cell.line + cell.text.count("\n", 0, place)


_CHECKS: tuple[Callable[[Source], Problems], ...] = (
    _parses, _markers, _exercises, _minutes, _numbers, _hints, _figures, _open_question, _terms, _size,
)  # fmt: skip
