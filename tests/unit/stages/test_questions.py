"""A question to the model beside the attempts: what it may spend, and that its cost is on record however it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal, Patch
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.goal import Budget, GoalKind, Repository
from tdev.core.run import new_run_id
from tdev.engines.engine import Work
from tdev.errors import TransientError
from tdev.policy.model import Policy
from tdev.settings import Settings
from tdev.stages.questions import put_question
from tdev.stages.run_events import events_of, spent_on_questions


def run_of(settings: Settings) -> RunDir:
    goal = Goal(
        run_id=new_run_id(), goal_id="g", trace_id="c" * 32, kind=GoalKind.EVOLVE, text="t", title="t", slug="t",
        repository=Repository(path="/x", name="x", base_sha="a" * 40), engine="claude", engine_reason="asked for",
        budget=Budget(usd=2.0), created_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    return run_dir.create(settings, goal, Policy())


def test_every_question_is_paid_from_one_budget_and_told_by_its_own_name(settings: Settings) -> None:
    run = run_of(settings)
    seen: list[tuple[float, str, float]] = []

    def asking(usd_left: float, *, ledger: Path, on_record: float) -> tuple[str, Work]:
        seen.append((usd_left, ledger.relative_to(run.work).as_posix(), on_record))
        return "yes", Work(summary="s", cost_usd=0.25, input_tokens=3, output_tokens=4, turns=2)

    assert put_question(run, "plan", asking) == "yes"
    attempt = Attempt(task="T1", number=1, kept=True, reason="r", cost_usd=0.5)
    run.write(Patch(base_sha="a", head_sha="b", attempts=(attempt,), engine="claude"))
    put_question(run, "summary", asking)
    put_question(run, "plan", asking)
    assert seen == [(2.0, "claude/plan", 0.0), (1.25, "claude/summary", 0.0), (1.0, "claude/plan", 0.25)]
    assert (spent_on_questions(run), spent_on_questions(run, "plan"), spent_on_questions(run, "spec")) == (0.75, 0.5, 0)
    told = [(event.name, event.attributes["ok"], event.attributes["turns"]) for event in events_of(run)]
    assert told == [(f"tdev.{name}.model", True, 2) for name in ("plan", "summary", "plan")]


def test_what_a_question_without_an_answer_has_cost_is_on_record(settings: Settings) -> None:
    run = run_of(settings)

    def asking(usd_left: float, *, ledger: Path, on_record: float) -> tuple[str, Work]:
        error = TransientError("No valid answer.")
        error.cost_usd = 0.125
        raise error

    with pytest.raises(TransientError):
        put_question(run, "spec", asking)
    assert spent_on_questions(run) == 0.125
    (event,) = events_of(run)
    assert (event.name, event.message, event.attributes["ok"]) == (
        "tdev.spec.model",
        "no answer: No valid answer.",
        False,
    )
