"""Where the tasks of a plan stand: which come next, and the plan after one has ended.

stages/code.py walks the plan with it, stages/loop.py adds a task when the gates send a change back.
Failures go through core/plan.py's `replan` instead, since others may depend on the task that failed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.mermaid import flowchart
from tdev.core.plan import build_plan
from tdev.core.task_graph import graph_of

ENDED_WELL = frozenset({TaskState.DONE, TaskState.UNCHANGED})


def ready_tasks(plan: Plan, most: int, alone: Collection[str] = ()) -> tuple[Task, ...]:
    """The pending leaves that wait for no other, in the plan's order, at most `most`; empty when all have ended.

    Tasks named in `alone` are not done beside others.
    """
    pending = {task.id: task for task in leaves_of(plan.tasks) if task.state is TaskState.PENDING}
    before = graph_of(plan.tasks).before
    ready = [task for name, task in pending.items() if not any(other in pending for other in before[name])]
    if ready and ready[0].id in alone:
        return (ready[0],)
    return tuple([task for task in ready if task.id not in alone][:most])


def with_state(plan: Plan, task_id: str, state: TaskState, reason: str = "") -> Plan:
    """The plan with one task's state changed."""
    update = {"state": state, "reason": reason}
    tasks = tuple(task.model_copy(update=update) if task.id == task_id else task for task in plan.tasks)
    return plan.model_copy(update={"tasks": tasks, "mermaid": flowchart(tasks)})


def with_task(plan: Plan, task: Task) -> Plan:
    """The plan with one more task at its end."""
    return build_plan((*plan.tasks, task), plan.revision + 1, plan.not_done, plan.planned_by)


def put_behind(plan: Plan, task_id: str, others: Iterable[str]) -> Plan:
    """The plan with a task that comes after others too: what they changed does not go with what it changed."""
    tasks = [
        task.model_copy(update={"after": tuple(dict.fromkeys((*task.after, *others)))}) if task.id == task_id else task
        for task in plan.tasks
    ]
    return build_plan(tasks, plan.revision + 1, plan.not_done, plan.planned_by)


def next_top_id(plan: Plan) -> str:
    """The id a new first-level task would get."""
    numbers = [int(task.id[1:].split(".")[0]) for task in plan.tasks]
    return f"T{max(numbers, default=0) + 1}"
