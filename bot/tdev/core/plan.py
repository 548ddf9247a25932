"""Plans: built from tasks, with the order and the figures of their graph, and built anew after a task has failed.

stages/plan.py builds the first plan, stages/code.py asks for a new one when a task has failed for good.
Here ids are checked, groups summed and failures passed on; order and paths are computed in core/task_graph.py.
Each plan is a new value; what has ended stays in it with its state and reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tdev.core.artifacts.plan import Plan, Task, TaskState, leaves_of
from tdev.core.mermaid import flowchart
from tdev.core.task_graph import TaskGraph, critical_path, graph_of, groups_of, parallel_groups, parts_of
from tdev.errors import Refused

LONGEST_REASON = 600
"""Characters of a failure's reason that are kept in the plan."""


def build_plan(
    tasks: Sequence[Task], revision: int = 0, not_done: Iterable[str] = (), planned_by: str = "rules"
) -> Plan:
    """The plan of these tasks, its figures about the leaf tasks that are pending.

    A need of a group is a need of all its parts, and what a group needs all its parts need. Groups get the sum of
    their parts' hours and the highest of their risks. Raises Refused for a cycle (named), an unknown or repeated id.
    """
    by_id = _checked(tasks)
    tasks = _summed(tasks, by_id)
    graph = graph_of(tasks)
    ordered = _ordered(tasks, graph)
    pending = {task.id: task.estimate_hours for task in leaves_of(tasks) if task.state is TaskState.PENDING}
    path = critical_path(graph, pending)
    return Plan(
        tasks=ordered,
        critical_path=path,
        critical_hours=round(sum(pending[name] for name in path), 2),
        total_hours=round(sum(pending.values()), 2),
        parallel_groups=parallel_groups(graph, pending),
        mermaid=flowchart(ordered),
        revision=revision,
        not_done=tuple(dict.fromkeys(not_done)),
        planned_by=planned_by,
    )


def replan(plan: Plan, failed_task_id: str, reason: str) -> Plan:
    """What is left after a task has failed, planned anew.

    The task (a group: its pending parts) is marked failed. Pending tasks that need it, or need one that is dropped,
    are dropped; tasks that only come `after` it stay. Each of them is added to `not_done`. Raises Refused when there
    is no such task.
    """
    by_id = {task.id: task for task in plan.tasks}
    if failed_task_id not in by_id:
        raise Refused(f"The plan has no task {failed_task_id}.", next_step=f"Its tasks: {', '.join(by_id) or 'none'}.")
    why = _one_line(reason) or "no reason was given"
    leaves = {task.id for task in leaves_of(plan.tasks)}
    failed = [
        task.id
        for task in plan.tasks
        if task.id in leaves and (task.id == failed_task_id or (_is_part(task, failed_task_id, by_id) and _open(task)))
    ]
    ended = {name: by_id[name].model_copy(update={"state": TaskState.FAILED, "reason": why}) for name in failed}
    ended.update(_dropped(plan.tasks, by_id, ended))
    tasks = [ended.get(task.id, task) for task in plan.tasks]
    lines = (f"{task.title}: {task.reason}" for task in ended.values())
    return build_plan(tasks, plan.revision + 1, (*plan.not_done, *lines), plan.planned_by)


def _open(task: Task) -> bool:
    return task.state is TaskState.PENDING


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1].rstrip() + "…"


def _dropped(tasks: Sequence[Task], by_id: Mapping[str, Task], failed: Mapping[str, Task]) -> dict[str, Task]:
    """The pending leaves that can't be done any more, with the reason."""
    parts = parts_of(tasks)
    lost = {task.id for task in tasks if task.state in (TaskState.FAILED, TaskState.DROPPED)} | set(failed)
    graph = graph_of(tasks)
    dropped = {}
    for name in graph.order:
        task = by_id[name]
        if not _open(task) or name in lost:
            continue
        needs = [leaf for each in (task, *groups_of(task, by_id)) for need in each.needs for leaf in parts[need]]
        cause = next((leaf for leaf in needs if leaf in lost), "")
        if cause:
            how = "was dropped" if cause in dropped or by_id[cause].state is TaskState.DROPPED else "failed"
            why = f"it needs {cause} ({by_id[cause].title}), which {how}"
            dropped[name] = task.model_copy(update={"state": TaskState.DROPPED, "reason": why})
            lost.add(name)
    return dropped


def _checked(tasks: Sequence[Task]) -> dict[str, Task]:
    """The tasks by id; raises Refused when ids repeat or something names a task that isn't there."""
    by_id: dict[str, Task] = {}
    for task in tasks:
        if task.id in by_id:
            raise Refused(f"Two tasks of the plan are called {task.id}.", next_step="Give each task its own id.")
        by_id[task.id] = task
    for task in tasks:
        for name in (*task.needs, *task.after, *([task.parent] if task.parent else [])):
            if name not in by_id:
                raise Refused(
                    f"Task {task.id} names {name}, which is not in the plan.", next_step=f"Tasks: {', '.join(by_id)}."
                )
    for task in tasks:
        groups_of(task, by_id)
    return by_id


def _is_part(task: Task, group: str, by_id: Mapping[str, Task]) -> bool:
    return any(each.id == group for each in groups_of(task, by_id))


def _summed(tasks: Sequence[Task], by_id: Mapping[str, Task]) -> tuple[Task, ...]:
    """The tasks, groups with the hours and the risk of their parts."""
    made = []
    for name, leaves in parts_of(tasks).items():
        task = by_id[name]
        if leaves != (name,):
            hours = round(sum(by_id[leaf].estimate_hours for leaf in leaves), 2)
            risk = max(by_id[leaf].risk for leaf in leaves)
            task = task.model_copy(update={"estimate_hours": hours, "risk": risk})
        made.append(task)
    return tuple(made)


def _ordered(tasks: Sequence[Task], graph: TaskGraph) -> tuple[Task, ...]:
    """Every task, each group right before its first part."""
    by_id = {task.id: task for task in tasks}
    ordered: dict[str, Task] = {}
    for name in graph.order:
        for task in (*reversed(groups_of(by_id[name], by_id)), by_id[name]):
            ordered.setdefault(task.id, task)
    return tuple(ordered.values())
