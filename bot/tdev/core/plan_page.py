"""plan.md: the plan for people. Titles and reasons come from outside and are cleaned.

stages/plan.py writes it beside plan.json; nothing reads it back. It shows the plan as it was first made, with groups,
figures and what is left out, so that a person can say no before any code is written. What became of each task is in
plan.json and in the pull request.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.plan import Plan, Task, leaves_of
from tdev.core.outbound import inline


def plan_markdown(goal: Goal, plan: Plan) -> str:
    """The tree of tasks, a table of them, the critical path, the drawing, and what is not done."""
    lines = (*_head(goal, plan), *_tree(plan), *_table(plan), *_order(plan), *_drawing(plan), *_left_out(plan))
    return "\n".join(lines).rstrip() + "\n"


def _head(goal: Goal, plan: Plan) -> Iterator[str]:
    count = len(leaves_of(plan.tasks))
    yield f"# Plan: {inline(goal.title)}"
    yield ""
    if not count:
        yield "There is nothing to do."
        yield ""
        return
    yield (
        f"{count} task{'s' if count > 1 else ''}, {plan.total_hours:g} h for a person, {plan.critical_hours:g} h on "
        f"the critical path; engine `{goal.engine}` ({inline(goal.engine_reason)}); revision {plan.revision}; "
        f"planned by {'the model' if plan.planned_by == 'model' else 'rules'}."
    )
    yield ""


def _tree(plan: Plan) -> Iterator[str]:
    if not plan.tasks:
        return
    yield "## Tasks"
    yield ""
    depths: dict[str, int] = {"": -1}
    for task in plan.tasks:
        depths[task.id] = depths.get(task.parent, -1) + 1
        yield f"{'  ' * depths[task.id]}- **{task.id}** {inline(task.title)}"
    yield ""


def _table(plan: Plan) -> Iterator[str]:
    if not plan.tasks:
        return
    yield "| task | title | by | about | comes after | hours | risk | state |"
    yield "|---|---|---|---|---|---:|---:|---|"
    leaves = {task.id for task in leaves_of(plan.tasks)}
    for task in plan.tasks:
        yield f"| {task.id} | {' | '.join(_cells(task, group=task.id not in leaves))} |"
    yield ""


def _cells(task: Task, *, group: bool) -> tuple[str, ...]:
    hours = f"{task.estimate_hours:g}"
    if group:
        return (f"**{inline(task.title)}**", "", "", _first(task), f"**{hours}**", f"**{task.risk}**", "")
    by = f"recipe `{task.recipe}`" if task.recipe else "model"
    about = ", ".join(inline(path, limit=60) for path in task.paths[:3]) or "the whole project"
    about += f" and {len(task.paths) - 3} more" if len(task.paths) > 3 else ""
    return (inline(task.title), by, about, _first(task), hours, str(task.risk), task.state.value)


def _first(task: Task) -> str:
    return ", ".join((*task.needs, *(f"({name})" for name in task.after)))


def _order(plan: Plan) -> Iterator[str]:
    if not plan.critical_path:
        return
    yield "`T1` in that column: this task builds on T1. `(T1)`: T1 only comes first."
    yield ""
    yield "## Critical path"
    yield ""
    yield f"{' → '.join(plan.critical_path)}: {plan.critical_hours:g} h of {plan.total_hours:g} h."
    yield ""
    yield "Tasks that may run at the same time:"
    yield ""
    for number, group in enumerate(plan.parallel_groups, start=1):
        yield f"{number}. {', '.join(group)}"
    yield ""


def _drawing(plan: Plan) -> Iterator[str]:
    if plan.mermaid:
        yield from ("```mermaid", plan.mermaid.rstrip(), "```", "")


def _left_out(plan: Plan) -> Iterator[str]:
    if not plan.not_done:
        return
    yield "## Not done"
    yield ""
    yield from (f"- {inline(reason, limit=600)}" for reason in plan.not_done)
    yield ""
