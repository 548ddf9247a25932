"""plan.json: a DAG of tasks."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model

MAX_TASK_HOURS = 4.0


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
    paths: tuple[str, ...] = ()
    """Files or folders it is about; empty = the whole project."""
    needs: tuple[str, ...] = ()
    """Ids of tasks that must be done first."""
    estimate_hours: float = Field(gt=0, le=MAX_TASK_HOURS)
    """Work for a person, in hours."""
    risk: int = Field(ge=1, le=5)
    """1 = cosmetic, 5 = may break users."""
    insights: tuple[str, ...] = ()
    """Ids of the insights it answers."""
    state: TaskState = TaskState.PENDING
    """Where it stands."""
    reason: str = ""
    """Why it failed or was dropped."""


class Plan(Model):
    """What will be done, in which order."""

    tasks: tuple[Task, ...] = ()
    """Leaf tasks and the groups they are parts of, in an order that satisfies every `needs`."""
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
    not_done: tuple[str, ...] = ()
    """What was asked or seen and is left out, each with the reason."""
