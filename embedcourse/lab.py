"""`embedcourse lab`: the lessons in a folder of the learner's, and a JupyterLab that opens on the first.

A learner's work is never overwritten. A newer edition of a lesson that the learner has already is laid beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from embedcourse.files import course_files


def lay_out(folder: Path, say: Callable[[str], None] = print) -> list[Path]:
    """Copy into `folder` the lessons that are missing there; returns the files written.

    Where an older edition of a lesson stands already, whatever has been written in it, the new one gets another name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for lesson in sorted((course_files() / "lessons").glob("*.ipynb")):
        target = folder / lesson.name
        new = _edition(lesson)
        if not _write_new(target, lesson.read_bytes()):
            if _edition(target) == new:
                continue
            target = folder / f"{lesson.stem}.new-{new[:8]}.ipynb"
            if not _write_new(target, lesson.read_bytes()):
                continue
            say(f"There is a newer edition of {lesson.stem}. Yours is untouched; the new one is {target}")
        written.append(target)
    say(f"Lessons: {folder.resolve()}" + ("" if written else " (all there already)"))
    return written


def _write_new(path: Path, content: bytes) -> bool:
    """Write a file that is not there yet; False, and nothing touched, if anything goes by that name already."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _edition(notebook: Path) -> str:
    """The edition a notebook was handed out as; a learner's edits leave it alone. Empty if the file cannot say."""
    try:
        return str(json.loads(notebook.read_text(encoding="utf-8"))["metadata"]["embedcourse"]["edition"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def serve(folder: Path, port: int = 8888, browser: bool = True) -> int:
    """Run JupyterLab in `folder`, opened on the first lesson, until it is stopped. Returns its exit status."""
    first = min(path.name for path in (course_files() / "lessons").glob("*.ipynb"))
    command = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{first}",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # containers run as root; the server listens on this machine only
    print("Starting JupyterLab; its address follows. Stop it with Ctrl-C.", flush=True)
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0
