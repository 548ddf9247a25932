"""Which prompt a task gets."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.plan import Task
from tdev.core.insight.kinds import KINDS
from tdev.core.recipes import RECIPES
from tdev.core.task_words import KIND_TASKS
from tdev.prompts import library
from tdev.prompts.goals import CHOICES, goal_of


def goal(text: str = "", kind: GoalKind = GoalKind.EVOLVE) -> Goal:
    return Goal(
        run_id="r",
        goal_id="g",
        trace_id="0" * 32,
        kind=kind,
        text=text,
        title=text[:72] or "t",
        slug="t",
        repository=Repository(path="/r", name="r", base_sha="0" * 40),
        engine="claude",
        engine_reason="",
        created_at="",
    )


def task(title: str = "Do what was asked", recipe: str = "", goal: str = "") -> Task:
    return Task(id="T1", title=title, estimate_hours=1, risk=1, recipe=recipe, goal=goal)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The CLI crashes with a traceback on an empty file", "fix-issue"),
        ("Wrong total when an order is empty", "fix-issue"),
        ("Add a --json option to the list command", "build-feature"),
        ("Support several currencies", "build-feature"),
        ("Write docstrings for the public functions", "docstrings"),
        ("Add type hints to the parser", "types"),
        ("Make mypy pass in src/a", "types"),
        ("Add tests for the date parser", "tests"),
        ("Raise the coverage of the importer", "coverage-gap"),
        ("Refactor the complex function in billing", "refactor-complexity"),
        ("Upgrade to the newest httpx and raise pinned dependencies", "dependency-upgrade"),
        ("Fix the path traversal vulnerability in download", "security-fix"),
        ("SQL injection in search", "security-fix"),
        ("The import is too slow, make it faster", "performance"),
        ("Document the API in openapi.yaml", "api-docs"),
        ("Migrate from unittest to pytest", "migration"),
        ("Replace requests with httpx", "migration"),
        ("Remove dead code and unused imports", "cleanup"),
        ("회의실이 두 번 예약됩니다", "fix-issue"),
        ("?", "fix-issue"),
    ],
)
def test_the_words_of_a_request_choose(text: str, name: str) -> None:
    assert goal_of(goal(text), task(text[:72])) == name
    assert goal_of(goal(text), task(text[:72])) == goal_of(goal(text), task(text[:72]))


@pytest.mark.parametrize("kind", [*KINDS, *KIND_TASKS])
def test_every_kind_of_insight_has_a_prompt(kind: str) -> None:
    claimed = [choice.name for choice in CHOICES if kind in choice.kinds]
    assert len(claimed) == 1
    assert goal_of(goal(), task("Improve"), [kind]) == claimed[0]


@pytest.mark.parametrize("recipe", [*(fact.name for fact in RECIPES), "blueprint"])
def test_every_recipe_has_a_prompt(recipe: str) -> None:
    claimed = [choice.name for choice in CHOICES if recipe in choice.recipes]
    assert len(claimed) == 1
    assert goal_of(goal("make it slow and wrong"), task(recipe=recipe), ["complex-function"]) == claimed[0]


def test_what_a_person_asked_for_comes_before_what_research_saw() -> None:
    assert goal_of(goal("Write docstrings"), task(), ["complex-function"]) == "docstrings"
    assert goal_of(goal("Improve it"), task("Improve it"), ["complex-function"]) == "refactor-complexity"


def test_a_build_builds() -> None:
    assert goal_of(goal("A slow service with types and tests", GoalKind.BUILD), task()) == "build-feature"


def test_rows_and_files_are_the_same() -> None:
    assert sorted(choice.name for choice in CHOICES) == sorted(library.goal_names())


def test_the_kind_that_a_plan_gives_a_task_counts_more_than_words_and_only_where_there_is_one() -> None:
    asked = goal("Write docstrings")
    assert goal_of(asked, task(goal="types"), ["complex-function"]) == "types"
    assert goal_of(asked, task(goal="system")) == "docstrings"
    assert goal_of(asked, task(goal="types", recipe="imports")) == "cleanup"
