"""The process from which every submission is forked: what they import is loaded once, and nothing secret ever is.

Started anew (`python -I -S`), never forked from the grader. It holds no student's code; it starts the process that does,
watches its memory, and kills what is left of it. It is told what to do on its first descriptor, one JSON object a message.
"""

import fcntl
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
from contextlib import suppress
from importlib import import_module
from pathlib import Path

PAGE = resource.getpagesize()
PATIENCE = 5.0  # seconds in which all of a submission must be dead
EVERY = 0.1  # seconds between two looks at a submission


def main() -> None:
    """`zygote.py CONTROL SETTINGS`: the number of the control socket, and the settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    sys.path[:0] = [settings["scratch"], settings["scratch"] + "/inside", *settings["packages"]]
    try:
        Zygote(control, settings).serve()
    except Exception:
        try:
            control.send(json.dumps({"broken": traceback.format_exc()[-4000:]}).encode())
        except OSError:
            return  # the grader was killed, and nobody is left who could be told
        raise


_USED = (
    "collections copy dataclasses decimal encodings.idna fractions functools gzip heapq itertools linecache math "
    "operator pprint random re statistics string struct textwrap timeit typing"
).split()


def warm_up(libraries: list[str]) -> None:
    """Load and use once what answers use, so that nothing is loaded, or read from the machine, behind the walls."""
    for name in (*_USED, *libraries):
        import_module(name)
    if "jaxtyping" not in libraries:
        sys.modules["jaxtyping"] = import_module("no_jaxtyping")
    _warm_up_numpy()
    if "matplotlib" in libraries:
        _warm_up_matplotlib()
    if "torch" in libraries:
        _warm_up_torch()


def _warm_up_numpy() -> None:
    import numpy as np

    np.linalg.svd(np.eye(3))
    np.einsum("ij,jk->ik", np.eye(2), np.eye(2))
    np.random.default_rng(0).normal(size=3)


def _warm_up_matplotlib() -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure = plt.figure()
    figure.gca().plot([0, 1])
    figure.canvas.draw()
    plt.close(figure)


def _warm_up_torch() -> None:
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
        self.user = jail.a_stranger()
        self.runner = 0
        self.lost = ""
        self.watched = 0.0

    def serve(self) -> None:
        """Warm up, build the walls, and do what is asked until the control socket is closed."""
        warm_up(self.settings["libraries"])
        import runner

        runner.rehearse()
        self.jail.adopt_orphans()
        self.jail.die_with_parent()
        self.root = os.geteuid() == 0 and self.user is not None
        self.proc = os.open("/proc", os.O_DIRECTORY | os.O_PATH) if Path("/proc/self").exists() else -1
        gc.collect()
        with suppress(OSError):
            self.jail.huge_pages()
        self.walls = self._walls()
        self.jail.no_spying()
        if "seccomp" in self.walls:
            self.filter = self.jail.unneeded_calls("namespaces" not in self.walls)
        self.rulesets: dict[str, int] = {}  # of Landlock, by lesson: it has hundreds of rules
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000)  # a collection in a fork copies what it looks at
        self.own = self._memory(os.getpid())
        self.size = int(self._read(f"{os.getpid()}/statm").split()[0]) * PAGE
        self._say({"ready": self.walls, "refused": self.refused, "threads": self._threads()})
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            asked = poll.poll(1000 * EVERY if self.runner else 10_000)
            if time.monotonic() - self.watched > EVERY:
                self._watch()
            if not asked:
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
        if self._end()["alive"]:
            return {"error": "processes of an earlier submission cannot be killed"}
        ours, theirs = os.pipe()
        ready, go = os.pipe()
        if "landlock" in self.walls and lesson not in self.rulesets:
            try:
                self.rulesets[lesson] = self.jail.ruleset(self._rules(lesson))
            except OSError as error:
                return {"error": str(error)}
        helper = os.fork()
        if helper == 0:
            try:
                os.close(ours)
                os.close(go)
                self._enter(channel, theirs, ready, lesson, limits)
            except BaseException:
                os.write(theirs, b"!" + traceback.format_exc()[-3000:].encode())
            finally:
                os._exit(0)
        os.close(theirs)
        os.close(ready)
        told = b""
        while piece := os.read(ours, 4096):
            told += piece
        os.close(ours)
        os.waitpid(helper, 0)
        os.close(go)  # from here on this process is the runner's parent, with which it will die
        if not told.isdigit():
            return {"error": told.decode(errors="replace") or "the process died before it began"}
        self.runner, self.lost, self.limits = int(told), "", limits
        return {"started": self.runner}

    def _enter(self, channel: int, told: int, ready: int, lesson: str, limits: dict) -> None:
        """In a helper: make the namespaces, fork the runner into them, say its number, and end."""
        jail = self.jail
        os.setsid()
        if "namespaces" in self.walls:
            spaces = jail.NEWPID | jail.NEWNET | jail.NEWIPC | jail.NEWNS | jail.NEWUTS
            jail.unshare(spaces)
            jail.own_scratch(limits["scratch"])
            for other in self.settings["lessons"]:
                if other != lesson:  # Landlock says the same, where there is one
                    jail.hide(f"{self.settings['scratch']}/{other}")
        runner = os.fork()
        if runner:
            os.write(told, str(runner).encode())
            return
        os.close(told)
        os.read(ready, 1)  # until the helper has ended, and the zygote is the parent
        os.close(ready)
        self._become_the_runner(channel, lesson, limits)

    def _become_the_runner(self, channel: int, lesson: str, limits: dict) -> None:
        import runner

        import embedcourse

        jail = self.jail
        try:
            with suppress(OSError):  # if the machine runs out of memory, this goes first
                number = os.open("self/oom_score_adj", os.O_WRONLY, dir_fd=self.proc)
                os.write(number, b"1000")
            self.control.detach()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(nowhere, number)
            kept = [channel, self.rulesets[lesson]] if "landlock" in self.walls else [channel]
            kept = [fcntl.fcntl(number, fcntl.F_DUPFD, 10) for number in kept]
            for place, number in enumerate(kept, start=3):
                os.dup2(number, place)
            os.closerange(3 + len(kept), 1 << 16)
            connection, ruleset = socket.socket(fileno=3), 4
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
            jail.die_with_parent()  # a change of users undoes it
            if not self.settings["trust"]:
                if self.root:
                    jail.become(self.user)
                jail.drop_capabilities()
                jail.no_spying()  # lost with a change of users; a crash would then call the machine's own reporter
                jail.no_new_privileges()
                jail.die_with_parent()
                if "landlock" in self.walls:
                    jail.landlock(ruleset)
                    os.close(ruleset)
                jail.seccomp(self.filter)
            embedcourse.__path__.insert(0, f"{self.settings['scratch']}/{lesson}/embedcourse")
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
            rules.append((os.path.dirname(jail.OWN), jail.READ | jail.WRITE))
        return rules

    def do_clear(self) -> dict:
        """Kill whatever the submission started, but not the runner; whether that is not to be done, and if the runner lives."""
        alive = self._kill(spare=True)
        return {"alive": alive, "lost": self.lost, "runs": self.runner != 0 and self._stat(self.runner)[0]}

    def do_end(self) -> dict:
        """Kill everything of the submission, and say what it was killed for before, and whether any of it is left."""
        return self._end()

    def do_try_out(self, channel: int, lesson: str, limits: dict, canary: str, unseen: list[str], port: int) -> dict:
        """Run the attempts of `jail` where a submission would run, and give what they could do."""
        # the runner is replaced by the attempts; all else is as for a submission
        import runner

        me = os.getpid()

        def attempts(connection: socket.socket) -> None:
            found = self.jail.attempts(canary, unseen, port, me)
            connection.sendall(json.dumps(found).encode())

        real, runner.run = runner.run, attempts
        try:
            return self.do_start(channel, lesson, limits)
        finally:
            runner.run = real

    # supervision

    def _end(self) -> dict:
        if not self.runner:
            return {"alive": False, "lost": ""}
        alive = self._kill(spare=False)
        if not alive:
            self.runner = 0
        return {"alive": alive, "lost": self.lost}

    def _kill(self, spare: bool) -> bool:
        """Kill the descendants of this process, in rounds until none is left; whether some still are after a while."""
        until = time.monotonic() + (1.0 if spare else PATIENCE)
        while True:
            victims = [pid for pid in self._living() if not (spare and pid == self.runner)]
            self._strike(victims)
            with suppress(OSError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if not victims or time.monotonic() > until:
                return bool(victims)
            time.sleep(0.001)

    def _strike(self, victims: list[int]) -> None:
        """Kill these descendants; a number that somebody else has by now is left alone."""
        below = {os.getpid(), self.runner, *victims}
        for pid in victims:
            with suppress(OSError):
                handle = os.pidfd_open(pid)
                try:
                    if self._stat(pid)[1] in below:
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
                finally:
                    os.close(handle)

    def _living(self) -> list[int]:
        """Every process below this one that is not dead, also those who lost their parents."""
        found, waiting = [], [os.getpid()]
        while waiting:
            pid = waiting.pop()
            for thread in self._list(f"{pid}/task"):
                children = [int(child) for child in self._read(f"{pid}/task/{thread}/children").split()]
                found += [child for child in children if self._stat(child)[0]]
                waiting += children
        return found

    def _stat(self, pid: int) -> tuple[bool, int]:
        """Whether any thread of a process is alive, and its parent."""
        _, bracket, rest = self._read(f"{pid}/stat").rpartition(")")
        fields = rest.split()
        if not bracket or len(fields) < 18:
            return False, 0
        return fields[0] not in "ZX" or int(fields[17]) > 1, int(fields[1])

    def _watch(self) -> None:
        """Kill the submission if it uses more memory, or has more processes, than it may."""
        self.watched = time.monotonic()
        if not self.runner or self.lost:
            return
        living = self._living()
        used = sum(max(0, self._memory(pid) - self.own) for pid in living)
        if used > self.limits["memory"]:
            self.lost = "out of memory"
        elif len(living) > 2 * self.limits["processes"]:
            self.lost = "too many processes"
        if self.lost:
            self._kill(spare=False)

    def _memory(self, pid: int) -> int:
        """The bytes in memory that a process shares with no file, those that it shares with other processes included."""
        lines = self._read(f"{pid}/status").splitlines()
        return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))

    def _threads(self) -> int:
        return len(self._list(f"{os.getpid()}/task"))

    def _list(self, path: str) -> list[str]:
        with suppress(OSError):
            number = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self.proc)
            try:
                return os.listdir(number)
            finally:
                os.close(number)
        return []

    def _read(self, path: str) -> str:
        with suppress(OSError):
            number = os.open(path, os.O_RDONLY, dir_fd=self.proc)
            try:
                return os.read(number, 1 << 16).decode()
            finally:
                os.close(number)
        return ""


if __name__ == "__main__":
    main()
