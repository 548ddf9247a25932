"""Attempts at one task: what goes back, with which parameters, when it ends, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.code_runs import PASSING, SUMS, Step, code_run, fails, scripted, task, writes
from support.command import git
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.attempt import Context, Effort, Failure, ModelRank
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.plan import Plan, TaskState
from tdev.engines import table
from tdev.engines.engine import Job, Work
from tdev.errors import BudgetExceeded, Refused, TransientError
from tdev.settings import Settings
from tdev.stages.code import code

pytestmark = pytest.mark.e2e
Make = Callable[[Mapping[str, str | bytes]], Path]
GOOD = SUMS["sums.py"].replace("a - b", "a + b")
TOKEN = "ghp_" + "a1B2" * 9


@pytest.fixture(autouse=True)
def _engines() -> Iterator[None]:
    yield
    table.ENGINES.pop("scripted", None)


def wrong(result: str) -> Step:
    return writes({"sums.py": SUMS["sums.py"].replace("a - b", result)})


@pytest.fixture
def started(settings: Settings, make_repository: Make) -> Callable[..., RunDir]:
    return lambda **more: code_run(settings, make_repository(SUMS), [task("T1")], **more)


def test_what_failed_goes_back_ranked_and_every_attempt_is_kept(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted({"T1": [wrong("a * b"), wrong(f"a - b + 7  # {TOKEN}"), writes({"sums.py": GOOD})]})
    code(run)
    patch = run.read(Patch)
    assert [each.kept for each in patch.attempts] == [False, False, True]
    assert [each.failure for each in patch.attempts] == [Failure.TESTS_FAILED, Failure.GUARD, None]
    first, second, third = engine.jobs
    assert [job.attempt for job in engine.jobs] == [1, 2, 3]
    assert [job.session for job in engine.jobs] == ["", "s-T1", "s-T1"]
    assert first.feedback == ()
    assert "test_zero" in second.feedback[0] and "assert 0 == 2" in second.feedback[0]
    assert len(third.feedback) == 2 and "secrets" in third.feedback[1]
    assert TOKEN not in third.feedback[1]
    verdict = patch.attempts[0].verdict
    assert verdict is not None
    assert [child.name for child in verdict.children] == ["size", "scope", "guard", "tests"]
    assert verdict.children[-1].outcome.value == "fail"
    assert patch.cost_usd == pytest.approx(0.75)
    for attempt in patch.attempts:
        shown = (run.path / attempt.diff).read_text()
        assert shown.startswith("diff --git a/sums.py b/sums.py")
        assert TOKEN not in shown
    run.seal("code")
    assert run.verify() == ""
    assert {f"attempts/T1-{number}.diff" for number in (1, 2, 3)} <= set(run.manifest().latest())


def test_the_same_failure_twice_ends_the_task_and_says_so(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted({"T1": [wrong("a * b"), wrong("b * a"), writes({"sums.py": GOOD})]})
    code(run)
    assert len(engine.jobs) == 2
    (ended,) = run.read(Plan).tasks
    assert ended.state is TaskState.FAILED
    assert ended.reason.startswith("attempts 1 and 2 failed in the same way: 1 tests that passed before")


def test_the_same_change_twice_ends_the_task(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted({"T1": [wrong("a * b + [][:a]")] * 3})
    code(run)
    assert len(engine.jobs) == 2
    assert "made the same change" in run.read(Plan).tasks[0].reason


def test_three_different_failures_end_it_with_the_stronger_model_last(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted({"T1": [wrong("a * b"), wrong("a / b"), wrong("a - b - 7")]})
    code(run)
    assert [job.parameters.effort for job in engine.jobs] == [Effort.MEDIUM, Effort.MEDIUM, Effort.HIGH]
    assert [job.parameters.model for job in engine.jobs] == [ModelRank.NAME, ModelRank.NAME, ModelRank.STRONGER]
    assert engine.jobs[2].model == "opus"
    assert run.read(Plan).tasks[0].reason.startswith("3 attempts were rolled back; the last because")


def test_overload_asks_the_fallback_and_a_context_too_long_begins_short(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted(
        {
            "T1": [
                wrong("a * b"),
                fails(TransientError("Too busy."), "overload", 0.125),
                fails(Refused("Too long."), "context-too-long"),
            ]
        }
    )
    code(run)
    second, third = engine.jobs[1:]
    assert [each.failure for each in run.read(Patch).attempts][1:] == [Failure.OVERLOAD, Failure.CONTEXT_TOO_LONG]
    assert third.model == "haiku"
    assert (second.session, third.session) == ("s-T1", "s-T1")
    assert run.read(Patch).cost_usd == pytest.approx(0.375)
    assert run.read(Plan).tasks[0].state is TaskState.FAILED


def test_after_a_context_too_long_the_session_is_fresh_and_the_feedback_short(started: Callable[..., RunDir]) -> None:
    run = started()
    noisy = SUMS["sums.py"].replace("return a - b", f"raise ValueError('{'x' * 5000}')")
    engine = scripted(
        {
            "T1": [
                writes({"sums.py": noisy}),
                fails(Refused("Too long."), "context-too-long"),
                writes({"sums.py": GOOD}),
            ]
        }
    )
    code(run)
    last = engine.jobs[-1]
    assert (last.session, last.parameters.context) == ("", Context.SHORT)
    assert len(last.feedback) == 1 and len(last.feedback[0]) <= 1500
    assert run.read(Plan).tasks[0].state is TaskState.DONE


def test_an_outage_ends_the_run_and_a_resumed_one_tries_again(started: Callable[..., RunDir]) -> None:
    run = started()
    scripted({"T1": [fails(TransientError("Too busy."), "overload", 0.25)] * 3})
    with pytest.raises(TransientError, match="Too busy"):
        code(run)
    assert run.read(Plan).tasks[0].state is TaskState.PENDING
    engine = scripted({"T1": [writes({"sums.py": GOOD})]})
    code(run)
    assert [each.number for each in run.read(Patch).attempts] == [1, 2, 3, 4]
    assert engine.jobs[0].attempt == 1
    assert run.read(Patch).cost_usd == pytest.approx(1.0)


def test_what_the_model_declines_is_asked_once(started: Callable[..., RunDir]) -> None:
    run = started()
    engine = scripted({"T1": [fails(Refused("The model declined."))] * 3})
    code(run)
    assert len(engine.jobs) == 1
    assert run.read(Plan).tasks[0].reason == "The model declined."


def test_no_money_ends_the_run_and_what_was_spent_stays_on_record(started: Callable[..., RunDir]) -> None:
    run = started()
    scripted({"T1": [fails(BudgetExceeded("Used up."), cost_usd=5.0)]})
    with pytest.raises(BudgetExceeded):
        code(run)
    scripted({"T1": [writes({"sums.py": GOOD})]})
    code(run)
    assert run.read(Patch).cost_usd == pytest.approx(5.25)


def test_a_run_stopped_between_two_attempts_goes_on_with_what_the_first_was_told(
    started: Callable[..., RunDir],
) -> None:
    run = started()

    def stopped(_job: Job) -> Work:
        raise KeyboardInterrupt

    scripted({"T1": [wrong("a * b"), stopped]})
    with pytest.raises(KeyboardInterrupt):
        code(run)
    engine = scripted({"T1": [writes({"sums.py": GOOD})]})
    code(run)
    (job,) = engine.jobs
    assert (job.attempt, job.session) == (2, "s-T1")
    assert "test_zero" in job.feedback[0]
    assert [each.number for each in run.read(Patch).attempts] == [1, 2]


def test_leaving_the_write_scope_runs_no_test(started: Callable[..., RunDir]) -> None:
    run = started()
    scripted({"T1": [writes({".github/workflows/x.yml": "on: push\n"}), writes({"sums.py": GOOD})]})
    code(run)
    attempt = run.read(Patch).attempts[0]
    assert attempt.failure is Failure.OUT_OF_SCOPE
    assert attempt.verdict is not None
    assert [child.name for child in attempt.verdict.children] == ["size", "scope"]


def test_a_huge_diff_is_kept_shortened(started: Callable[..., RunDir]) -> None:
    run = started()
    scripted({"T1": [writes({"big.txt": "line of text\n" * 50_000, "sums.py": GOOD})]})
    code(run)
    (attempt,) = run.read(Patch).attempts
    assert 90_000 < len((run.path / attempt.diff).read_bytes()) < 110_000


def test_a_commit_is_the_tree_that_was_judged_and_names_the_task(started: Callable[..., RunDir]) -> None:
    files = {"sums.py": GOOD, "test_more.py": "def test_it():\n    open('left.txt', 'w').write('x')\n"}
    run = started(before=PASSING)
    scripted({"T1": [writes(files, summary="Fixes #3.\n\n@ada look")]})
    code(run)
    patch = run.read(Patch)
    assert sorted(file.path for file in patch.files) == ["sums.py", "test_more.py"]
    (commit,) = patch.commits
    message = git(run.work / "code", "log", "-1", "--format=%B", commit.sha)
    assert message.splitlines()[0] == "Do T1"
    assert "Tdev-Task: T1" in message
    assert "Fixes #3" not in message
    events = [json.loads(line) for line in (run.path / "events.jsonl").read_text().splitlines()]
    assert [each["name"] for each in events if each["name"].startswith("tdev.task")][:3] == [
        "tdev.task.start",
        "tdev.task.attempt",
        "tdev.task.end",
    ]
