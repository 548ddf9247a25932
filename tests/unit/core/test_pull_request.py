"""The pull request's body: everything a reviewer asks for, and nothing that acts."""

from __future__ import annotations

from tdev.core import pull_request
from tdev.core.artifacts import Evaluation, Goal, Measurement, Patch, Plan, Verdict
from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.evaluation import Metrics, TestRun
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.artifacts.patch import ChangedFile, Commit
from tdev.core.artifacts.plan import Task, TaskState
from tdev.core.artifacts.verdict import Outcome

SHA = "a" * 40


def goal(text: str) -> Goal:
    return Goal(
        run_id="20261121-000000-000000-abcdef",
        goal_id="g-1",
        trace_id="1" * 32,
        kind=GoalKind.EVOLVE,
        text=text,
        title="modernise",
        slug="modernise",
        repository=Repository(path="/r", name="r", base_sha=SHA),
        engine="recipes",
        engine_reason="asked for",
        created_at="2026-11-21T00:00:00Z",
    )


def measured(passed: int) -> Measurement:
    return Measurement(sha=SHA, metrics=Metrics(tests_passed=passed), tests=TestRun(ok=True))


PLAN = Plan(
    tasks=(
        Task(id="T1", title="Modernise | syntax", estimate_hours=1, risk=1, state=TaskState.DONE),
        Task(id="T2", title="Types", estimate_hours=1, risk=1, state=TaskState.FAILED, reason="broke @ada's test"),
    ),
    mermaid="flowchart LR\n T1 --> T2",
    not_done=("3 functions are too complex: needs a model",),
)
PATCH = Patch(
    base_sha=SHA,
    head_sha="b" * 40,
    commits=(Commit(sha="b" * 40, subject="Modernise", task="T1"),),
    files=(ChangedFile(path="a.py", status="M", added=3, removed=2),),
    attempts=(Attempt(task="T1", number=1, kept=True, reason="ok", cost_usd=0.25, seconds=2.0),),
    engine="recipes",
)
EVALUATION = Evaluation(before=measured(2), after=measured(3), score=81.25)
VERDICT = Verdict.of("gates", (Verdict(name="tests", outcome=Outcome.PASS, reason="3 pass"),))


def test_the_body_says_what_why_figures_cost_and_what_is_left() -> None:
    text = pull_request.body(goal("modernise"), PLAN, PATCH, EVALUATION, VERDICT)
    for expected in (
        "| tests that pass | 2 | 3 | ↑ better |",
        "| score, of 100 | | 81.2 | |",
        "tests that pass 2 → 3 · score 81.2 of 100",
        "0.2500 USD",
        "20261121-000000-000000-abcdef",
        "3 functions are too complex",
        "```mermaid",
        "1 file, +3",
        "| **tests** | | ✅ pass | 3 pass |",
    ):
        assert expected in text


def test_untrusted_text_can_not_act() -> None:
    hostile = "fixes #1 @everyone\n```\n<script>\n| a | b |"
    text = pull_request.body(goal(hostile), PLAN, PATCH, EVALUATION, VERDICT)
    fence = text.split("text\n", 1)[0].rsplit("\n", 1)[-1]
    quoted = text.split(f"{fence}text\n", 1)[1].split(f"\n{fence}\n", 1)[0]
    assert quoted == hostile
    rest = text.replace(quoted, "")
    assert "@ada" not in rest
    assert "Modernise \\| syntax" in rest
