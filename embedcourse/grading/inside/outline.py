"""What stands in a cell, without running it: which functions, which of them exercises, and the skeleton of each.

Two answers with one skeleton differ at most in names, comments, docstrings and annotations.
"""

import ast
import hashlib
import re

_MAGIC = re.compile(r"^(\s*)(?:[%!]|\?)|\?\s*$")
_compile = compile  # a cell may patch it
MAGICS = "Lines that begin with % or ! are not run while a lesson is graded."


def as_python(source: str) -> tuple[str, bool]:
    """A cell's code as Python, and whether lines for IPython alone were taken out of it."""
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        return (rest if first.split()[0] in ("%%time", "%%timeit", "%%capture") else ""), True
    try:
        _compile(source, "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        lines = source.split("\n")
        kept = [_MAGIC.sub(r"\1pass  # ", line) if _MAGIC.match(line) else line for line in lines]
        return "\n".join(kept), kept != lines
    return source, False


def outline(source: str) -> tuple[tuple[str, str, int], ...]:
    """The functions and classes at the top of a cell: (name, skeleton, its size)."""
    try:
        tree = ast.parse(as_python(source)[0])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return tuple((node.name, *_skeleton(node)) for node in tree.body if isinstance(node, kinds))


class _Anonymous(ast.NodeTransformer):
    """Local names become numbers in the order in which they appear; what says nothing to Python is dropped."""

    def __init__(self, own: set[str]) -> None:
        self.own, self.numbers = own, {}

    def _number(self, name: str) -> str:
        return f"v{self.numbers.setdefault(name, len(self.numbers))}" if name in self.own else name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(self._number(node.id), node.ctx), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.copy_location(ast.arg(self._number(node.arg)), node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.visit(ast.copy_location(ast.Assign([node.target], node.value), node))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.name, node.returns, node.decorator_list = self._number(node.name), None, []
        if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]
        return node


def _skeleton(node: ast.stmt) -> tuple[str, int]:
    size = sum(1 for _ in ast.walk(node))
    own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    own |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own |= {part.name for part in ast.walk(node) if isinstance(part, ast.FunctionDef)} - {node.name}
    plain = ast.dump(_Anonymous(own).visit(node), annotate_fields=False)
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16], size
