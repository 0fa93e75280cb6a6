"""`embedcourse doctor`: what is installed here, what is missing, too old or too big, and how to mend it.

Nothing that may be broken is imported into this process: each package is tried in a Python of its own.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from embedcourse.files import course_files

if TYPE_CHECKING:
    from packaging.requirements import Requirement

PATIENCE = 120  # seconds that importing one package may take; torch needs some on a slow disk


@dataclass(frozen=True)
class Finding:
    """One row of the table. `verdict` is "ok", "too big" (which works), or what is wrong; the rest says how to mend it.

    install  what to give to `pip install`
    mend     what else to do, in words
    """

    what: str
    found: str
    wanted: str
    verdict: str = "ok"
    install: str = ""
    mend: str = ""

    @property
    def bad(self) -> bool:
        """Whether the course cannot work like this."""
        return self.verdict not in ("ok", "too big")


def report() -> int:
    """Print the table and how to mend what is wrong; 0 if the course can work, 1 if not."""
    print(f"{sys.executable}\n\n{'':<24}{'installed':<24}{'wanted':<16}verdict", flush=True)
    findings = []
    for finding in examine():
        findings.append(finding)
        print(f"{finding.what:<24}{finding.found:<24}{finding.wanted:<16}{finding.verdict}", flush=True)
    for line in _advice(findings):
        print(line)
    bad = sum(finding.bad for finding in findings)
    print("\nAll is well." if not bad else f"\n{bad} to mend; then run `embedcourse doctor` again.")
    return int(bool(bad))


def _advice(findings: list[Finding]) -> Iterator[str]:
    if any(finding.verdict != "ok" for finding in findings):
        yield "\nHow to mend it:"
    wanted = [f'"{finding.install}"' for finding in findings if finding.install]
    if wanted:
        yield f'  "{sys.executable}" -m pip install {" ".join(wanted)}'
    for finding in findings:
        if finding.mend:
            yield f"  {finding.what}: {finding.mend}"


def examine() -> Iterator[Finding]:
    """Every finding: Python, the packages, torch's build, JupyterLab's parts, the lessons."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        yield Finding("packaging", "–", "any", "missing", "packaging")
        return
    about = metadata.metadata("embedcourse")
    yield python(Requirement(f"python{about['Requires-Python']}"))
    needed = [Requirement(line) for line in about.get_all("Requires-Dist", [])]
    for requirement in needed:
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield package(requirement)
    if find_spec("torch") is not None:
        yield torch_build()
    if find_spec("jupyterlab") is not None:
        yield from jupyter()
    yield lessons()


def python(requirement: Requirement) -> Finding:
    """Whether this Python is one that the course is tested with."""
    found = ".".join(map(str, sys.version_info[:3]))
    if requirement.specifier.contains(found, prereleases=True):
        return Finding("Python", found, str(requirement.specifier))
    mend = "make a new virtual environment with a Python of that range, and install embedcourse there"
    return Finding("Python", found, str(requirement.specifier), "wrong version", mend=mend)


def package(requirement: Requirement) -> Finding:
    """Whether what a requirement names is there, in the wanted range, and can be imported."""
    name, wanted = requirement.name, str(requirement.specifier)
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, "–", wanted, "missing", install=name + wanted)
    if not requirement.specifier.contains(found, prereleases=True):
        lower = [one for one in requirement.specifier if ">" in one.operator]
        too = "too new" if all(one.contains(found, prereleases=True) for one in lower) else "too old"
        return Finding(name, found, wanted, too, install=name + wanted)
    problem = _import_problem(name.replace("-", "_"))
    if problem:
        mend = f'it does not import ({problem}): "{sys.executable}" -m pip install --force-reinstall {name}=={found}'
        return Finding(name, found, wanted, "broken", mend=mend)
    return Finding(name, found, wanted)


def torch_build() -> Finding:
    """Whether torch is a build for the CPU. One with CUDA works as well, and takes gigabytes that nobody here uses."""
    version = Path(find_spec("torch").origin).with_name("version.py")
    told = version.read_text(encoding="utf-8") if version.exists() else ""
    cuda = re.search(r"^cuda\b[^=]*=\s*['\"]([\d.]+)", told, re.MULTILINE)
    if cuda is None:
        return Finding("torch's build", "CPU", "CPU")
    with_it = [name for name in _distributions() if name.startswith(("nvidia-", "cuda-", "triton"))]
    size = sum(map(_size, ["torch", *with_it])) / 1e9
    mend = (
        "it works, and the course uses none of its CUDA. To save the space, "
        f'"{sys.executable}" -m pip uninstall torch {" ".join(sorted(with_it))}; '
        "then install torch once more with --index-url and PyTorch's address of CPU builds, "
        "which its page Get Started tells under Compute Platform, CPU"
    )
    return Finding("torch's build", f"CUDA {cuda[1]}, {size:.1f} GB", "CPU", "too big", mend=mend)


def jupyter() -> Iterator[Finding]:
    """Whether JupyterLab can draw the explorers' controls, and whether its kernel python3 is this very Python."""
    ran = _python(
        "import json\n"
        "from jupyter_core.paths import jupyter_path\n"
        "from jupyter_client.kernelspec import get_kernel_spec\n"
        "print(json.dumps([jupyter_path('labextensions', '@jupyter-widgets', 'jupyterlab-manager', 'package.json'),"
        " get_kernel_spec('python3').argv[0]]))"
    )
    if ran is None or ran.returncode:
        yield Finding("kernel python3", "–", "this Python", "missing", install="ipykernel")
        return
    manager, command = json.loads(ran.stdout.splitlines()[-1])
    if any(map(os.path.exists, manager)):
        yield Finding("widgets in JupyterLab", "there", "there")
    else:
        mend = f'"{sys.executable}" -m pip install --force-reinstall jupyterlab_widgets'
        yield Finding("widgets in JupyterLab", "–", "there", "missing", mend=mend)
    if command in ("python", "python3", Path(sys.executable).name) or _same(command, sys.executable):
        yield Finding("kernel python3", "this Python", "this Python")
    else:
        mend = f'the lessons would run in {command}: "{sys.executable}" -m ipykernel install --sys-prefix'
        yield Finding("kernel python3", "another Python", "this Python", "wrong", mend=mend)


def lessons() -> Finding:
    """Whether the lessons travelled with the package."""
    try:
        return Finding("lessons", str(len(list((course_files() / "lessons").glob("*.ipynb")))), "")
    except FileNotFoundError as error:
        return Finding("lessons", "–", "", "missing", mend=str(error))


def _import_problem(module: str) -> str:
    ran = _python(f"import {module}")
    if ran is None:
        return f"importing it takes more than {PATIENCE} s"
    if ran.returncode == 0:
        return ""
    lines = [line for line in ran.stderr.splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"importing it ends Python with status {ran.returncode}"


def _python(code: str) -> subprocess.CompletedProcess | None:
    command = [sys.executable, "-c", code]
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return None


def _distributions() -> set[str]:
    return {(found.name or "").lower().replace("_", "-") for found in metadata.distributions()}


def _size(name: str) -> int:
    """The bytes of an installed distribution, as its own list of files has them."""
    return sum(file.size or 0 for file in metadata.files(name) or [])


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
