"""Links to Binder and Colab, and the set-up in Colab: there if the repository's address is known, else nothing at all."""

import ast
import subprocess
import sys
import tomllib
import types

import nbformat
import pytest

from embedcourse.authoring import build, links
from embedcourse.cli import main
from embedcourse.files import repository

ROOT = repository()
NAME = "01_lookup_matrix"
ADDRESS = "https://github.com/someone/some-course"


def set_address(folder, address):
    path = folder / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    section = f'[project.urls]\nRepository = "{address}"\n\n[project.scripts]'
    path.write_text(text.replace("[project.scripts]", section), encoding="utf-8")


def handed_out(folder):
    return nbformat.read(folder / "lessons" / f"{NAME}.ipynb", as_version=4)


def test_without_an_address_nothing_is_written():
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"].get("urls", {})
    for path in (ROOT / "README.md", ROOT / "lessons" / f"{NAME}.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert ("mybinder.org" in text) == ("colab" in text.lower()) == bool(urls)


def test_with_an_address_every_lesson_and_the_readme_have_their_links(root, without_running):
    set_address(root, ADDRESS + ".git")
    assert any("README.md" in problem for problem in build.check(root))
    assert build.build(root, say=lambda text: None) == []
    top = handed_out(root).cells[0].source
    binder = f"https://mybinder.org/v2/gh/someone/some-course/main?labpath=lessons%2F{NAME}.ipynb"
    colab = f"https://colab.research.google.com/github/someone/some-course/blob/main/lessons/{NAME}.ipynb"
    assert top.splitlines()[:3] == [
        "# Lesson 1: the lookup matrix",
        "",
        f"[Open on Binder]({binder}) · [Open in Colab]({colab})",
    ]
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert f"- Lesson 1: the lookup matrix: [Open on Binder]({binder})" in readme
    assert build.check(root) == []
    assert build.build(root, say=lambda text: None) == [], "what the build wrote is not taken for somebody's work"
    assert (root / "README.md").read_text(encoding="utf-8") == readme

    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    assert build.build(root, say=lambda text: None) == []
    assert (root / "README.md").read_bytes() == (ROOT / "README.md").read_bytes()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://gitlab.com/group/sub/course", "/v2/gl/group%2Fsub%2Fcourse/main?"),
        ("https://git.example.org/a/b", "/v2/git/https%3A%2F%2Fgit.example.org%2Fa%2Fb/main?"),
    ],
)
def test_other_hosts_are_on_binder_and_not_in_colab(address, place):
    line = links.line(address, NAME)
    assert place in line
    assert "Colab" not in line


@pytest.mark.parametrize("address", ["git@github.com:a/b", "http://github.com/a/b", "https://github.com/a", "github"])
def test_an_address_that_is_none_is_refused(root, address, monkeypatch, capsys):
    set_address(root, address)
    with pytest.raises(ValueError, match="must be like https://host/owner/name"):
        links.repository(root)


def setup_lines(folder):
    """What the build put on top of the setup cell."""
    cell = next(cell for cell in handed_out(folder).cells if "setup" in cell.metadata.get("tags", []))
    lines = cell.source[: cell.source.index("import numpy")]
    ast.parse(lines)
    return lines


@pytest.fixture
def in_colab(monkeypatch):
    """The commands that a cell would run, had it been opened in Colab."""
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    return commands


def test_in_colab_the_setup_cell_installs_the_course_and_says_so(root, without_running, in_colab, capsys):
    set_address(root, ADDRESS)
    build.build(root, say=lambda text: None)
    exec(setup_lines(root), {})
    assert capsys.readouterr().out == "Installing embedcourse in this Colab session.\n"
    pip = [sys.executable, "-m", "pip", "install", "-q"]
    assert in_colab == [
        [*pip, "jaxtyping", "mistune", "packaging", "tokenizers", "tqdm"],
        [*pip, "--no-deps", f"git+{ADDRESS}"],
    ]


def test_elsewhere_those_lines_do_nothing(root, without_running, monkeypatch, capsys):
    set_address(root, ADDRESS)
    build.build(root, say=lambda text: None)
    monkeypatch.setattr(subprocess, "run", None)
    exec(setup_lines(root), {})
    assert capsys.readouterr().out == ""


def test_everything_that_a_lesson_needs_in_colab_is_there_or_installed():
    needed = {
        line.split(">")[0] for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    }
    assert needed >= links._NOT_IN_COLAB, "a name that is no dependency any more"


def test_the_command_tells_a_bad_address(root, monkeypatch, capsys):
    set_address(root, "github")
    monkeypatch.setattr("embedcourse.files.repository", lambda: root)
    assert main(["build", "--check"]) == 2
    assert "must be like https://host/owner/name" in capsys.readouterr().err
