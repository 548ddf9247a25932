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


def test_the_ways_in_which_a_task_ends(settings: Settings, make_repository: Make) -> None:
    """All in one run: what is rolled back leaves nothing to the next task."""
    busy, long = fails(TransientError("Too busy."), "overload", 0.125), fails(Refused("Too long."), "context-too-long")
    workflow = writes({".github/workflows/x.yml": "on: push\n"})
    steps = {
        "T1": [wrong("a * b"), wrong("b * a")],
        "T2": [wrong("a * b + [][:a]")] * 2,
        "T3": [wrong("a * b"), wrong("a / b"), wrong("a - b - 7")],
        "T4": [wrong("a * b"), busy, long],
        "T5": [fails(Refused("The model declined."))],
        "T6": [workflow, writes({"big.txt": "line of text\n" * 50_000})],
    }
    run = code_run(settings, make_repository(SUMS), [task(name) for name in steps])
    engine = scripted(steps)
    code(run)
    asked = {name: [job for job in engine.jobs if job.task.id == name] for name in steps}
    tried = {name: [each for each in run.read(Patch).attempts if each.task == name] for name in steps}
    ended = {each.id: each for each in run.read(Plan).tasks}
    assert {name: len(jobs) for name, jobs in asked.items()} == {name: len(each) for name, each in steps.items()}
    assert ended["T1"].reason.startswith("attempts 1 and 2 failed in the same way: 1 tests that passed before")
    assert ended["T2"].reason.startswith("attempts 1 and 2 made the same change")
    assert ended["T3"].reason.startswith("3 attempts were rolled back; the last because")
    assert [job.parameters.effort for job in asked["T3"]] == [Effort.MEDIUM, Effort.MEDIUM, Effort.HIGH]
    assert [job.parameters.model for job in asked["T3"]] == [ModelRank.NAME, ModelRank.NAME, ModelRank.STRONGER]
    assert asked["T3"][2].model == "opus"
    assert [each.failure for each in tried["T4"][1:]] == [Failure.OVERLOAD, Failure.CONTEXT_TOO_LONG]
    assert asked["T4"][2].model == "haiku"
    assert [job.session for job in asked["T4"]] == ["", "s-T4", "s-T4"]
    assert [job.usd_on_record for job in asked["T4"]] == pytest.approx([0.0, 0.25, 0.375])
    assert ended["T5"].reason == "The model declined."
    scope, _ = tried["T6"]
    assert scope.failure is Failure.OUT_OF_SCOPE
    assert scope.verdict is not None and [child.name for child in scope.verdict.children] == ["size", "scope"]
    assert 90_000 < len((run.path / tried["T6"][1].diff).read_bytes()) < 110_000
    states = [ended[name].state for name in steps]
    assert states == [*[TaskState.FAILED] * 5, TaskState.DONE]


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


def test_a_commit_is_the_tree_that_was_judged_and_names_the_task(started: Callable[..., RunDir]) -> None:
    files = {"sums.py": GOOD, "test_more.py": "def test_it():\n    assert open('left.txt', 'w').write('x') == 1\n"}
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
