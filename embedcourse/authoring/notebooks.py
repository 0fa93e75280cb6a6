"""Cells become notebooks: the one handed out, without answers, and the one with answers. The same source, the same bytes.

Cell ids come from the exercise's name or the cell's text, metadata is sorted, and what changes from run to run (times,
widget views, addresses) is taken out or refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import nbformat

from embedcourse.authoring.source import BEGIN, END, Cell, Source

_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_SOLUTION = re.compile(rf"^([ \t]*){BEGIN}[^\n]*\n.*?^[ \t]*{END}[^\n]*$", re.MULTILINE | re.DOTALL)
_STUB = 'raise NotImplementedError("write your answer in place of this line")'
_WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


def lesson_notebook(source: Source, links: str = "", setup: str = "") -> nbformat.NotebookNode:
    """The notebook handed out: no outputs, each answer replaced by a stub, no rubric.

    `links` go below the title, `setup` goes to the top of the first setup cell.
    """
    cells = [_without_solution(cell) for cell in source.cells if "rubric" not in cell.tags]
    if links:
        title, _, rest = cells[0].text.partition("\n")
        cells[0] = replace(cells[0], text=f"{title}\n\n{links}\n{rest}")
    if setup:
        first = next(index for index, cell in enumerate(cells) if "setup" in cell.tags)
        cells[first] = replace(cells[first], text=setup + cells[first].text)
    return _notebook(source, cells)


def solution_notebook(source: Source) -> nbformat.NotebookNode:
    """The notebook with answers and rubric, not yet executed. It carries the hash of its source."""
    notebook = _notebook(source, list(source.cells))
    notebook.metadata["embedcourse"]["source"] = source.hash
    return notebook


def without_solution(text: str) -> str:
    """Code with what stands between the solution markers replaced by a stub."""
    return _SOLUTION.sub(lambda match: match[1] + _STUB, text)


def _without_solution(cell: Cell) -> Cell:
    """The cell as it is handed out, with the numbers that are left in it."""
    cuts = [(match.span(), len(match[1]) + len(_STUB) - len(match[0])) for match in _SOLUTION.finditer(cell.text)]
    numbers = [
        replace(number, at=number.at + sum(longer for (_, end), longer in cuts if end <= number.at))
        for number in cell.numbers
        if not any(start <= number.at < end for (start, end), _ in cuts)
    ]
    return replace(cell, text=without_solution(cell.text), numbers=tuple(numbers))


def edition(notebook: nbformat.NotebookNode) -> str:
    """A hash of the cells' texts and tags: which edition of a lesson this is, whatever outputs it has."""
    cells = [[cell["cell_type"], cell["source"], cell["metadata"].get("tags", [])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:16]


def as_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """The notebook file."""
    return (nbformat.writes(notebook, version=4) + "\n").encode()


def _notebook(source: Source, cells: list[Cell]) -> nbformat.NotebookNode:
    seen: Counter[str] = Counter()
    nodes = []
    for place, cell in enumerate(cells):
        metadata: dict[str, Any] = {"tags": list(cell.tags)} if cell.tags else {}
        if cell.numbers:
            metadata["embedcourse"] = {
                "exercise": exercise_of(cells, place),
                "numbers": [[number.at, number.printed, number.expression] for number in cell.numbers],
            }
        if cell.kind == "code":
            node = nbformat.v4.new_code_cell(cell.text, metadata=metadata)
        else:
            node = nbformat.v4.new_markdown_cell(cell.text, metadata=metadata)
        node["id"] = _cell_id(cell, seen)
        nodes.append(node)
    notebook = nbformat.v4.new_notebook(cells=nodes, metadata=json.loads(json.dumps(_METADATA)))
    notebook.metadata["embedcourse"] = {"lesson": source.name, "edition": edition(notebook)}
    return notebook


def _cell_id(cell: Cell, seen: Counter[str]) -> str:
    if cell.exercises:
        return f"exercise-{cell.exercises[0]}"[:64]
    base = hashlib.sha256(f"{cell.kind}\n{cell.text}".encode()).hexdigest()[:12]
    seen[base] += 1
    return base if seen[base] == 1 else f"{base}-{seen[base]}"


def exercise_of(cells: Sequence[Cell], place: int) -> str:
    """The exercise that a cell belongs to: its own, or for a text the next one. Raises StopIteration if none comes."""
    return next(cell.exercises[0] for cell in cells[place:] if cell.exercises)


def execute(notebook: nbformat.NotebookNode, source: Source) -> tuple[nbformat.NotebookNode, list[str]]:
    """Run the notebook in a fresh kernel and keep its stable outputs; also what in them cannot be stored, as sentences."""
    from nbclient import NotebookClient

    client = NotebookClient(notebook, timeout=180, kernel_name="python3", record_timing=False, allow_errors=True)
    client.execute(env=_one_thread())
    problems = []
    for cell, origin in zip(notebook.cells, source.cells, strict=True):
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined_streams([_stable(output) for output in cell.outputs])
            problems += [f"{source.path}:{origin.line}: {what}" for output in cell.outputs for what in _faults(output)]
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = dict(_METADATA["language_info"])
    return notebook, problems


def _one_thread() -> dict[str, str]:
    return {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}


def _stable(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if "data" in output:
        output["data"].pop(_WIDGET_VIEW, None)
        output["metadata"] = nbformat.NotebookNode()
    return output


def _joined_streams(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Prints that arrived in several pieces, as one: how they were cut depends on timing."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1]["text"] += output.text
        else:
            joined.append(output)
    return joined


def _faults(output: nbformat.NotebookNode) -> list[str]:
    """Why this output must not be stored."""
    if output.output_type == "error":
        return [f"the cell stops with {output.ename}: {output.evalue}"]
    if output.output_type == "stream" and output.name == "stderr":
        return [f"the cell writes to stderr: {output.text.strip()[:200]}"]
    data: dict[str, Any] = output.get("data", {})
    faults = []
    if "image/png" in data or "image/svg+xml" in data:
        faults.append("the cell shows a bare figure, without alt text: pass it to show(figure, alt)")
    text = "".join(value for key, value in [*data.items(), ("", output.get("text", ""))] if isinstance(value, str))
    if _ADDRESS.search(text):
        faults.append("the output holds a memory address, which differs from run to run")
    return faults
