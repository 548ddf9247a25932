"""plan.json: a DAG of tasks.

core/decompose.py and decompose_build.py make the tasks, core/plan.py the order and the figures.
Groups and leaves are both Tasks: a leaf is one that no other names as its parent, and only leaves are worked on.
`needs` and `after` differ when something fails: a task is dropped with what it needs, not with what only came first.
The limit of four hours per leaf is checked here, so no plan that breaks it can be written or read.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from tdev.core.artifacts.model import Model

MAX_TASK_HOURS = 4.0
"""Longest task that is worked on, for a person; a group of tasks may be longer."""


class TaskState(StrEnum):
    """Where a task stands."""

    PENDING = "pending"
    DONE = "done"
    UNCHANGED = "unchanged"
    """It ran and found nothing to change."""
    FAILED = "failed"
    """Every attempt was rolled back."""
    DROPPED = "dropped"
    """It needed a task that failed."""


class Task(Model):
    """One piece of work that fits in one reviewable commit."""

    id: str = Field(pattern=r"^T[0-9]+(\.[0-9]+)*$")
    """`T1`, its parts `T1.1`, `T1.2`."""
    parent: str = ""
    """Task this one is a part of; empty for the first level."""
    title: str
    """Imperative, at most 72 characters: becomes the commit's subject."""
    description: str = ""
    """What to do, for the engine; quotes of untrusted text are marked as data."""
    acceptance: tuple[str, ...] = ()
    """When it counts as done."""
    recipe: str = ""
    """Recipe to run; empty = needs a model."""
    goal: str = ""
    """Kind of task, by which the guidance for a model is chosen; empty = told from its words and insights."""
    paths: tuple[str, ...] = ()
    """Files or folders it is about; empty = the whole project."""
    needs: tuple[str, ...] = ()
    """Ids of tasks this one builds on: they come first, and if one of them fails this one is dropped."""
    after: tuple[str, ...] = ()
    """Ids of tasks that only come first: if one of them fails this one is done all the same."""
    estimate_hours: float = Field(gt=0)
    """Work for a person, in hours: at most 4, for a group the sum of its parts."""
    risk: int = Field(ge=1, le=5)
    """1 = cosmetic, 5 = may break users."""
    insights: tuple[str, ...] = ()
    """Ids of the insights it answers."""
    gate: str = ""
    """Gate whose findings it answers, e.g. `quality`; empty for all other tasks."""
    state: TaskState = TaskState.PENDING
    """Where it stands."""
    reason: str = ""
    """Why it failed or was dropped."""


def leaves_of(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks that are worked on: those no other is a part of."""
    listed = tuple(tasks)
    parents = {task.parent for task in listed}
    return tuple(task for task in listed if task.id not in parents)


class Plan(Model):
    """What will be done, in which order. Its figures are about the pending leaf tasks: what is left to do."""

    tasks: tuple[Task, ...] = ()
    """Leaf tasks and the groups they are parts of, in an order that satisfies every `needs` and `after`."""
    critical_path: tuple[str, ...] = ()
    """The longest chain of leaf tasks by estimate."""
    critical_hours: float = 0.0
    """Its length in hours."""
    total_hours: float = 0.0
    """Sum of the leaf tasks' estimates."""
    parallel_groups: tuple[tuple[str, ...], ...] = ()
    """Leaf tasks that may run at the same time, group after group."""
    mermaid: str = ""
    """The DAG as a Mermaid flowchart."""
    revision: int = 0
    """How often it was planned anew after a failed task."""
    planned_by: str = "rules"
    """`rules` or `model`: what cut the goal into the first tasks."""
    not_done: tuple[str, ...] = ()
    """What was asked or seen and is left out, each with the reason."""

    @model_validator(mode="after")
    def _no_long_leaf(self) -> Self:
        """Refuse a leaf task that is longer than one task may be."""
        for task in leaves_of(self.tasks):
            if task.estimate_hours > MAX_TASK_HOURS:
                raise ValueError(f"task {task.id} takes {task.estimate_hours:g} h; the limit is {MAX_TASK_HOURS:g} h")
        return self
