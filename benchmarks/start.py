"""What a learner waits for: importing the course beside importing NumPy, and lesson 1 from the kernel's start to its end.

One run, one machine: read the ratios, not the times. `make test` prints the minutes of its parts by itself.
"""

import os

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import subprocess
import sys
import time
from itertools import pairwise

import nbformat
from nbclient import NotebookClient

from embedcourse.files import course_files

IMPORTS = (
    "pass",
    "import numpy",
    "import embedcourse",
    "from embedcourse import exercise, scorecard",
    "import embedcourse.lookup",
    "import matplotlib.pyplot",
    "import torch",
)
HEAVY = ("numpy", "torch", "matplotlib", "IPython", "ipywidgets", "jupyterlab")


def start(statement: str, rounds: int = 5) -> float:
    """Seconds that a Python takes which does only this; the best of some, after one that warms the disk."""
    command = [sys.executable, "-c", statement]
    times = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        subprocess.run(command, check=True)
        times.append(time.perf_counter() - begin)
    return min(times[1:])


def loaded(statement: str) -> str:
    code = f"import sys\n{statement}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def imports() -> None:
    bare = start("pass")
    numpy = start("import numpy") - bare
    print(f"{'':<46}{'ms':>6}{'of numpy':>10}   heavy packages loaded")
    for statement in IMPORTS:
        seconds = start(statement) - bare if statement != "pass" else bare
        ratio = "" if statement == "pass" else f"{seconds / numpy:.2f}"
        name = "a bare Python" if statement == "pass" else statement
        print(f"{name:<46}{1e3 * seconds:6.0f}{ratio:>10}   {loaded(statement)}")


def lesson() -> None:
    path = next((course_files() / "lessons").glob("01_*.ipynb"))
    notebook = nbformat.read(path, as_version=4)
    begin = time.perf_counter()
    ends = [(-1, begin)]
    client = NotebookClient(notebook, kernel_name="python3", record_timing=False)
    client.on_cell_complete = lambda cell, cell_index: ends.append((cell_index, time.perf_counter()))
    client.execute()
    total = time.perf_counter() - begin
    spans = sorted(((after - before, index) for (_, before), (index, after) in pairwise(ends)), reverse=True)
    print(f"\n{path.name}, from the kernel's start to the last cell: {total:.1f} s; the slowest cells:")
    for seconds, index in spans[:4]:
        line = next(line for line in notebook.cells[index].source.splitlines() if line.strip())
        print(f"  {seconds:5.2f} s  {seconds / total:4.0%}  {line[:60]}")


if __name__ == "__main__":
    imports()
    lesson()
