"""plan: what was asked and seen becomes a graph of tasks; writes plan.json and plan.md.

Comes in: insights.json, and for `build` the specification and the blueprint. Goes out: plan.json
for the code stage, plan.md for people. How a goal is cut into tasks, estimated and ordered is pure
and in core (decompose, decompose_build, plan); this file only joins it to the run and the policy.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.insights import Insights
from tdev.core.artifacts.plan import leaves_of
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.decompose import Decomposition, tasks_for_evolve
from tdev.core.decompose_build import tasks_for_build
from tdev.core.plan import build_plan
from tdev.core.plan_page import plan_markdown
from tdev.policy.write_scope import why_outside

MARKDOWN_FILE = "plan.md"


def plan(run: RunDir) -> RunDir:
    """Plan the run's goal. Raises ConfigurationError when an earlier stage's file is missing or damaged."""
    goal = run.goal
    made = _decomposed(run)
    planned = build_plan(made.tasks, not_done=made.not_done)
    run.write(planned)
    run.write_bytes(MARKDOWN_FILE, plan_markdown(goal, planned).encode("utf-8", "replace"))
    count = len(leaves_of(planned.tasks))
    run.emit(
        "tdev.plan.result",
        f"{count} tasks, {planned.total_hours:g} h, {len(planned.not_done)} things left out",
        tasks=count,
        total_hours=planned.total_hours,
        critical_hours=planned.critical_hours,
        not_done=len(planned.not_done),
    )
    return run


def _decomposed(run: RunDir) -> Decomposition:
    goal, policy = run.goal, run.policy
    if goal.kind is GoalKind.BUILD:
        return tasks_for_build(goal, run.read(Spec), run.read(BlueprintChoice), goal.engine, most=policy.limits.tasks)
    return tasks_for_evolve(
        goal,
        run.read(Insights),
        most=policy.limits.tasks,
        writable=lambda path: not why_outside(path, policy.scope),
    )
