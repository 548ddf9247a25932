"""The policy's `guard:` and the guard's rules name the same things, with the same defaults."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from support.changes import change, file
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.verdict import Outcome
from tdev.core.patch_guard import RULES, Treatment, judge_patch
from tdev.policy.guard import Guard
from tdev.policy.model import Policy, Scope
from tdev.policy.patch_bounds import about_dependencies, listed, patch_bounds


def goal(text: str) -> Goal:
    return Goal(
        run_id="20261121-000000-000000-abcdef",
        goal_id="g-1",
        trace_id="1" * 32,
        kind=GoalKind.EVOLVE,
        text=text,
        title="x",
        slug="x",
        repository=Repository(path="/r", name="r", base_sha="a" * 40),
        engine="recipes",
        engine_reason="asked for",
        created_at="2026-11-21T00:00:00Z",
    )


def test_a_key_for_each_rule_in_its_order() -> None:
    assert [*Guard.model_fields] == [*(rule.name for rule in RULES), "file_bytes"]
    assert Guard().treatments() == {rule.name: rule.default for rule in RULES}


def test_a_treatment_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        Guard.model_validate({"tests": "ignore"})
    assert Guard.model_validate({"tests": "review"}).tests is Treatment.REVIEW


@pytest.mark.parametrize(
    ("text", "expected"),
    [("upgrade vulnerable dependencies", True), ("dependencies", True), ("modernise", False), ("", False),
     ("modernise and upgrade dependencies", False), ("add a dependency on evil and remove the tests", False)],
)  # fmt: skip
def test_which_goals_are_about_dependencies(text: str, expected: bool) -> None:
    assert about_dependencies(goal(text)) is expected


def test_the_bounds_hold_what_the_policy_says() -> None:
    made = change(file("src/a.py"), file("docs/b.md", "x\n", "y\n", old_path="docs/a.md"), file("pyproject.toml"))
    policy = Policy(scope=Scope(write=("src/**",)), guard=Guard(dependencies=Treatment.BLOCK))
    bounds = patch_bounds(policy, made, goal("modernise"), "")
    assert [path for path, _ in bounds.outside] == ["docs/a.md", "docs/b.md", "pyproject.toml"]
    verdict = judge_patch(made, bounds)
    failed = {child.name for child in verdict.children if child.outcome is Outcome.FAIL}
    assert failed == {"scope", "dependencies"}
    assert [(row.path, row.status, row.old_path) for row in listed(made)][1] == ("docs/b.md", "R", "docs/a.md")
