"""Where the course's files are: in the repository it is developed in, or in the installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def package() -> Path:
    """The folder of the package itself."""
    return _PACKAGE


def repository() -> Path | None:
    """The repository this package is run from, or None where it is installed without one."""
    root = _PACKAGE.parent
    return root if (root / "solutions").is_dir() and (root / "pyproject.toml").is_file() else None


def course_files() -> Path:
    """The folder that holds `lessons/` and `solutions/NN_name.md`. Raises FileNotFoundError if the installation is broken."""
    for folder in (repository(), _PACKAGE / "_course"):
        if folder is not None and (folder / "lessons").is_dir():
            return folder
    raise FileNotFoundError("the lessons are missing from this installation: install embedcourse again")
