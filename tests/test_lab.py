"""`embedcourse lab` lays lessons out and never overwrites a learner's work."""

import json
import shutil

import pytest

from embedcourse import files, lab
from embedcourse.cli import main


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one lesson, the first, in files of its own: a test can bring out a new edition."""
    (tmp_path / "course" / "lessons").mkdir(parents=True)
    shutil.copy(files.repository() / "lessons" / "01_lookup_matrix.ipynb", tmp_path / "course" / "lessons")
    monkeypatch.setattr(lab, "course_files", lambda: tmp_path / "course")
    return tmp_path / "course"


def answer(path):
    """What a learner's evening leaves behind: an edited cell and an output."""
    notebook = json.loads(path.read_text())
    notebook["cells"][0]["source"] = ["my notes"]
    path.write_text(json.dumps(notebook))
    return path.read_bytes()


def new_edition(course):
    path = course / "lessons" / "01_lookup_matrix.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["embedcourse"]["edition"] = "fedcba9876543210"
    path.write_text(json.dumps(notebook))
    return path.read_bytes()


def test_the_first_call_copies_and_the_second_leaves_everything(course, tmp_path, capsys):
    work = tmp_path / "deep" / "work"
    (written,) = lab.lay_out(work)
    assert written.read_bytes() == (course / "lessons" / written.name).read_bytes()
    mine = answer(written)
    assert lab.lay_out(work) == []
    assert written.read_bytes() == mine
    assert "all there already" in capsys.readouterr().out


def test_a_newer_edition_is_laid_beside_and_says_so_once(course, tmp_path, capsys):
    work = tmp_path / "work"
    (written,) = lab.lay_out(work)
    mine = answer(written)
    newer = new_edition(course)
    (beside,) = lab.lay_out(work)
    assert beside.name == "01_lookup_matrix.new-fedcba98.ipynb"
    assert beside.read_bytes() == newer
    assert written.read_bytes() == mine
    assert "Yours is untouched" in capsys.readouterr().out
    assert lab.lay_out(work) == []


def test_a_file_that_is_no_notebook_is_left_alone_too(course, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "01_lookup_matrix.ipynb").write_text("not a notebook")
    (beside,) = lab.lay_out(work)
    assert ".new-" in beside.name
    assert (work / "01_lookup_matrix.ipynb").read_text() == "not a notebook"


def test_links_folders_and_unreadable_things_of_that_name_are_left_alone(course, tmp_path):
    for make in (lambda path: path.symlink_to(tmp_path / "elsewhere"), lambda path: path.mkdir()):
        work = tmp_path / f"work{len(list(tmp_path.iterdir()))}"
        work.mkdir()
        make(work / "01_lookup_matrix.ipynb")
        (beside,) = lab.lay_out(work)
        assert ".new-" in beside.name
    assert not (tmp_path / "elsewhere").exists()


def test_the_command_serves_the_folder_on_the_first_lesson(course, tmp_path, monkeypatch):
    called = {}

    class Done:
        returncode = 0

    monkeypatch.setattr(lab.subprocess, "run", lambda command, check: called.update(command=command) or Done)
    assert main(["lab", str(tmp_path / "work"), "--no-browser", "--port", "9999"]) == 0
    command = " ".join(called["command"])
    assert f"--ServerApp.root_dir={(tmp_path / 'work').resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/01_lookup_matrix.ipynb" in command
    assert "--ServerApp.port=9999" in command
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--no-browser" in command


def test_a_folder_that_is_a_file_gets_a_sentence(tmp_path, capsys):
    (tmp_path / "work").write_text("")
    assert main(["lab", str(tmp_path / "work")]) == 2
    assert "is a file" in capsys.readouterr().err
