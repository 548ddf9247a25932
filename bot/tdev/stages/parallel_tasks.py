"""Tasks that don't wait for each other, worked on at the same time: each in a work tree of its own.

Comes in: the shop and the tasks of one wave. Goes out: the commits they made, on record, for stages/merging.py. Each
task has its own checkout, virtual environment, test runs and model session; they share the budget in equal parts.

A task that ends the run (no money, no credential) lets the others come to their end first: what they did is paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tdev.adapters import workspace
from tdev.core.artifacts.plan import Task
from tdev.errors import TdevError
from tdev.stages.attempts import work_on
from tdev.stages.code_progress import TREES, Bench, Shop


@dataclass(frozen=True)
class _Seat:
    """One task and the place where it is worked on."""

    bench: Bench
    task: Task


def work_side_by_side(shop: Shop, tasks: Sequence[Task]) -> None:
    """Work on tasks at the same time until all have come to an end; raises the first error that ends the run."""
    head = shop.git.commit_of("HEAD")
    seats = [_Seat(_bench(shop, number, head), task) for number, task in enumerate(tasks)]
    shop.active = len(seats)
    try:
        with ThreadPoolExecutor(len(seats), thread_name_prefix="task") as pool:
            ended = list(pool.map(lambda seat: _sit(shop, seat), seats))
    finally:
        shop.active = 1
    for error in ended:
        if error is not None:
            raise error


def _bench(shop: Shop, number: int, head: str) -> Bench:
    name = f"{TREES}/{number}"
    return shop.bench(workspace.worktree(shop.run, shop.git, name, head), name)


def _sit(shop: Shop, seat: _Seat) -> TdevError | None:
    """Work on one task; the error that ends the run, when there is one."""
    try:
        work_on(shop, seat.bench, seat.task)
    except TdevError as error:
        return error
    finally:
        shop.leave()
    return None
