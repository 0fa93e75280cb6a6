"""Many submissions at once: each job is a trusted process of its own with a sandbox of its own."""

from __future__ import annotations

import atexit
import gc
import hashlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, islice
from typing import Any

from embedcourse.files import package
from embedcourse.grading.inside.jail import die_with_parent
from embedcourse.grading.marker import Cell, Marked, libraries, mark_submission
from embedcourse.grading.sandbox import GraderError, Limits, Sandbox, sweep

CONNECTING = 20  # seconds that a scheduler may take to answer


@dataclass(frozen=True)
class Task:
    """A submission to be marked: whose, to which lesson, its cells, and the exercises to mark, all if none is named."""

    student: str
    lesson: int
    cells: tuple[Cell, ...]
    only: tuple[str, ...] = ()

    @cached_property
    def libraries(self) -> tuple[str, ...]:
        """What is to be loaded before it is marked. Found once: it travels with the task."""
        return libraries(self.lesson, self.cells)


@dataclass(frozen=True)
class Done:
    """What became of a task: the marks, or, where the grader itself failed, in what."""

    task: Task
    marked: Marked | None
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What all tasks of a run share. `lessons` are those that they belong to."""

    secret: bytes
    limits: Limits
    lessons: tuple[int, ...]
    trust: bool = False
    class_seed: int = 0


def run(
    tasks: Iterable[Task], setting: Setting, jobs: int, begin: Callable[[str], None] = lambda isolation: None
) -> Iterator[Done]:
    """Mark the tasks on this machine, `jobs` at a time, and give each as it is done. Only a few wait in memory.

    begin  told before the first what keeps strangers' code in here

    Raises GraderError if nothing does.
    """
    tasks = iter(tasks)
    first = next(tasks)
    tasks = chain([first], tasks)
    if jobs == 1:
        begin(_isolation(first, setting))
        yield from (mark_one(task, setting) for task in tasks)
        return
    pool = _Pool(jobs)
    try:
        tried = [pool.submit(_isolation, first, setting) for _ in range(jobs)]  # each opens its sandbox meanwhile
        begin(_told(tried[0]))
        yield from _in_turn(tasks, 4 * jobs, lambda task: pool.submit(mark_one, task, setting), _first_done)
    except BaseException:
        pool.stop()
        raise
    pool.end()


def _told(future: Future) -> str:
    try:
        return future.result()
    except BrokenProcessPool as error:
        raise GraderError(f"no process that marks can be started here: {error}") from None


class _Pool:
    """Processes that mark. If one is killed the others are lost with it, and new ones take their place."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._begin()

    def _begin(self) -> None:
        self._others = set(multiprocessing.active_children())
        self._pool = ProcessPoolExecutor(self._jobs, multiprocessing.get_context("spawn"), _begin_to_mark)

    def submit(self, what: Callable, *arguments: Any) -> Future:
        try:
            return self._pool.submit(what, *arguments)
        except BrokenProcessPool:
            self.end()
            self._begin()
            return self._pool.submit(what, *arguments)

    def end(self) -> None:
        """Wait until what was submitted is done."""
        self._pool.shutdown()

    def stop(self) -> None:
        """End the processes now, in the middle of what they do."""
        for process in set(multiprocessing.active_children()) - self._others:
            process.kill()
        self._pool.shutdown(cancel_futures=True)
        sweep()


def _begin_to_mark() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that started this one, and ends both
    die_with_parent()
    with suppress(OSError):  # whoever is woken by a word waits for his turn, and then there are more to read
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    gc.set_threshold(20_000)  # marking makes many objects, and hardly any that hold each other


def run_on_cluster(
    tasks: Iterable[Task], setting: Setting, address: str, begin: Callable[[str], None] = lambda isolation: None
) -> Iterator[Done]:
    """Mark the tasks on the workers of a Dask cluster. What a worker was at when it died goes to another.

    Raises GraderError if there is no cluster at `address`, no worker in it, or another version of the course on one.
    """
    try:
        from distributed import Client, wait
    except ImportError:
        raise GraderError("a cluster needs the package distributed: pip install 'embedcourse[cluster]'") from None
    try:
        client = Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise GraderError(f"there is no Dask scheduler at {address}: {error}") from None
    with client:
        others = client.run(edition)
        if not others:
            raise GraderError(f"the cluster at {address} has no workers")
        strange = sorted(worker for worker, found in others.items() if found != edition())
        if strange:
            raise GraderError(f"another version of the course is installed on {', '.join(strange)}")
        begin("Each worker of the cluster tries its own walls, and refuses to mark without them.")
        one_at_a_time = sum(client.nthreads().values())

        def submit(task: Task) -> Any:
            return client.submit(mark_one, task, setting, pure=False, retries=2)

        def first_done(waiting: Collection[Any]) -> Iterable[Any]:
            return wait(list(waiting), return_when="FIRST_COMPLETED").done

        yield from _in_turn(tasks, 3 * one_at_a_time, submit, first_done)


def _first_done(waiting: Collection[Future]) -> Iterable[Future]:
    return wait(waiting, return_when=FIRST_COMPLETED).done


def _in_turn(
    tasks: Iterable[Task],
    most: int,
    submit: Callable[[Task], Any],
    first_done: Callable[[Collection[Any]], Iterable[Any]],
) -> Iterator[Done]:
    """Submit tasks so that `most` of them are waited for, and give each as it is done."""
    tasks, waiting = iter(tasks), {}
    while True:
        for task in islice(tasks, most - len(waiting)):
            waiting[submit(task)] = task
        if not waiting:
            return
        for future in first_done(waiting):
            task = waiting.pop(future)
            try:
                yield future.result()
            except Exception as error:  # the process that marked it is gone, and so were those that tried it after it
                yield Done(task, None, f"the process that marks has ended: {error}")


@cache
def edition() -> str:
    """A digest of the course's code and data: the same on two machines that mark alike."""
    digest = hashlib.sha256()
    for path in sorted(path for path in package().rglob("*") if path.suffix in (".py", ".json")):
        digest.update(path.relative_to(package()).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_sandboxes: dict[tuple, Sandbox] = {}  # one, by all that it was made for


def mark_one(task: Task, setting: Setting) -> Done:
    """Mark one submission in this process's own sandbox. A fault of the grader is told, never raised."""
    with _one_at_a_time:
        return _mark_one(task, setting)


_one_at_a_time = threading.Lock()  # a worker of a cluster may have several threads, and they share the sandbox


def _mark_one(task: Task, setting: Setting) -> Done:
    start = time.monotonic()
    for last in (False, True):
        try:
            marked = mark_submission(
                sandbox(task, setting),
                task.lesson,
                task.cells,
                setting.secret,
                task.student,
                task.only,
                setting.class_seed,
            )
            return Done(task, marked, seconds=time.monotonic() - start)
        except GraderError as error:
            close()
            if last:
                return Done(task, None, str(error))
        except Exception:
            close()
            return Done(task, None, traceback.format_exc(limit=-3))
    raise AssertionError


def _isolation(task: Task, setting: Setting) -> str:
    """What keeps strangers' code in on this machine, as tried out just now. Raises GraderError if nothing does."""
    box = sandbox(task, setting)
    if setting.trust:
        return "No walls: submissions may do whatever you may do on this machine."
    tried = ", ".join(name for name, possible in box.possible.items() if not possible)
    without = f" (no namespaces here: {box.refused})" if box.refused else ""
    return f"Walls: {', '.join(box.walls)}{without}. Tried, and refused: {tried}."


def sandbox(task: Task, setting: Setting) -> Sandbox:
    """The sandbox of this process; another one takes its place where the task needs other libraries."""
    wanted = (setting.lessons, setting.limits, setting.trust, task.libraries)
    if wanted not in _sandboxes:
        close()
        _sandboxes[wanted] = Sandbox(*wanted).__enter__()
    return _sandboxes[wanted]


@atexit.register
def close() -> None:
    """End this process's sandboxes."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()
