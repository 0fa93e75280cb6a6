"""The outer fence around hostile notebooks: what gets through the sandbox meets this, and the machine stays as it is.

`run` starts one subprocess in a pid and a mount namespace of its own, with few pids, limits on memory and file size, a
folder of its own for all that is written, and a time after which all of it is killed from outside. It grades notebooks
there and gives one JSON object for each. The subprocess refuses to work unfenced.
"""

import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
CORPUS = REPOSITORY / "tests" / "attacks"  # as .txt, so that nobody's test runner imports them
SECRET = "canary-7f3a-of-the-grader"
NOBODY = 65534
BESIDE = ("build_vocabulary", "one_hot", "rows_that_move")  # honest answers beside an attack
AFTERWARDS = ("lookup",)  # what is graded after each attack, in the same sandbox
_PIDS = 1000
_FREE_MEMORY = 1024  # MiB that the machine keeps; below that the fence is torn down
_ADDRESSES = 6 << 30
_FILE = 64 << 20


class NoFenceError(RuntimeError):
    """The fence cannot be had on this machine."""


@dataclass(frozen=True)
class Attack:
    """A hostile notebook: what it threatens, the exercises whose points it wants, those that it must leave alone, flags due."""

    name: str
    threat: str
    aims: tuple[str, ...]
    keeps: tuple[str, ...] | None  # None: all that it does not aim at
    flags: tuple[str, ...]
    lesson: int
    last: bool
    cells: tuple[str, ...]


def read(path: Path) -> Attack:
    """The attack in a file: a docstring with the threat and lines like `aims: lookup`, then cells below `# %%`."""
    head, *cells = re.split(r"^# %%.*\n", path.read_text(encoding="utf-8"), flags=re.M)
    told = head.strip().strip('"').strip()
    fields = dict(re.findall(r"^(aims|keeps|flag|lesson|place): *(.*)$", told, re.M))
    keeps = fields.get("keeps", "all")
    return Attack(
        path.stem,
        told.partition("\n")[0],
        tuple(fields.get("aims", "").split()),
        None if keeps == "all" else () if keeps == "nothing" else tuple(keeps.split()),
        tuple(filter(None, (fields.get("flag", ""),))),
        int(fields.get("lesson", "1")),
        fields.get("place") == "last",
        tuple(cells),
    )


def corpus() -> list[Attack]:
    """Every attack, in the order of its number."""
    return [read(path) for path in sorted(CORPUS.glob("[0-9]*.txt"))]


# outside


def run(names: list[str], folder: Path, mode: str = "", seconds: float = 300, who: str = "") -> list[dict[str, Any]]:
    """Grade the attacks called `names` behind the fence, in the empty `folder`: one dict for each.

    mode    "" or "no namespaces" or "no landlock" or "neither": what the kernel refuses to the grader
    who     "" or "nobody", a user without rights, or "root of nothing", of a user namespace with no other user in it
    """
    command = _command(folder, mode, names, who)
    environment = {
        **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "SECRET_OF_THE_GRADER": SECRET,
        "FENCE": os.readlink("/proc/self/ns/pid"),
    }
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    _bring_fonts(folder / "home")
    if who == "nobody":
        for path in (folder / "home", *(folder / "home").rglob("*"), folder / "tmp"):
            path.chmod(0o777)
    with (
        open(folder / "errors", "wb") as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
        ) as fenced,
    ):
        watch = threading.Thread(target=_watch, args=(fenced, time.monotonic() + seconds), daemon=True)
        watch.start()
        told = fenced.stdout.read()
        fenced.wait()
    watch.join()
    rows = [json.loads(line) for line in told.decode().splitlines()]
    if fenced.returncode or len(rows) != len(names):
        said = (folder / "errors").read_text(errors="replace")[-3000:]
        raise NoFenceError(f"the fenced grader ended with {fenced.returncode} after {len(rows)} attacks: {said}")
    return rows


def _bring_fonts(home: Path) -> None:
    """Matplotlib's list of fonts, which it else makes anew for many seconds."""
    import matplotlib

    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        (home / ".cache" / "matplotlib").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, home / ".cache" / "matplotlib")


def _command(folder: Path, mode: str, names: list[str], who: str) -> list[str]:
    if sys.platform != "linux" or not shutil.which("unshare"):
        raise NoFenceError("hostile notebooks are run on Linux alone, where `unshare` of util-linux is installed")
    root = os.geteuid() == 0
    release = tuple(map(int, re.findall(r"\d+", platform.release())[:2]))
    prelude = ["set -e", f"ulimit -v {_ADDRESSES >> 10}", f"ulimit -f {_FILE >> 9}", "ulimit -c 0"]
    if release >= (6, 14):  # before that, pid_max is one number for the whole machine
        prelude.append(f"echo {_PIDS} > /proc/sys/kernel/pid_max")
    elif not root:
        prelude.append(f"ulimit -u {_PIDS}")
    else:
        raise NoFenceError(
            "Linux before 6.14 has no limit on pids for a namespace alone: run this as a user who is not root"
        )
    drop = ""
    if who == "nobody":
        home, base = Path("/root"), Path(sys.base_prefix)
        if home in base.parents:  # its Python is where only root may go
            aside = folder / "python"
            aside.mkdir()
            prelude += [
                f"mount --bind {base} {aside}",
                f"mount -t tmpfs -o mode=755 none {home}",
                f"mkdir -p {base}",
                f"mount --bind {aside} {base}",
            ]
        drop = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --inh-caps=-all --bounding-set=-all "
    arguments = " ".join(f"'{argument}'" for argument in (str(folder), mode, *names))
    prelude.append(f"exec {drop}{sys.executable} -m tests.grading.fence {arguments}")
    user = [] if root and who != "root of nothing" else ["--map-root-user"]
    return ["unshare", *user, "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-c", "\n".join(prelude)]


def _watch(fenced: subprocess.Popen, until: float) -> None:
    """Tear the fence down when its time is over, or when the machine gets short of memory."""
    while fenced.poll() is None:
        free = int(re.search(r"MemAvailable: *(\d+)", Path("/proc/meminfo").read_text())[1]) // 1024
        if time.monotonic() > until or free < _FREE_MEMORY:
            fenced.send_signal(signal.SIGKILL)
            return
        time.sleep(0.1)


# inside


def main(folder: Path, mode: str, names: list[str]) -> None:
    """Grade what `names` says and print what came of it, one JSON object a line."""
    if os.getpid() != 1 or os.readlink("/proc/self/ns/pid") == os.environ.get(
        "FENCE", os.readlink("/proc/self/ns/pid")
    ):
        raise NoFenceError("this is not the inside of a fence: call tests.grading.fence.run")
    from embedcourse.grading.inside import jail
    from embedcourse.grading.sandbox import Limits, Sandbox

    if mode:
        denied = () if mode == "no landlock" else ("unshare", "mount")
        denied += () if mode == "no namespaces" else ("landlock_create_ruleset",)
        jail.no_new_privileges()
        jail.seccomp(jail.filter_of([{**jail._REFUSED, **jail._CALLS}[call] for call in denied]))
    canaries = _canaries(folder / "home")
    attacks = {attack.name: attack for attack in corpus()}
    lessons = sorted({attacks[name].lesson for name in names} | {1})
    limits = Limits(cell=1, call=1, exercise=3, seconds=10, memory=256 << 20, processes=32)
    with Sandbox(lessons, limits) as sandbox:
        for name in names:
            row = _try(sandbox, attacks[name], folder)
            row["canaries"] = [str(path) for path, text in canaries.items() if path.read_text() != text]
            row["walls"] = sandbox.walls
            print(json.dumps(row), flush=True)
    processes, files = _processes() - {1}, [path.name for path in (folder / "tmp").glob("embedcourse-*")]
    if processes or files:
        raise RuntimeError(f"left over in the end: processes {processes}, files {files}")


def _canaries(home: Path) -> dict[Path, str]:
    """What a grader has and no submission may read or change, world-readable and -writable where that is possible."""
    found = {
        home / "class" / "ada" / "01_lookup_matrix.ipynb": f"the answers of another student, {SECRET}",
        home / "results" / "grades.csv": f"ada,8,{SECRET}",
        home / "results" / ".secret": SECRET,
    }
    for path, text in found.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o666)
        path.parent.chmod(0o777)
    return found


def _try(sandbox: Any, attack: Attack, folder: Path) -> dict[str, Any]:
    """Grade one attack, then an honest submission in the same sandbox, and see what is left of the attack."""
    from embedcourse.grading.marker import mark_submission

    zygote = sandbox._process.pid
    before, start = _tree(folder), time.monotonic()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cells = cells_of(attack, folder)
    tried = [name for cell in cells for name in defined(cell.source)]
    marked = mark_submission(sandbox, attack.lesson, cells, SECRET.encode(), attack.name, tried)
    seconds = time.monotonic() - start
    left = sorted(_processes() - {1, zygote})
    after = honest_cells(1, AFTERWARDS)
    honest = mark_submission(sandbox, 1, after, SECRET.encode(), "ada", AFTERWARDS)
    return {
        "name": attack.name,
        "seconds": round(seconds, 2),
        "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) // 1024,
        "exercises": {result.report.exercise: _row(result) for result in marked.results},
        "flags": marked.flags,
        "notes": marked.notes,
        "cells": marked.cells,
        "left": left,
        "files": sorted(_tree(folder) ^ before),
        "honest": {result.report.exercise: _row(result) for result in honest.results},
    }


def _row(result: Any) -> dict[str, Any]:
    report = result.report
    failure = asdict(report.failure) if report.failure else None
    return {"points": report.points, "out of": report.max_points, "status": report.status, "failure": failure}


def _tree(folder: Path) -> set[str]:
    return {
        str(path)
        for path in folder.rglob("*")
        if "tmp/embedcourse-" not in str(path) and path.name not in ("errors", "torchinductor_root")
    }


def _processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


def cells_of(attack: Attack, folder: Path) -> list:
    """The notebook: the lesson's setup, the attack, and honest answers to the exercises that it does not define."""
    from embedcourse.grading.marker import Cell

    setup, *honest = honest_cells(attack.lesson, BESIDE if attack.lesson == 1 else ())
    places = {"REPOSITORY": REPOSITORY, "HOME": folder / "home"}
    cells = [re.sub(r"\$(REPOSITORY|HOME)\b", lambda found: str(places[found[1]]), cell) for cell in attack.cells]
    if any("channel()" in cell for cell in cells):
        cells.insert(0, _FINDING_THE_CHANNEL)
    its = {name for cell in cells for name in defined(cell)} | set(attack.aims)
    kept = [cell.source for cell in honest if defined(cell.source)[0] not in its]
    sources = [setup.source, *kept, *cells] if attack.last else [setup.source, *cells, *kept]
    return [Cell(number, "code", source) for number, source in enumerate(sources, start=1)]


_FINDING_THE_CHANNEL = """
def channel():
    import os
    import stat

    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return number
        except OSError:
            pass
"""


def defined(source: str) -> list[str]:
    """The functions at the top of a cell."""
    return re.findall(r"^def (\w+)", source, re.M)


def honest_cells(lesson: int, names: Sequence[str]) -> list:
    """The setup and the exercises called `names` of a lesson, with the answers of its solution."""
    from embedcourse.grading.marker import Cell

    path = next((REPOSITORY / "solutions").glob(f"{lesson:02}_*.ipynb"))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if "setup" in cell["metadata"].get("tags", [])]
    exercises = ["".join(cell["source"]) for cell in cells if "exercise" in cell["metadata"].get("tags", [])]
    sources += [source for source in exercises if set(defined(source)) & set(names)]
    return [Cell(number, "code", source) for number, source in enumerate(sources, start=1)]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
