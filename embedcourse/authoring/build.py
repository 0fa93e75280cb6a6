"""`embedcourse build`: from `solutions/NN_name.md` to `lessons/NN_name.ipynb`, `solutions/NN_name.ipynb`, GLOSSARY.md
and, where the repository's address is known, the README's links.

`check` executes nothing: it compares what stands on disk with what the sources say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat

from embedcourse.authoring import links, lints, notebooks, source, terms


def build(root: Path, only: str | None = None, force: bool = False, say: Callable[[str], None] = print) -> list[str]:
    """Write every lesson (or the one whose number is `only`). Returns the problems; a lesson with problems is not written.

    A notebook on disk that has a person's work in it is not overwritten without `force`: a lesson with outputs, or a
    notebook whose cells are no longer those that a build wrote.
    """
    lessons, problems = _read_sources(root, only)
    for lesson in lessons:
        found = lints.problems(lesson) + ([] if force else _work_in_the_way(root, lesson))
        if not found:
            say(f"{lesson.name}: running the cells")
            solution, found = notebooks.execute(notebooks.solution_notebook(lesson), lesson)
        if not found and not force:
            found = _work_in_the_way(root, lesson)  # once more: somebody may have saved while the cells ran
        if found:
            problems += found
            continue
        _lesson_path(root, lesson).write_bytes(notebooks.as_bytes(_handed_out(root, lesson)))
        _solution_path(root, lesson).write_bytes(notebooks.as_bytes(solution))
        say(f"{lesson.name}: written")
    if not problems:
        (root / "GLOSSARY.md").write_text(_glossary(root), encoding="utf-8")
        (root / "README.md").write_text(_readme(root), encoding="utf-8")
    return problems


def check(root: Path, only: str | None = None) -> list[str]:
    """What is stale or wrong, each with how to mend it. Executes nothing and writes nothing."""
    lessons, problems = _read_sources(root, only)
    for lesson in lessons:
        problems += lints.problems(lesson)
        handed_out = _lesson_path(root, lesson)
        if not handed_out.exists() or handed_out.read_bytes() != notebooks.as_bytes(_handed_out(root, lesson)):
            problems.append(_stale(handed_out, lesson.path))
        if not _solution_is_fresh(lesson, _solution_path(root, lesson)):
            problems.append(_stale(_solution_path(root, lesson), lesson.path))
    if only is None:
        glossary = root / "GLOSSARY.md"
        if not glossary.exists() or glossary.read_text(encoding="utf-8") != _glossary(root):
            problems.append(_stale(glossary, root / "embedcourse/authoring/terms.toml"))
        if (root / "README.md").read_text(encoding="utf-8") != _readme(root):
            problems.append(_stale(root / "README.md", root / "pyproject.toml"))
        names = {path.stem for path in source.sources(root / "solutions")}
        for stray in [*(root / "lessons").glob("*.ipynb"), *(root / "solutions").glob("*.ipynb")]:
            if stray.stem not in names:
                problems.append(f"{stray}: has no source in solutions/; delete it")
    return problems


def _read_sources(root: Path, only: str | None) -> tuple[list[source.Source], list[str]]:
    """The selected sources, and what is wrong with those that cannot be read at all."""
    lessons, problems = [], []
    for path in _selected(root, only):
        try:
            lessons.append(source.read(path))
        except source.SourceError as error:
            problems.append(str(error))
    return lessons, problems


def _selected(root: Path, only: str | None) -> list[Path]:
    paths = source.sources(root / "solutions")
    if only is None:
        return paths
    chosen = [path for path in paths if path.stem == only or int(path.stem[:2]) == _number(only)]
    if not chosen:
        numbers = ", ".join(path.stem[:2] for path in paths)
        raise ValueError(f"no lesson {only!r} in {root / 'solutions'}; there are {numbers}")
    return chosen


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _lesson_path(root: Path, lesson: source.Source) -> Path:
    return root / "lessons" / f"{lesson.name}.ipynb"


def _solution_path(root: Path, lesson: source.Source) -> Path:
    return root / "solutions" / f"{lesson.name}.ipynb"


def _glossary(root: Path) -> str:
    numbers = [int(path.stem[:2]) for path in source.sources(root / "solutions")]
    return terms.glossary(max(numbers, default=0))


def _readme(root: Path) -> str:
    lessons = [(path.stem, _title(path)) for path in source.sources(root / "solutions")]
    return links.in_readme((root / "README.md").read_text(encoding="utf-8"), links.repository(root), lessons)


def _title(path: Path) -> str:
    """A lesson's title, which is the first heading of its source."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.removeprefix("# ") for line in lines if line.startswith("# ")), path.stem)


def _handed_out(root: Path, lesson: source.Source) -> nbformat.NotebookNode:
    address = links.repository(root)
    if address is None:
        return notebooks.lesson_notebook(lesson)
    return notebooks.lesson_notebook(lesson, links.line(address, lesson.name), links.setup(root, address))


def _stale(path: Path, origin: Path) -> str:
    return f"{path}: is not what {origin.name} says; run `make lessons`"


def _solution_is_fresh(lesson: source.Source, path: Path) -> bool:
    """Whether a stored solution was built from this very source, cell for cell, and every code cell was run."""
    stored = _read(path)
    if stored is None or stored.metadata.get("embedcourse", {}).get("source") != lesson.hash:
        return False
    wanted = notebooks.solution_notebook(lesson)
    same = [_key(cell) for cell in stored.cells] == [_key(cell) for cell in wanted.cells]
    return same and all(cell.execution_count for cell in stored.cells if cell.cell_type == "code" and cell.source)


def _key(cell: nbformat.NotebookNode) -> tuple:
    return cell.id, cell.cell_type, cell.source, json.dumps(cell.metadata, sort_keys=True)


def _read(path: Path) -> nbformat.NotebookNode | None:
    if not path.exists():
        return None
    try:
        return nbformat.read(path, as_version=4)
    except Exception:  # whatever stands there, it is not a notebook that we wrote
        return None


def _work_in_the_way(root: Path, lesson: source.Source) -> list[str]:
    problems = []
    for path in (_lesson_path(root, lesson), _solution_path(root, lesson)):
        if not path.exists():
            continue
        stored = _read(path)
        force = f"save what you need (it belongs in {lesson.path.name}), then build with --force"
        if stored is None or stored.metadata.get("embedcourse", {}).get("edition") != notebooks.edition(stored):
            problems.append(f"{path}: was edited by hand; {force}")
        elif path.parent.name == "lessons" and any(cell.get("outputs") for cell in stored.cells):
            problems.append(f"{path}: has outputs; {force}")
    return problems
