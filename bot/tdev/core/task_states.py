"""Where the tasks of a plan stand: which comes next, and the plan after one has ended.

stages/code.py walks the plan with it, stages/loop.py adds a task when the gates send a change back.
Failures go through core/plan.py's `replan` instead, since others may depend on the task that failed.
"""

from __future__ import annotations

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.mermaid import flowchart
from tdev.core.plan import build_plan

ENDED_WELL = frozenset({TaskState.DONE, TaskState.UNCHANGED})


def next_task(plan: Plan) -> Task | None:
    """The first pending leaf, in the plan's order; None when all have ended."""
    return next((task for task in leaves_of(plan.tasks) if task.state is TaskState.PENDING), None)


def with_state(plan: Plan, task_id: str, state: TaskState, reason: str = "") -> Plan:
    """The plan with one task's state changed."""
    update = {"state": state, "reason": reason}
    tasks = tuple(task.model_copy(update=update) if task.id == task_id else task for task in plan.tasks)
    return plan.model_copy(update={"tasks": tasks, "mermaid": flowchart(tasks)})


def with_task(plan: Plan, task: Task) -> Plan:
    """The plan with one more task at its end."""
    return build_plan((*plan.tasks, task), revision=plan.revision + 1, not_done=plan.not_done)


def next_top_id(plan: Plan) -> str:
    """The id a new first-level task would get."""
    numbers = [int(task.id[1:].split(".")[0]) for task in plan.tasks]
    return f"T{max(numbers, default=0) + 1}"
