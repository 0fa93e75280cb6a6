"""Empty virtual environments outside the repository, and the wheel. What installs takes minutes, so it is made once."""

import os
import shutil
import subprocess
import sys
import venv

import pytest

from embedcourse.files import repository

ROOT = repository()
OURS = ("embedcourse", "lessons", "solutions", "pyproject.toml", "constraints.txt", "environment.yml")
OURS = (*OURS, "README.md", "LICENSE", "Makefile")


def run(*command, **more):
    """A command outside the repository, which must succeed; returns what it printed."""
    ran = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", check=False, **more
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def environment(folder):
    """A new virtual environment with nothing in it but pip; returns its Python."""
    venv.create(folder, with_pip=True)
    return folder / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """The project's files as somebody gets them who has no git, away from here."""
    folder = tmp_path_factory.mktemp("copy") / "course"
    folder.mkdir()
    for name in OURS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
        else:
            shutil.copy(source, folder / name)
    return folder


@pytest.fixture(scope="session")
def wheel(copy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, copy)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """The Python of an environment in which nothing was installed but the wheel and what it needs."""
    python = environment(tmp_path_factory.mktemp("installed") / "environment")
    constraints = ROOT / "constraints.txt"
    run(python, "-m", "pip", "install", "--quiet", "--constraint", constraints, wheel, cwd=wheel.parent)
    return python
