"""The trusted side of the wall: starts the process that runs strangers' code, speaks with it, and believes nothing it says.

A `Sandbox` is one zygote. A `Session` is one submission in it: its cells are run, then each exercise is an answer that
`mark` takes like any other. Every message has a size that is checked before memory is taken for it, and a deadline.
"""

import json
import os
import secrets
import select
import shutil
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from embedcourse.grading import scratch
from embedcourse.marking import Exercise, Opaque, Outcome, Raised, Report, WireError, decode, encode, mark, unmarked
from embedcourse.marking.model import LOST
from embedcourse.marking.running import sayable
from embedcourse.marking.wire import MAX_BYTES, MAX_HEADER, outcome_of

MAX_MESSAGE = 4 + MAX_HEADER + MAX_BYTES
MEGABYTE = 1024 * 1024
MAX_ANSWERS = 2 * MAX_BYTES  # bytes of all that an answer gives for the cases of one exercise
MAX_TOLD = 2_000  # characters of a text of the process over there that are kept


class GraderError(Exception):
    """A fault of the grader or of this machine, never of a student."""


class Lost(Exception):
    """The stranger's process is gone, or no longer to be believed; the argument is a key of `marking.model.LOST`."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds for a cell, a call, an exercise and all of it; bytes; processes and threads."""

    cell: float = 30.0
    call: float = 5.0
    exercise: float = 30.0
    seconds: float = 120.0
    memory: int = 2048 * MEGABYTE
    scratch: int = 16 * MEGABYTE
    file: int = 16 * MEGABYTE
    processes: int = 64


class Sandbox:
    """One zygote, and what isolation it really has. Use it in a `with`, in a thread that lives as long: it ends with that.

    trust  run strangers' code without any wall
    libraries  what submissions to come will import, by the name of the package: it is loaded once, before the first
    """

    def __init__(
        self,
        lessons: Sequence[int],
        limits: Limits | None = None,
        trust: bool = False,
        libraries: Sequence[str] = ("matplotlib", "torch"),
        lay_out: Callable[[Path, list[int]], None] = scratch.lay_out,
    ) -> None:
        self.lessons, self.limits, self.trust = list(lessons), limits or Limits(), trust
        self.libraries, self._lay_out, self._broken = list(libraries), lay_out, ""
        self.walls: list[str] = []
        self.possible: dict[str, bool] = {}

    def __enter__(self) -> "Sandbox":
        sweep()
        self._folder = tempfile.TemporaryDirectory(prefix=f"embedcourse-{os.getpid()}-", ignore_cleanup_errors=True)
        try:
            self._start(Path(self._folder.name))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, folder: Path) -> None:
        os.chmod(folder, 0o755)
        course, stage = folder / "scratch", folder / "stage"
        stage.mkdir()
        self._lay_out(course, self.lessons)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = {
            "scratch": str(course),
            "stage": str(stage),
            "trust": self.trust,
            "libraries": self.libraries,
            "lessons": [f"{number:02}" for number in self.lessons],
            **_paths(course),
        }
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        environment = {**threads, "HOME": os.environ.get("HOME", "/"), "PYTHONDONTWRITEBYTECODE": "1"}
        program = course / "inside" / "zygote.py"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(program), str(theirs.fileno()), json.dumps(settings)],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl+C is for the grader, which ends this process when it has heard it
        )
        theirs.close()
        told = self._told(60)
        if "ready" not in told:
            raise GraderError(f"the process that runs submissions did not start: {told.get('broken', told)}")
        self.walls, self.refused = told["ready"], told.get("refused", "")
        if told["threads"] != 1:
            raise GraderError(f"the process that runs submissions has {told['threads']} threads: forks of it may hang")
        if not self.trust:
            self.possible = self._try_out(folder)
            open_ = [name for name, possible in self.possible.items() if possible]
            if open_:
                raise GraderError(f"strangers' code could not be locked in on this machine; it can: {', '.join(open_)}")

    def _try_out(self, folder: Path) -> dict[str, bool]:
        """Let a harmless process try, where a submission would run, what no submission may do."""
        canary = folder / "canary"
        canary.write_bytes(b"still here")
        os.chmod(canary, 0o666)
        before = _state_of(canary)
        unseen = [*self._other_lessons(folder / "scratch"), *map(str, scratch.references())]
        with socket.create_server(("127.0.0.1", 0)) as server:
            ours, theirs = socket.socketpair()
            with ours:
                port = server.getsockname()[1]
                lesson = f"{self.lessons[0]:02}"
                told = self._ask(theirs, "try_out", lesson=lesson, canary=str(canary), unseen=unseen, port=port)
                if "error" in told:
                    raise GraderError(f"no submission can be started on this machine: {told['error']}")
                ours.settimeout(10)
                try:
                    told = ours.recv(65_536)
                    found = json.loads(told)
                except (OSError, ValueError) as error:
                    raise GraderError(f"the walls could not be tried out: {error} {told}") from None
                self._ask(None, "end")
        if _state_of(canary) != before or canary.with_name("canary.new").exists():
            raise GraderError("strangers' code could write outside of its folder")
        return found

    def _other_lessons(self, course: Path) -> list[str]:
        """A file of each lesson but the first in `course`: what a submission to the first may not read."""
        return [str(course / f"{number:02}" / "embedcourse" / "showing" / "__init__.py") for number in self.lessons[1:]]

    def _ask(self, descriptor: socket.socket | None, what: str, **more: Any) -> dict:
        request = {"do": what, **more}
        if what in ("start", "try_out"):
            request["limits"] = asdict(self.limits)
        try:
            if self._broken:
                raise GraderError(self._broken)
            socket.send_fds(self._control, [json.dumps(request).encode()], [descriptor.fileno()] if descriptor else [])
        except OSError as error:
            raise self._over(f"the process that runs submissions is gone: {error}") from None
        finally:
            if descriptor:
                descriptor.close()
        return self._told(20)

    def _told(self, seconds: float) -> dict:
        self._control.settimeout(seconds)
        try:
            message = self._control.recv(65_536)
        except OSError as error:
            raise self._over(f"the process that runs submissions does not answer: {error}") from None
        if not message:
            raise self._over("the process that runs submissions has ended")
        return json.loads(message)

    def _over(self, why: str) -> GraderError:
        """No more of this sandbox: an answer that comes late must not be taken for that to a later question."""
        self._broken = why
        return GraderError(why)

    @contextmanager
    def session(self, lesson: int) -> Iterator["Session"]:
        """A process for one submission to `lesson`; everything that it started is dead when the `with` ends."""
        session = Session(self, lesson)
        try:
            yield session
        except KeyboardInterrupt:
            self._over("it was interrupted")
            session.abandon()  # an answer may be on its way, and would be taken for that to another question
            raise
        finally:
            session.end()

    def close(self) -> None:
        """End the zygote and everything below it."""
        with suppress(AttributeError):
            self._control.close()
        with suppress(AttributeError):
            try:
                self._process.wait(15)  # longer than it takes to kill a submission
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        self._folder.cleanup()


@dataclass(frozen=True)
class Function:
    """A function or class that a cell defines. `skeleton` is the same for answers that do the same by other names."""

    name: str
    skeleton: str = ""
    size: int = 0


@dataclass(frozen=True)
class CellResult:
    """How a cell went: what it raised and printed, which exercises it defined, a note, and how its process was lost."""

    raised: Raised | None = None
    printed: str = ""
    defined: tuple[str, ...] = ()
    note: str = ""
    lost: str = ""


def sweep() -> None:
    """Delete the folders of graders that were killed before they could do so."""
    for folder in Path(tempfile.gettempdir()).glob("embedcourse-*-*"):
        number = folder.name.split("-")[1]
        if number.isdigit() and not Path(f"/proc/{number}").exists() and folder.lstat().st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)


class Session:
    """One submission in a sandbox. What its cells did stays until one of them kills the process."""

    def __init__(self, sandbox: Sandbox, lesson: int) -> None:
        self.sandbox, self.lesson = sandbox, lesson
        self.deadline = time.monotonic() + sandbox.limits.seconds
        self._channel: Channel | None = None
        self.ended_by = ""  # why the process had to be ended after an exercise, whatever the answer was

    def begin(self) -> None:
        """Start the process, or start it anew. Raises GraderError."""
        self.end()
        ours, theirs = socket.socketpair()
        try:
            told = self.sandbox._ask(theirs, "start", lesson=f"{self.lesson:02}")
            if "error" in told:
                raise GraderError(f"no submission can be started on this machine: {told['error']}")
        except GraderError:
            ours.close()
            raise
        self._channel = Channel(ours)

    @property
    def living(self) -> bool:
        """Whether there is a process, with what its cells left."""
        return self._channel is not None

    def outline(self, cells: Sequence[str]) -> list[list[Function]]:
        """The functions that each cell defines. To be asked for before any cell has run. Raises Lost."""
        until = min(self.deadline, time.monotonic() + self.sandbox.limits.cell)
        with suppress(WireError):
            match self._exchange(("outline", tuple(map(_bytes, cells))), until):
                case ("outline", tuple(found)) if len(found) == len(cells):
                    return [list(map(_function, functions)) for functions in found]
        raise Lost("protocol")

    def run_cell(self, name: str, source: str) -> "CellResult":
        """Run a cell's code. If the process did not survive it, the result says why, and it must be begun anew."""
        until = min(self.deadline, time.monotonic() + self.sandbox.limits.cell)
        try:
            match self._exchange(("cell", name, _bytes(source)), until):
                case ("cell", raised, str(printed), tuple(defined), str(note)) if _all_text(defined):
                    outcome = outcome_of((None, raised, (), printed))
                    return CellResult(outcome.raised, outcome.printed, defined, sayable(note, MAX_TOLD))
            raise Lost("protocol")
        except WireError:
            return CellResult(lost=self._give_up("protocol"))
        except Lost as lost:
            return CellResult(lost=self._give_up(lost.args[0]))

    def mark(self, exercise: Exercise, seed: int) -> Report:
        """The report on the answer that the cells left. What it does to its process is undone, if need be by ending it."""
        probe = (exercise.probe.__module__, exercise.probe.__qualname__)
        until = min(self.deadline, time.monotonic() + self.sandbox.limits.exercise)
        ours, theirs = socket.socketpair()
        answer, report, lost = _Remote(self, Channel(ours), until), None, ""
        try:
            with theirs:
                self._channel.send(("exercise", exercise.name, probe, scratch.sources(exercise)), until, theirs)
            match answer.channel.receive(until):
                case ("ready", str(kind)) if kind == "called":
                    report = mark(exercise, answer, seed)
                case ("ready", str(kind)):
                    kind = sayable(kind, MAX_TOLD)
                    detail = f"the name is bound to a value of type {kind}"
                    report = unmarked(exercise, "failed", "not callable", detail)
                case _:
                    lost = self.why_lost("protocol")
        except Lost as error:
            lost = self.why_lost(error.args[0])
        except WireError:
            lost = self.why_lost("protocol")
        answer.channel.close()
        self._leave()
        return report or unmarked(exercise, "error", lost, LOST[lost])

    def why_lost(self, seen: str) -> str:
        """Why something of the process was lost: the watchman's reason goes before the one seen from here."""
        return self.sandbox._ask(None, "clear")["lost"] or seen

    def _leave(self) -> None:
        """Kill the fork of an exercise with all that it left behind, and see that the process it came from still answers.

        An honest one has ended by itself a moment after its channel was closed, and needs no killing.
        """
        number, until = secrets.randbits(60), time.monotonic() + 2
        try:
            self._channel.send(("next", number), until)
            ended = self._says(number, time.monotonic() + 0.1)
            told = self.sandbox._ask(None, "clear")
            if told["alive"]:
                raise Lost("too many processes")
            if told["lost"] or not told["runs"]:
                raise Lost(told["lost"] or "died")
            if not ended and not self._says(number, until):
                raise Lost("out of time")
        except (Lost, WireError) as error:
            self.ended_by = self._give_up(error.args[0] if error.args[0] in LOST else "protocol")

    def _says(self, number: int, until: float) -> bool:
        """Whether the process over there says in time that it is ready for the next exercise.

        A number that nobody there could know before tells its word from what was left in the channel.
        """
        try:
            for _ in range(100):
                match self._channel.receive(until):
                    case ("next", int(told)) if told == number:
                        return True
        except Lost as lost:
            if lost.args[0] == "out of time":
                return False
            raise
        raise Lost("protocol")

    def _exchange(self, value: Any, until: float) -> Any:
        self._channel.send(value, until)
        return self._channel.receive(until)

    def _give_up(self, why: str) -> str:
        """End the process, and say what it was lost by: the watchman's reason goes before the one seen from here."""
        return self.end() or why

    def abandon(self) -> None:
        """Ask nothing more of the process; it ends with the sandbox."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def end(self) -> str:
        """Kill whatever there is of it. Why the watchman had killed it, if he had."""
        if self._channel is None:
            return ""
        self.abandon()
        told = self.sandbox._ask(None, "end")
        if told["alive"]:
            raise self.sandbox._over(
                "processes of a submission could not be killed: look for them, and end them by hand"
            )
        return told["lost"]


def _bytes(source: str) -> bytes:
    return source.encode("utf-8", "surrogatepass")


def _function(told: Any) -> Function:
    match told:
        case (str(name), str(skeleton), int(size)):
            return Function(sayable(name, 200), sayable(skeleton, 16), size)
    raise Lost("protocol")


def _state_of(path: Path) -> tuple:
    state = path.stat()
    return path.read_bytes(), state.st_mode, state.st_mtime_ns, state.st_ino


def _all_text(values: tuple) -> bool:
    return all(type(value) is str for value in values)


class _Remote:
    """The answer in a fork of the stranger's process. `mark` takes it like a local one."""

    def __init__(self, session: Session, channel: "Channel", until: float) -> None:
        self.session, self.channel, self.until = session, channel, until
        self._asked, self._prepared, self._room = 0, deque(), MAX_ANSWERS

    def prepare(self, cases: Iterable[tuple]) -> None:
        """Send calls ahead: they will be run one after the other, and `run` will ask for their outcomes in this order."""
        for args in cases:
            self._asked += 1
            self._prepared.append(self._asked)
            self.channel.queue(("call", self._asked, args))

    def run(self, probe: Callable, args: tuple) -> Outcome:
        """What the answer gives for `args`; the probe is called over there, by its name."""
        if not self._prepared:
            self.prepare([args])
        try:
            until = min(self.until, time.monotonic() + self.session.sandbox.limits.call)
            told = self.channel.receive(until, self._room)
            self._room -= self.channel.size
            match told:
                case ("outcome", number, *parts) if type(number) is int and number == self._prepared.popleft():
                    return outcome_of(tuple(parts), args)
                case ("too large", number) if type(number) is int and number == self._prepared.popleft():
                    return Outcome(Opaque("something far too large"), None, args)
                case _:
                    lost = "protocol"
        except Lost as error:
            lost = error.args[0]
        except WireError:
            lost = "protocol"
        return Outcome(lost=self.session.why_lost(lost))


class Channel:
    """Messages to and from a stranger's process: nothing waits longer than its deadline, nothing is larger than allowed.

    What is to be sent waits here until there is room, so that two who both write never wait for each other.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.size = 0  # bytes of the last message that was received
        connection.setblocking(False)
        self._out, self._in = bytearray(), bytearray()

    def queue(self, value: Any) -> None:
        """Send a frozen value when there is room."""
        message = encode(value)
        self._out += struct.pack(">I", len(message)) + message

    def send(self, value: Any, until: float, descriptor: socket.socket | None = None) -> None:
        """Send a frozen value, and a socket with it, and wait until all of it is sent. Raises Lost."""
        self.queue(value)
        if descriptor is not None:
            try:
                sent = socket.send_fds(self._connection, [self._out], [descriptor.fileno()])
            except OSError:
                raise Lost("died") from None
            del self._out[:sent]
        while self._flush():
            self._wait(select.POLLOUT, until)

    def receive(self, until: float, room: int = MAX_MESSAGE) -> Any:
        """The next message, a tuple that begins with a word, of no more than `room` bytes. Raises Lost, and WireError.

        Only then can it be matched: an array in the place of the word would be compared with it number by number.
        """
        while (message := self._message(room)) is None:
            if time.monotonic() > until:
                raise Lost("out of time")
            full = self._flush()
            try:
                piece = self._connection.recv(1 << 16)
            except BlockingIOError:
                self._wait(select.POLLIN | (select.POLLOUT if full else 0), until)
                continue
            except OSError:
                raise Lost("died") from None
            if not piece:
                raise Lost("died")
            self._in += piece
        told = decode(message)
        if type(told) is not tuple or not told or type(told[0]) is not str:
            raise WireError("a message that does not say what it is")
        return told

    def _message(self, room: int) -> bytes | None:
        """The next whole message of what has come."""
        if len(self._in) < 4:
            return None
        (length,) = struct.unpack_from(">I", self._in)
        if length > MAX_MESSAGE:
            raise WireError(f"a message of {length} bytes")
        if length > room:
            raise Lost("out of memory")
        if len(self._in) < 4 + length:
            return None
        self.size = length
        message = bytes(memoryview(self._in)[4 : 4 + length])
        del self._in[: 4 + length]
        return message

    def _flush(self) -> bool:
        """Send what there is room for; whether something is left."""
        while self._out:
            try:
                del self._out[: self._connection.send(memoryview(self._out)[: 1 << 18])]
            except BlockingIOError:
                return True
            except OSError:
                raise Lost("died") from None
        return False

    def _wait(self, events: int, until: float) -> None:
        poll = select.poll()
        poll.register(self._connection, events)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise Lost("out of time")

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _paths(course: Path) -> dict[str, list[str]]:
    """What of this machine's Python a submission may see, and what of that it may not: the installed course."""
    standard = Path(sysconfig.get_path("stdlib"))
    packages = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    listed = [standard, *packages]
    readable = [
        child
        for folder in listed
        for child in folder.iterdir()
        if child.name not in ("site-packages", "dist-packages") and not child.name.startswith("embedcourse")
    ]
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/ld.so.conf", "/usr/share/zoneinfo"]
    libraries = Path(sys.base_prefix, "lib")  # where a shared libpython is, if this Python has one
    shown = [*system, libraries, *listed, course, *(f"/dev/{name}" for name in ("null", "zero", "urandom", "random"))]
    hidden = [child for folder in packages for child in folder.glob("embedcourse*") if child.is_dir()]
    return {
        "packages": [str(folder) for folder in packages],
        "shown": [path for path in dict.fromkeys(map(str, shown)) if Path(path).exists()],
        "hidden": list(map(str, hidden)),
        "listed": list(map(str, listed)),
        "readable": [*system, *map(str, readable)],
    }
