"""The doctor on this installation, and on one that is ill in every way it knows."""

import json
import os
import subprocess
import sys

from packaging.requirements import Requirement

from embedcourse import doctor


def consult(**environment):
    command = [sys.executable, "-m", "embedcourse.cli", "doctor"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", env={**os.environ, **environment}, check=False)
    assert not ran.stderr
    return ran.returncode, ran.stdout


def distribution(folder, name, number, code, **files):
    """A package as pip would leave it, with what `code` says in it."""
    info = folder / f"{name}-{number}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n")
    (info / "RECORD").write_text(f"{name}/__init__.py,,2500000000\n")
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(code)
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)


def test_here_all_is_well():
    status, told = consult()
    assert status == 0, told
    assert "All is well." in told
    for what in ("Python", "numpy", "torch", "widgets in JupyterLab", "kernel python3", "lessons"):
        assert any(line.startswith(what) and "ok" in line for line in told.splitlines()), (what, told)


def test_everything_that_ails_an_installation_is_told_with_its_cure(tmp_path):
    distribution(tmp_path, "ipywidgets", "7.7.1", "")
    distribution(tmp_path, "nbval", "9.0", "")
    distribution(tmp_path, "jaxtyping", "0.3.1", "raise ImportError('a DLL is missing')")
    distribution(tmp_path, "torch", "2.13.0", "", version="cuda: Optional[str] = '13.0'\n")
    other = tmp_path / "jupyter" / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text(
        json.dumps({"argv": ["/elsewhere/python9"], "display_name": "x", "language": "python"})
    )
    status, told = consult(PYTHONPATH=str(tmp_path), JUPYTER_PATH=str(tmp_path / "jupyter"))
    rows = {line[:24].strip(): line[24:].split() for line in told.splitlines()}
    assert status == 1
    assert rows["ipywidgets"][0] == "7.7.1"
    assert rows["ipywidgets"][-2:] == ["too", "old"]
    assert rows["nbval"][-2:] == ["too", "new"]
    assert rows["jaxtyping"][-1] == "broken"
    assert "a DLL is missing" in told
    assert rows["torch's build"][:2] == ["CUDA", "13.0,"]
    assert float(rows["torch's build"][2]) >= 2.5
    assert rows["torch's build"][3:] == ["GB", "CPU", "too", "big"]
    assert rows["kernel python3"][:2] == ["another", "Python"]
    assert "/elsewhere/python9" in told
    assert '-m pip install "ipywidgets<9,>=8.1" "nbval<0.12,>=0.11"' in told
    assert "\n4 to mend" in told, "a CUDA build works, so it is no illness"


def test_what_is_missing_or_not_for_this_python():
    missing = doctor.package(Requirement("no-such-package>=1"))
    assert (missing.found, missing.verdict, missing.install) == ("–", "missing", "no-such-package>=1")
    assert missing.bad
    python = doctor.python(Requirement("python>=4"))
    assert python.bad
    assert "virtual environment" in python.mend


def test_an_import_that_kills_python_or_never_ends_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "dies.py").write_text("import os; os._exit(7)")
    (tmp_path / "sleeps.py").write_text("import time; time.sleep(60)")
    assert "status 7" in doctor._import_problem("dies")
    monkeypatch.setattr(doctor, "PATIENCE", 0.5)
    assert "more than 0.5 s" in doctor._import_problem("sleeps")
