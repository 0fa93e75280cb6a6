"""A copy of the course to build in, and a build that runs no kernel."""

import shutil

import pytest

from embedcourse.authoring import notebooks
from embedcourse.files import repository

ROOT = repository()


@pytest.fixture
def root(tmp_path):
    """A copy of what the build reads and writes."""
    for folder in ("lessons", "solutions"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for file in ("GLOSSARY.md", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


@pytest.fixture
def without_running(monkeypatch):
    """The build without the kernel: cells count as run and show nothing."""

    def pretend(notebook, lesson):
        for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
            cell.execution_count = number + 1
        return notebook, []

    monkeypatch.setattr(notebooks, "execute", pretend)
