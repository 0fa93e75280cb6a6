"""The process from which every submission is forked: NumPy, torch and matplotlib are loaded once, and nothing secret ever is.

Started anew (`python -I -S`), never forked from the grader. It holds no student's code; it starts the process that does,
watches its memory, and kills what is left of it. It is told what to do on its first descriptor, one JSON object a message.
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

PAGE = resource.getpagesize()


def main() -> None:
    """`zygote.py CONTROL SETTINGS`: the number of the control socket, and the settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    sys.path[:0] = [settings["scratch"], settings["scratch"] + "/inside", *settings["packages"]]
    try:
        Zygote(control, settings).serve()
    except Exception:
        control.send(json.dumps({"broken": traceback.format_exc()[-4000:]}).encode())
        raise


_USED = (
    "asyncio collections copy dataclasses decimal encodings.idna fractions functools heapq itertools jaxtyping linecache "
    "math operator pprint random re statistics string struct textwrap timeit tqdm typing"
).split()


def warm_up(torch_too: bool) -> None:
    """Load and use once what answers use, so that nothing is loaded, or read from the machine, behind the walls."""
    for name in _USED:
        import_module(name)
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import numpy as np

    figure = plt.figure()
    figure.gca().plot([0, 1])
    figure.canvas.draw()
    plt.close(figure)
    np.linalg.svd(np.eye(3))
    np.einsum("ij,jk->ik", np.eye(2), np.eye(2))
    np.random.default_rng(0).normal(size=3)
    if not torch_too:
        return
    import torch
    import torch.nn.functional as F

    layer = torch.nn.Linear(3, 3)
    loss = F.cross_entropy(layer(torch.nn.Embedding(5, 3)(torch.tensor([[1, 2]]))).flatten(0, 1), torch.tensor([0, 1]))
    loss.backward()
    torch.optim.Adam(layer.parameters()).step()
    torch.set_num_threads(1)


class Zygote:
    """Serves one submission at a time."""

    def __init__(self, control: socket.socket, settings: dict) -> None:
        import jail

        self.jail = jail
        self.control = control
        self.settings = settings
        self.number = os.getpid()
        self.runner = 0
        self.lost = ""
        self.slept = 0.0

    def serve(self) -> None:
        """Warm up, build the walls, and do what is asked until the control socket is closed."""
        warm_up(self.settings["torch"])
        import runner  # noqa: F401

        from embedcourse.marking import running, wire  # noqa: F401

        self.jail.adopt_orphans()
        self.jail.die_with_parent()
        self.root = os.geteuid() == 0
        self.proc = os.open("/proc", os.O_DIRECTORY | os.O_PATH) if Path("/proc/self").exists() else -1
        self.walls = self._walls()
        self.jail.no_spying()
        gc.collect()
        gc.freeze()
        self.own = self._anonymous(os.getpid())
        self.size = int(self._read(f"{os.getpid()}/statm").split()[0]) * PAGE
        self._say({"ready": self.walls, "refused": self.refused, "threads": self._threads()})
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            if not poll.poll(100 if self.runner else 10_000):
                self._watch()
                continue
            message, descriptors, _, _ = socket.recv_fds(self.control, 65_536, 1)
            if not message:
                break
            request = json.loads(message)
            answer = getattr(self, f"do_{request.pop('do')}")(*descriptors, **request)
            for descriptor in descriptors:
                os.close(descriptor)
            self._say(answer)
        self._end()

    def _walls(self) -> list[str]:
        """Which walls the kernel lets us build; each is tried here once."""
        walls, self.refused = [], ""
        if self.settings["trust"]:
            return walls
        try:
            if not self.root:
                self.jail.new_user()
            self.jail.unshare(self.jail.NEWNS)
            self.jail.new_root(self.settings["shown"], self.settings["hidden"], self.settings["stage"])
            walls.append("namespaces")
        except OSError as error:
            self.refused = str(error)
        if self.jail.landlock_version():
            walls.append("landlock")
        return [*walls, "seccomp"]

    def _say(self, answer: dict) -> None:
        self.control.send(json.dumps(answer).encode())

    # what the grader may ask for

    def do_start(self, channel: int, lesson: str, limits: dict) -> dict:
        """Fork a process for a submission to `lesson`, with the descriptor `channel`."""
        self._end()
        ours, theirs = os.pipe()
        helper = os.fork()
        if helper == 0:
            try:
                os.close(ours)
                self._enter(channel, theirs, lesson, limits)
            except BaseException:
                os.write(theirs, b"!" + traceback.format_exc()[-3000:].encode())
            finally:
                os._exit(0)
        os.close(theirs)
        told = b""
        while piece := os.read(ours, 4096):
            told += piece
        os.close(ours)
        os.waitpid(helper, 0)
        if not told.isdigit():
            return {"error": told.decode(errors="replace") or "the process died before it began"}
        self.runner, self.lost, self.limits = int(told), "", limits
        return {"started": self.runner}

    def _enter(self, channel: int, told: int, lesson: str, limits: dict) -> None:
        """In a helper: make the namespaces, fork the runner into them, say its number, and end."""
        jail = self.jail
        os.setsid()
        if "namespaces" in self.walls:
            spaces = jail.NEWPID | jail.NEWNET | jail.NEWIPC | jail.NEWNS | jail.NEWUTS
            jail.unshare(spaces)
            jail.own_scratch(limits["scratch"])
        ready, go = os.pipe()
        runner = os.fork()
        if runner:
            os.write(told, str(runner).encode())
            return
        os.close(told)
        os.close(go)
        os.read(ready, 1)  # until the helper has ended, and the zygote is the parent
        os.close(ready)
        self._become_the_runner(channel, lesson, limits)

    def _become_the_runner(self, channel: int, lesson: str, limits: dict) -> None:
        import runner

        import embedcourse

        jail = self.jail
        try:
            self.control.detach()
            connection = socket.socket(fileno=os.dup2(channel, 3))
            os.closerange(4, 1 << 16)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            os.closerange(4, 1 << 16)
            os.environ.clear()
            own = jail.OWN if "namespaces" in self.walls else "/"
            os.environ.update({"HOME": own, "TMPDIR": own, "MPLCONFIGDIR": own, "PATH": ""})
            alone = self.root or "namespaces" in self.walls  # nobody else's processes count as this user's
            jail.limit(
                self.size + limits["memory"],
                int(limits["seconds"]) + 5,
                limits["processes"] if alone else None,
                limits["file"],
            )
            os.umask(0o077)
            os.chdir(own)
            if not self.settings["trust"]:
                if self.root:
                    jail.become(jail.STRANGERS + self.number % 4_000)
                jail.drop_capabilities()
                jail.no_new_privileges()
                if "landlock" in self.walls:
                    jail.landlock(self._rules(lesson))
                jail.seccomp()
            embedcourse.__path__.insert(0, f"{self.settings['scratch']}/{lesson}/embedcourse")
            embedcourse._lesson = lesson
        except BaseException:
            connection.sendall(b"!" + traceback.format_exc()[-3000:].encode())
            os._exit(1)
        try:
            runner.run(connection)
        finally:
            os._exit(0)

    def _rules(self, lesson: str) -> list[tuple[str, int]]:
        jail = self.jail
        rules = [(path, jail.READ) for path in self.settings["readable"]]
        rules += [(path, jail.LIST) for path in self.settings["listed"]]
        rules += [(f"{self.settings['scratch']}/{name}", jail.READ) for name in ("embedcourse", lesson)]
        rules += [("/dev/null", jail.READ | jail.WRITE), ("/dev/urandom", jail.READ), ("/dev/zero", jail.READ)]
        if "namespaces" in self.walls:
            rules.append((jail.OWN, jail.READ | jail.WRITE))
        return rules

    def do_clear(self) -> dict:
        """Kill whatever the submission started, but not the runner itself."""
        return {"cleared": self._kill(spare=True), "lost": self.lost}

    def do_end(self) -> dict:
        """Kill everything of the submission, and say how the runner ended."""
        return self._end()

    def do_try_out(self, channel: int, lesson: str, limits: dict, canary: str, port: int) -> dict:
        """Run the attempts of `jail` where a submission would run, and give what they could do."""
        # the runner is replaced by the attempts; all else is as for a submission
        import runner

        me = os.getpid()

        def attempts(connection: socket.socket) -> None:
            found = self.jail.attempts(canary, port, me)
            connection.sendall(json.dumps(found).encode())

        real, runner.run = runner.run, attempts
        try:
            return self.do_start(channel, lesson, limits)
        finally:
            runner.run = real

    # supervision

    def _end(self) -> dict:
        if not self.runner:
            return {"status": None}
        status = self._kill(spare=False)
        self.runner = 0
        return {"status": status, "lost": self.lost}

    def _kill(self, spare: bool) -> int:
        """Kill the descendants of this process, in rounds until none is left; the runner's status, or how many there were."""
        killed, status = 0, 0
        deadline = time.monotonic() + 10
        while True:
            victims = [pid for pid in self._descendants() if not (spare and pid == self.runner)]
            for pid in victims:
                with _suppressed():
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
            while True:
                try:
                    pid, ended = os.waitpid(-1, os.WNOHANG)
                except ChildProcessError:
                    break
                if pid == 0:
                    break
                if pid == self.runner:
                    status = ended
            if not victims or time.monotonic() > deadline:
                return killed if spare else status
            time.sleep(0.002)

    def _descendants(self) -> list[int]:
        """Every process below this one, also those who lost their parents."""
        found, waiting = [], [os.getpid()]
        while waiting:
            pid = waiting.pop()
            for thread in self._list(f"{pid}/task"):
                children = [int(child) for child in self._read(f"{pid}/task/{thread}/children").split()]
                found += children
                waiting += children
        return found

    def _watch(self) -> None:
        """Kill the submission if it uses more memory, or has more processes, than it may."""
        if not self.runner:
            return
        living = self._descendants()
        used = sum(max(0, self._anonymous(pid) - self.own) for pid in living)
        if used > self.limits["memory"]:
            self.lost = "memory"
        elif len(living) > 2 * self.limits["processes"]:
            self.lost = "processes"
        if self.lost:
            for pid in living:
                with _suppressed():
                    os.kill(pid, signal.SIGKILL)

    def _anonymous(self, pid: int) -> int:
        fields = self._read(f"{pid}/statm").split()
        return (int(fields[1]) - int(fields[2])) * PAGE if len(fields) > 2 else 0

    def _threads(self) -> int:
        return len(self._list(f"{os.getpid()}/task"))

    def _list(self, path: str) -> list[str]:
        with _suppressed():
            number = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
            try:
                return os.listdir(number)
            finally:
                os.close(number)
        return []

    def _read(self, path: str) -> str:
        with _suppressed():
            number = os.open(path, os.O_RDONLY, dir_fd=self.proc)
            try:
                return os.read(number, 1 << 16).decode()
            finally:
                os.close(number)
        return ""


class _suppressed:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        return isinstance(error, OSError)


if __name__ == "__main__":
    main()
