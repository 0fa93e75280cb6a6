"""`make test`: every part of the tests, one after the other, and a table of their minutes. Arguments select parts."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PYTEST = [PYTHON, "-m", "pytest", "-q"]
CORES = ["-n", str(min(4, os.cpu_count() or 1))]
SHARED = [*CORES, "--dist", "worksteal"]
AS_IN_JUPYTER = "--nbval-current-env -o filterwarnings=default -p no:cacheprovider".split()
NBVAL = [*PYTEST, *CORES, "--dist", "loadfile", *AS_IN_JUPYTER]
PARTS = {
    "style": [[PYTHON, "-m", "ruff", "check", "."], [PYTHON, "-m", "ruff", "format", "--check", "."]],
    "fresh": [[PYTHON, "-m", "embedcourse.cli", "build", "--check"]],
    "unit": [[*PYTEST, *SHARED, "-m", "not browser and not anywhere", "--doctest-modules", "tests", "embedcourse"]],
    "solutions": [[*NBVAL, "--nbval", "--nbval-sanitize-with", "tests/nbval.cfg", "solutions"]],
    "lessons": [[*NBVAL, "--nbval-lax", "lessons"]],
    "browser": [[*PYTEST, *CORES, "--dist", "loadfile", "-m", "browser", "tests/browser"]],
    "anywhere": [[*PYTEST, "-m", "anywhere", "tests/anywhere"]],
}
SAYS = {
    "style": "ruff on the code",
    "fresh": "generated files are what their sources say",
    "unit": "unit tests and doctests",
    "solutions": "every stored output is still true (nbval)",
    "lessons": "the handed-out lessons run without an error (nbval)",
    "browser": "a learner's moves in a real JupyterLab",
    "anywhere": "the wheel in an empty environment, and what Binder makes of the repository",
}
# Another environment may be active in the shell that calls make; IPython would warn of it, and warnings are errors here.
CALLER = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part is called {unknown[0]!r}; there are {', '.join(PARTS)}")
        return 2
    rows, failed = [], False
    for name in names or PARTS:
        print(f"\n── {name}: {SAYS[name]}", flush=True)
        start = time.perf_counter()
        codes = [subprocess.run(command, cwd=ROOT, env={**CALLER, **ONE_THREAD}).returncode for command in PARTS[name]]
        failed |= any(codes)
        rows.append((name, "failed" if any(codes) else "passed", (time.perf_counter() - start) / 60))
    print(f"\n{'part':<12}{'result':<10}minutes")
    for name, result, minutes in rows:
        print(f"{name:<12}{result:<10}{minutes:5.2f}")
    print(f"{'all':<12}{'FAILED' if failed else 'passed':<10}{sum(row[2] for row in rows):5.2f}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
