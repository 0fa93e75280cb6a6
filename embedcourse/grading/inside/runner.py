"""One submission, in the jail: its cells are run one after the other, then each exercise in a fork of what they left.

Whoever takes this process over can say what its answers return, and nothing else: what is right is decided elsewhere.
"""

import builtins
import contextlib
import linecache
import os
import random
import signal
import socket
import struct
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
import outline

import embedcourse
from embedcourse.marking import wire
from embedcourse.marking.model import call
from embedcourse.marking.running import Capped, LocalAnswer, describe, undisturbed
from embedcourse.marking.values import freeze, type_name

# An answer may patch these.
_exit, _fork, _waitpid, _dup2, _compile, _exec = os._exit, os.fork, os.waitpid, os.dup2, compile, exec

_REHEARSALS = 30  # Python 3.11 looks again at a function after eight calls, and at some of its steps after more


class Channel:
    """Messages on a socket: 4 bytes of length, then one message of `wire`."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.waiting = bytearray()

    def receive(self) -> tuple[Any, list[int]]:
        """The next value, and the descriptors that came with it. EOFError when nobody will send any more."""
        descriptors: list[int] = []
        while len(self.waiting) < 4 or len(self.waiting) < 4 + struct.unpack_from(">I", self.waiting)[0]:
            piece, came, _, _ = socket.recv_fds(self.connection, 1 << 16, 1)
            descriptors += came
            if not piece:
                raise EOFError
            self.waiting += piece
        end = 4 + struct.unpack_from(">I", self.waiting)[0]
        message = bytes(self.waiting[4:end])
        del self.waiting[:end]
        return wire.decode(message), descriptors

    def send(self, value: Any) -> None:
        """Send a frozen value. Raises WireError if it is too large."""
        message = wire.encode(value)
        self.connection.sendall(struct.pack(">I", len(message)) + message)


def run(connection: socket.socket) -> None:
    """Do what the channel asks for until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first process of a pid namespace then cannot be hit by it
    channel = Channel(connection)
    main = ModuleType("__main__")
    sys.modules["__main__"] = main
    builtins.input = _nobody_to_ask
    answers = embedcourse._answers
    with contextlib.suppress(EOFError):
        request = channel.receive()
        while True:
            request = _cells(channel, request, main.__dict__, answers)
            with undisturbed():  # once for all forks
                request = _exercises(channel, request, main.__dict__, answers)


def _cells(channel: Channel, request: tuple, namespace: dict, answers: dict) -> tuple:
    """Run cells until something else is asked for; what that is."""
    while True:
        (verb, *rest), _ = request
        if verb == "outline":
            channel.send(("outline", tuple(outline.outline(_text(source)) for source in rest[0])))
        elif verb == "cell":
            channel.send(("cell", *_cell(namespace, answers, rest[0], _text(rest[1]))))
        else:
            return request
        request = channel.receive()


def _exercises(channel: Channel, request: tuple, namespace: dict, answers: dict) -> tuple:
    """Try exercises until something else is asked for; what that is."""
    while True:
        (verb, *rest), descriptors = request
        if verb == "exercise":
            _in_a_fork(channel, socket.socket(fileno=descriptors[0]), namespace, answers, *rest)
        elif verb == "next":
            channel.send(("next", *rest))
        else:
            return request
        request = channel.receive()


def _bury() -> None:
    """Wait for those whom an exercise left behind, and who are dead: until then they count as processes."""
    with contextlib.suppress(OSError):
        while _waitpid(-1, os.WNOHANG)[0]:
            pass


def rehearse() -> None:
    """Do what every submission makes a runner do, until Python has made it quick: the forks inherit that."""
    ours, theirs = map(Channel, socket.socketpair())
    table, ids = np.arange(6.0).reshape(2, 3), np.array([0, 1, 1])
    values = ("text", b"bytes", 1, 1.5, True, None, [1, 2], ("a", "b"), {"a": (table, ids)})
    with ours.connection, theirs.connection, undisturbed():
        for number in range(_REHEARSALS):
            for answer, args in (
                (lambda *args: args, values),
                (lambda table, ids: table[ids], (table, ids)),
                (len, (3,)),
            ):
                theirs.send(("call", number, freeze(args)))
                _answer(ours, LocalAnswer(answer), call)
                theirs.receive()
            _cell({}, {}, "rehearsal", "import math\nprint(math.pi)\ndef area(radius):\n    return math.pi * radius**2")


def _text(source: bytes) -> str:
    return source.decode("utf-8", "surrogatepass")


def _nobody_to_ask(*args: Any) -> str:
    raise RuntimeError("there is nobody to ask while a lesson is graded")


def _cell(namespace: dict, answers: dict, name: str, source: str) -> tuple:
    """Run one cell: (what it raised or None, what it printed, the exercises that it defined, what is to be noted)."""
    answers_before = dict(answers)
    pieces: list[str] = []
    printed, raised = Capped(pieces), None
    file = f"<{name}>"
    left_out = False
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            code, left_out = outline.compiled(source, file)
            _exec(code, namespace)
        except BaseException as error:
            told = describe(error, file)
            raised = (told.type_name, told.builtin_names, told.text, told.lines)
    defined = tuple(key for key, value in answers.items() if answers_before.get(key) is not value)
    return raised, "".join(pieces), defined, outline.MAGICS if left_out else ""


def _in_a_fork(
    channel: Channel, own: socket.socket, namespace: dict, answers: dict, name: str, probe: tuple, sources: dict
) -> None:
    """Try an exercise in a fork that speaks on a channel of its own, and wait for its end."""
    _bury()
    child = _fork()
    if child == 0:
        try:
            random.seed(0)  # Python has thrown these dice anew in the fork; all else is as `undisturbed` made it
            number = channel.connection.detach()
            _dup2(own.fileno(), number)  # in place of the channel of the cells, which is out of reach from here
            own.close()
            _exercise(Channel(socket.socket(fileno=number)), answers.get(name, namespace.get(name)), probe, sources)
        finally:
            _exit(0)
    own.close()
    _waitpid(child, 0)


def _exercise(channel: Channel, answer: Any, probe_name: tuple, sources: dict) -> None:
    module, qualified = probe_name
    if sources:
        sys.modules.pop(module, None)
    for other, text in sources.items():
        made = ModuleType(other)
        sys.modules[other] = made
        _exec(_compile(text, f"<{other}>", "exec", dont_inherit=True), made.__dict__)
    probe = getattr(import_module(module), qualified)
    channel.send(("ready", "called" if callable(answer) else type_name(type(answer))))
    while True:
        _answer(channel, LocalAnswer(answer), probe)


def _answer(channel: Channel, answer: LocalAnswer, probe: Callable) -> None:
    """Wait for a call, run it, and say what it gave."""
    (_, number, args), _ = channel.receive()
    outcome = answer.run(probe, args)
    try:
        channel.send(("outcome", number, *wire.outcome_parts(outcome, args)))
    except wire.WireError:
        channel.send(("too large", number))
