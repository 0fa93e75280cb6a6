"""Where the course opens without installing anything: Binder and Colab, by the repository's address in pyproject.toml.

While `Repository` is not set in pyproject's `urls`, no link is written and nothing is invented.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import quote, urlsplit

from packaging.requirements import Requirement

BRANCH = "main"
_MARKED = re.compile(r"(<!-- links[^>]*-->\n).*?(<!-- end of links -->)", re.DOTALL)
# What Colab has in versions of its own that must stay, and what only JupyterLab and the tests need.
_NOT_IN_COLAB = {"jupyterlab", "numpy", "torch", "matplotlib", "nbval", "ipywidgets"}


def repository(root: Path) -> str | None:
    """The address of the repository that lies at `root`, as https://host/owner/name; None while it is not set.

    Raises ValueError for an address that no link can be made of.
    """
    urls = {name.lower(): address for name, address in _project(root).get("urls", {}).items()}
    if "repository" not in urls:
        return None
    address = urls["repository"].removesuffix("/").removesuffix(".git")
    split = urlsplit(address)
    if split.scheme != "https" or not split.netloc or len(split.path.strip("/").split("/")) < 2:
        raise ValueError(f"pyproject.toml: urls.Repository is {address!r}; it must be like https://host/owner/name")
    return address


def line(address: str, lesson: str) -> str:
    """The links to one lesson (its file's name without ending), as a line of Markdown."""
    split = urlsplit(address)
    path, file = split.path.strip("/"), f"lessons/{lesson}.ipynb"
    places = {"github.com": f"gh/{path}", "gitlab.com": f"gl/{quote(path, safe='')}"}
    place = places.get(split.netloc, f"git/{quote(address, safe='')}")
    links = [f"[Open on Binder](https://mybinder.org/v2/{place}/{BRANCH}?labpath={quote(file, safe='')})"]
    if split.netloc == "github.com":  # Colab reads from no other host
        links.append(f"[Open in Colab](https://colab.research.google.com/github/{path}/blob/{BRANCH}/{file})")
    return " · ".join(links)


def setup(root: Path, address: str) -> str:
    """Lines for the top of a setup cell: in Colab they install the course and say so, elsewhere they do nothing."""
    names = [Requirement(text).name for text in _project(root)["dependencies"]]
    missing = [name for name in names if name not in _NOT_IN_COLAB]
    return f"""import sys

if "google.colab" in sys.modules:  # in Colab, the course has to be installed first
    import subprocess

    print("Installing embedcourse in this Colab session.")
    for what in ({missing}, ["--no-deps", "git+{address}"]):
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *what], check=True)

"""


def in_readme(text: str, address: str | None, lessons: list[tuple[str, str]]) -> str:
    """The README with the links between its two marks; `lessons` are pairs of a file's name without ending and a title."""
    links = "".join(f"- {title}: {line(address, name)}\n" for name, title in lessons) if address else ""
    block = f"\nWithout installing anything:\n\n{links}\n" if links else ""
    return _MARKED.sub(lambda marks: marks[1] + block + marks[2], text)


def _project(root: Path) -> dict:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
