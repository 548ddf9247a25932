"""The plan stage on a run directory."""

from __future__ import annotations

import pytest

from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import BlueprintChoice, Goal, Insights, Plan, Spec
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.artifacts.insights import Evidence, Insight
from tdev.core.artifacts.spec import Criterion, FieldType, Operation, Resource, SpecField
from tdev.core.run import new_run_id
from tdev.errors import ConfigurationError
from tdev.policy.model import Limits, Policy, Scope
from tdev.settings import Settings
from tdev.stages.plan import plan


def start(settings: Settings, kind: GoalKind, policy: Policy, **more: object) -> RunDir:
    goal = Goal.model_validate(
        {
            "run_id": new_run_id(),
            "goal_id": "g",
            "trace_id": "c" * 32,
            "kind": kind,
            "text": "",
            "title": "improve what research finds",
            "slug": "improve",
            "repository": Repository(path="/x", name="x", base_sha="a" * 40),
            "engine": "recipes",
            "engine_reason": "asked for",
            "created_at": "2026-01-01T00:00:00Z",
            **more,
        }
    )
    return run_dir.create(settings, goal, policy)


def insight(kind: str, path: str) -> Insight:
    seen = (Evidence(path=path, line=1),)
    return Insight(id=f"{kind}-{path}", kind=kind, title=kind, path=path, evidence=seen, effort_hours=1, priority=0.5)


def test_an_evolve_goal_is_planned_within_the_policy(settings: Settings) -> None:
    policy = Policy(scope=Scope(write=("src/**",)), limits=Limits(tasks=1))
    run = start(settings, GoalKind.EVOLVE, policy)
    kinds = ("old-syntax", "missing-types", "dead-code")
    found = [insight(kind, "src/a.py") for kind in kinds] + [insight("old-syntax", "tools/b.py")]
    run.write(Insights(insights=tuple(found)))
    planned = plan(run).read(Plan)
    assert [task.recipe for task in planned.tasks] == ["modernise"]
    assert planned.tasks[0].insights == ("old-syntax-src/a.py",)
    told = "\n".join(planned.not_done)
    for part in ("dead-code", "Add type annotations", "tools/b.py:1: the policy's write scope"):
        assert part in told
    page = (run.path / "plan.md").read_text("utf-8")
    assert page.startswith("# Plan: improve what research finds")
    assert "```mermaid" in page


def test_a_build_is_planned_from_its_specification(settings: Settings) -> None:
    run = start(settings, GoalKind.BUILD, Policy(), text="rooms")
    field = SpecField(name="name", type=FieldType.STRING)
    criteria = (
        Criterion(id="AC-1", text="Create rooms.", resource="Room", operation=Operation.CREATE),
        Criterion(id="AC-2", text="No double bookings."),
    )
    resource = Resource(name="Room", plural="rooms", fields=(field,))
    run.write(Spec(title="Rooms", slug="rooms", resources=(resource,), criteria=criteria))
    run.write(BlueprintChoice(name="crud-api", version="1", destination=".", reason="r"))
    planned = plan(run).read(Plan)
    assert [(task.id, task.recipe) for task in planned.tasks] == [("T1", "blueprint")]
    assert planned.not_done[0].startswith("AC-2 (No double bookings.)")


def test_nothing_to_do_is_an_empty_plan(settings: Settings) -> None:
    run = start(settings, GoalKind.EVOLVE, Policy())
    run.write(Insights())
    assert plan(run).read(Plan) == Plan()
    assert "There is nothing to do." in (run.path / "plan.md").read_text("utf-8")


def test_planning_again_gives_the_same_file(settings: Settings) -> None:
    run = start(settings, GoalKind.EVOLVE, Policy())
    run.write(Insights(insights=(insight("old-syntax", "a.py"),)))
    first = (plan(run).path / "plan.json").read_bytes()
    assert (plan(run).path / "plan.json").read_bytes() == first


def test_without_insights_the_missing_file_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"insights\.json"):
        plan(start(settings, GoalKind.EVOLVE, Policy()))
