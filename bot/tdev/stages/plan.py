"""plan: what was asked and seen becomes a graph of tasks; writes plan.json and plan.md.

Comes in: insights.json, and for `build` the specification and the blueprint. Goes out: plan.json
for the code stage, plan.md for people. How a goal is cut into tasks, estimated and ordered is pure
and in core (decompose, decompose_build, plan); this file only joins it to the run and the policy.

Where the policy says `model.plan: model`, the model is asked to cut an evolve goal. What it answers
becomes tasks by core/plan_answer.py; an answer that can't fails the stage, it is never replaced by
the rules' plan. A build's tasks follow from its specification, which a model has filled already.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tdev.adapters import workspace
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.insights import Insights
from tdev.core.artifacts.plan import leaves_of
from tdev.core.artifacts.spec import BlueprintChoice, Spec
from tdev.core.decompose import GOALLESS_TASKS, Decomposition, answerable, left_out, tasks_for_evolve
from tdev.core.decompose_build import tasks_for_build
from tdev.core.plan import build_plan
from tdev.core.plan_page import plan_markdown
from tdev.core.task_words import asked_about
from tdev.policy.model import Policy
from tdev.policy.model_choice import Planner
from tdev.policy.write_scope import why_outside
from tdev.stages.questions import put_question

MARKDOWN_FILE = "plan.md"


def plan(run: RunDir) -> RunDir:
    """Plan the run's goal.

    Raises ConfigurationError when an earlier stage's file is missing or damaged; and what a question to the model
    raises, where one is asked.
    """
    goal = run.goal
    made, planned_by = _decomposed(run)
    planned = build_plan(made.tasks, not_done=made.not_done, planned_by=planned_by)
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
        planned_by=planned_by,
    )
    return run


def _decomposed(run: RunDir) -> tuple[Decomposition, str]:
    """The goal as tasks, and what cut it: `rules` or `model`."""
    goal, policy = run.goal, run.policy
    if goal.kind is GoalKind.BUILD:
        spec, choice = run.read(Spec), run.read(BlueprintChoice)
        return tasks_for_build(goal, spec, choice, goal.engine, most=policy.limits.tasks), "rules"
    insights = run.read(Insights)
    by_rules = tasks_for_evolve(goal, insights, most=policy.limits.tasks, writable=_writable(policy))
    asked = goal.engine == "claude" and policy.model.plan is Planner.MODEL and by_rules.tasks
    return (_by_model(run, insights, by_rules), "model") if asked else (by_rules, "rules")


def _writable(policy: Policy) -> Callable[[str], bool]:
    return lambda path: not why_outside(path, policy.scope)


def _by_model(run: RunDir, insights: Insights, by_rules: Decomposition) -> Decomposition:
    """The goal as the model cuts it; insights that are asked about and in no task are told as left out."""
    from tdev.engines.claude.planning import PlanRequest, plan_by_model

    goal, most = run.goal, run.policy.limits.tasks
    allowed, closed = answerable(insights, _writable(run.policy))
    about = [insight for insight in allowed if asked_about(goal.text, insight)] if goal.text.strip() else allowed
    rest = [insight for insight in allowed if insight not in about]
    request = PlanRequest(
        text=goal.text,
        insights=(*about, *rest),
        proposed=by_rules.tasks,
        files=workspace.repository(run).files(goal.repository.base_sha),
        most=most if goal.text.strip() else min(most, GOALLESS_TASKS),
    )
    made = put_question(run, "plan", partial(plan_by_model, run.settings, run.policy, request))
    planned = {name for task in made.tasks for name in task.insights}
    left = left_out([insight for insight in about if insight.id not in planned], "the model's plan leaves it out")
    return Decomposition(made.tasks, (*made.not_done, *left, *closed))
