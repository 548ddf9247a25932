"""Tasks side by side: as many at a time as there are processors, the longest first, each when what it needs is there.

Comes in: tasks by name. Goes out: their answers. `tell` is called in the caller's thread when a task starts and ends,
for events and progress. A task that raises ends the whole, after those that run have ended.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
LEAST_WORKERS = 2
Answers = Mapping[str, object]


@dataclass(frozen=True)
class Task:
    """One thing to do."""

    name: str
    """Unique among the tasks."""
    work: Callable[[Answers], object]
    """Given the answers of what it needs; its own is kept under its name."""
    needs: tuple[str, ...] = ()
    """Names of tasks that must have ended."""
    seconds: float = 1.0
    """Roughly how long it takes."""


Listener = Callable[[Task, float | None, object], None]
"""Told of a task's start (seconds None, answer None) and of its end (wall clock in seconds, its answer)."""


@dataclass(frozen=True)
class _Ended:
    answer: object
    seconds: float


def answer_of(answers: Answers, name: str, kind: type[T]) -> T:
    """The answer of a task, which is of a known kind; raises KeyError or TypeError when it is not there or another."""
    found = answers[name]
    if not isinstance(found, kind):
        raise TypeError(f"{name} answered {type(found).__name__}, not {kind.__name__}")
    return found


def workers() -> int:
    """How many tasks run at a time."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(LEAST_WORKERS, allowed)


def run_all(tasks: Sequence[Task], tell: Listener, known: Answers | None = None, at_once: int = 0) -> dict[str, object]:
    """Do all tasks, at most `at_once` at a time (0: `workers()`), and return their answers by name.

    `known` are answers from before, which tasks may need; they are returned with the new ones. Raises ValueError for
    tasks that wait for each other or for one that is not there.
    """
    waiting = {task.name: task for task in sorted(tasks, key=lambda task: -task.seconds)}
    answers: dict[str, object] = dict(known or {})
    most = at_once or workers()
    with ThreadPoolExecutor(max_workers=most) as pool:
        running: dict[Future[_Ended], Task] = {}
        while waiting or running:
            for task in _ready(waiting, answers)[: most - len(running)]:
                del waiting[task.name]
                tell(task, None, None)
                running[pool.submit(_clocked, task, dict(answers))] = task
            if not running:
                raise ValueError(f"tasks wait for what never comes: {', '.join(sorted(waiting))}")
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task, ended = running.pop(future), future.result()
                answers[task.name] = ended.answer
                tell(task, ended.seconds, ended.answer)
    return answers


def _ready(waiting: Mapping[str, Task], answers: Answers) -> list[Task]:
    """Tasks that may start, the longest first."""
    return [task for task in waiting.values() if all(name in answers for name in task.needs)]


def _clocked(task: Task, answers: Answers) -> _Ended:
    started = time.monotonic()
    answer = task.work(answers)
    return _Ended(answer, round(time.monotonic() - started, 3))
