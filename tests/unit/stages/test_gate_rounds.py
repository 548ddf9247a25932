"""Rounds of the gates: what goes back to the model, when it ends, and what is kept of each round."""

from __future__ import annotations

from collections.abc import Sequence

from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal, Patch, Plan, Verdict
from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.artifacts.verdict import Outcome
from tdev.core.retry_matrix import RetryRow
from tdev.core.run import new_run_id
from tdev.policy.model import Policy
from tdev.policy.retries import Retries
from tdev.settings import Settings
from tdev.stages.gate_rounds import judge_until_settled
from tdev.stages.table import Stage

PASSED = Verdict.of("all", (Verdict(name="quality", outcome=Outcome.PASS, reason="fine"),))


def failing(*messages: str, outcome: Outcome = Outcome.FAIL) -> Verdict:
    findings = tuple(
        Finding(tool="t", rule="R", severity=Severity.ERROR, message=each, path="a.py", line=3, fingerprint=each)
        for each in messages
    )
    check = Verdict(name="docstrings", outcome=outcome, reason=f"{len(findings)} findings", findings=findings)
    return Verdict.of("all", (Verdict.of("quality", (check,)),))


def started(settings: Settings, engine: str = "claude", policy: Policy | None = None) -> RunDir:
    goal = Goal.model_validate(
        {
            "run_id": new_run_id(),
            "goal_id": "g",
            "trace_id": "c" * 32,
            "kind": GoalKind.EVOLVE,
            "text": "",
            "title": "t",
            "slug": "t",
            "repository": Repository(path="/x", name="x", base_sha="a" * 40),
            "engine": engine,
            "engine_reason": "asked for",
            "created_at": "2026-01-01T00:00:00Z",
        }
    )
    run = run_dir.create(settings, goal, policy or Policy())
    run.write(Plan())
    return run


def settled(run: RunDir, verdicts: Sequence[Verdict]) -> list[str]:
    """The names under which stages were sealed, the gates answering with these verdicts in turn."""
    coming, done = iter(verdicts), []

    def do(stage: Stage, name: str) -> None:
        if name in run.sealed_stages():
            return
        if stage.name == "code":
            run.write(Patch(base_sha="a" * 40, head_sha="b" * 40, engine="claude"))
        if stage.name == "gate":
            run.write(next(coming))
        run.write_bytes(f"{name}.txt", b"done")
        run.seal(name)
        done.append(name)

    judge_until_settled(run, do)
    return done


def test_findings_go_back_until_the_gates_pass(settings: Settings) -> None:
    run = started(settings)
    done = settled(run, [failing("no docstring"), PASSED])
    assert done == ["code", "evaluate", "gate", "code.2", "evaluate.2", "gate.2"]
    (task,) = run.read(Plan).tasks
    assert task.gate == "quality"
    assert "a.py:3 R: no docstring" in task.description
    kept = Verdict.model_validate_json((run.path / "attempts/round-1.json").read_bytes())
    assert kept == failing("no docstring")


def test_the_same_findings_twice_end_the_rounds_and_say_so(settings: Settings) -> None:
    run = started(settings)
    done = settled(run, [failing("a"), failing("a"), PASSED])
    assert done[-1] == "gate.2"
    assert "rounds 1 and 2 failed in the same way" in (run.path / "events.jsonl").read_text()


def test_other_findings_go_back_as_often_as_the_policy_says(settings: Settings) -> None:
    run = started(settings)
    done = settled(run, [failing(name) for name in "abcdef"])
    assert done[-1] == "gate.4"
    assert len(run.read(Plan).tasks) == 3


def test_what_a_model_can_not_answer_is_not_sent_back(settings: Settings) -> None:
    assert len(settled(started(settings, "recipes"), [failing("a")])) == 3
    assert len(settled(started(settings), [failing("a", outcome=Outcome.ERROR)])) == 3


def test_the_policy_may_let_nothing_follow(settings: Settings) -> None:
    rows = (RetryRow(after=Failure.GATE_QUALITY, again=False),)
    run = started(settings, policy=Policy(retries=Retries(rows=rows)))
    assert len(settled(run, [failing("a")])) == 3


def test_a_resumed_run_goes_on_in_its_round(settings: Settings) -> None:
    run = started(settings)
    settled(run, [failing("a"), PASSED])
    assert settled(run, []) == []
    assert len(run.read(Plan).tasks) == 1
