"""Many submissions at once: each job is a trusted process of its own with a sandbox of its own."""

from __future__ import annotations

import atexit
import multiprocessing
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from typing import Any

from embedcourse import catalogue
from embedcourse.grading.marker import Cell, Marked, mark_submission, needs_torch
from embedcourse.grading.sandbox import GraderError, Limits, Sandbox


@dataclass(frozen=True)
class Task:
    """A submission to be marked: whose, to which lesson, its cells, and the exercises to mark, all if none is named."""

    student: str
    lesson: int
    cells: tuple[Cell, ...]
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """What became of a task: the marks, or, where the grader itself failed, in what."""

    task: Task
    marked: Marked | None
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What all tasks of a run share."""

    secret: bytes
    limits: Limits
    trust: bool = False


def run(tasks: Iterable[Task], setting: Setting, jobs: int) -> Iterator[Done]:
    """Mark the tasks, `jobs` at a time, and give each as it is done. Only a few wait in memory."""
    if jobs == 1:
        yield from (mark_one(task, setting) for task in tasks)
        return
    waiting: dict[Future, Task] = {}
    tasks = iter(tasks)
    spawn = multiprocessing.get_context("spawn")
    slots = spawn.Queue()
    for slot in range(jobs):
        slots.put(slot)
    with ProcessPoolExecutor(jobs, spawn, _take_slot, (slots,)) as pool:
        while True:
            for task in islice(tasks, 3 * jobs - len(waiting)):
                waiting[pool.submit(mark_one, task, setting)] = task
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                task = waiting.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool as error:
                    yield Done(task, None, f"the process that marks has ended: {error}")


_sandboxes: dict[bool, Sandbox] = {}  # one, by whether torch is loaded in it
_slot = 0


def _take_slot(slots: Any) -> None:
    global _slot
    _slot = slots.get()


def mark_one(task: Task, setting: Setting) -> Done:
    """Mark one submission in this process's own sandbox. A fault of the grader is told, never raised."""
    start = time.monotonic()
    for last in (False, True):
        try:
            marked = mark_submission(
                sandbox(task.lesson, setting), task.lesson, task.cells, setting.secret, task.student, task.only
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


def sandbox(lesson: int, setting: Setting) -> Sandbox:
    """The sandbox of this process; another one takes its place where the lesson needs it."""
    kind = needs_torch(lesson)
    if kind not in _sandboxes:
        close()
        lessons = [other.number for other in catalogue.lessons() if needs_torch(other.number) == kind]
        _sandboxes[kind] = Sandbox(lessons, setting.limits, _slot, setting.trust, kind).__enter__()
    return _sandboxes[kind]


@atexit.register
def close() -> None:
    """End this process's sandboxes."""
    while _sandboxes:
        _sandboxes.popitem()[1].close()
