"""Answers kept by content: found again for the same content and policy, never for others, never when incomplete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters import run_dir
from tdev.adapters.content_cache import installation_version
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.errors import TransientError
from tdev.evidence.kept import kept, key_of
from tdev.evidence.probe import Probe, looked
from tdev.evidence.subject import Commit
from tdev.policy.model import Limits, Policy
from tdev.settings import Settings

Make = Callable[[Mapping[str, str | bytes]], Path]
Look = Callable[[Commit], ToolReport]


def run_with(settings: Settings, folder: Path, policy: Policy) -> RunDir:
    goal = Goal(
        run_id=new_run_id(),
        goal_id="g-1",
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text="modernise",
        title="modernise",
        slug="modernise",
        repository=Repository(path=str(folder), name="it", base_sha=git(folder, "rev-parse", "HEAD")),
        engine="recipes",
        engine_reason="asked for",
        created_at=utc_now(),
    )
    return run_dir.create(settings, goal, policy)


@pytest.fixture
def commit(make_repository: Make, settings: Settings) -> Commit:
    folder = make_repository({"a.py": "x = 1\n"})
    run = run_with(settings, folder, Policy())
    return Commit(run, "after", run.goal.repository.base_sha, folder)


class Looks:
    """A look that counts how often it was taken."""

    def __init__(self, *reports: ToolReport) -> None:
        self.reports = list(reports)
        self.taken = 0

    def __call__(self, commit: Commit) -> ToolReport:
        self.taken += 1
        return self.reports[min(self.taken, len(self.reports)) - 1]


GOOD = ToolReport(tool="t", ok=True, examined=1)
BAD = ToolReport(tool="t", ok=False, reason="crashed")


def test_the_same_content_is_looked_at_once(commit: Commit) -> None:
    looks = Looks(GOOD)
    probe = Probe("t", "security", looks)
    assert [looked(probe, commit, commit.tree) for _ in range(3)] == [GOOD] * 3
    assert looks.taken == 1
    looked(probe, commit, "another tree")
    assert looks.taken == 2


def test_what_failed_is_tried_again(commit: Commit) -> None:
    looks = Looks(BAD, GOOD)
    probe = Probe("t", "security", looks)
    assert [looked(probe, commit, commit.tree).ok for _ in range(3)] == [False, True, True]
    assert looks.taken == 2


def test_what_asks_a_service_is_not_kept(commit: Commit) -> None:
    looks = Looks(GOOD)
    probe = Probe("t", "security", looks, kept=False)
    assert looked(probe, commit, commit.tree) == looked(probe, commit, commit.tree)
    assert looks.taken == 2


def test_judged_anew_nothing_that_is_kept_counts(commit: Commit) -> None:
    looks = Looks(GOOD)
    probe = Probe("t", "security", looks)
    looked(probe, commit, commit.tree)
    looked(probe, replace(commit, anew=True), commit.tree)
    assert looks.taken == 2


def test_a_program_that_can_not_be_started_is_a_report_that_says_so(commit: Commit) -> None:
    def look(commit: Commit) -> ToolReport:
        raise TransientError("Could not start t: not found.")

    report = looked(Probe("t", "security", look), commit, commit.tree)
    assert (report.ok, report.reason) == (False, "Could not start t: not found.")


def test_another_policy_is_another_question(commit: Commit, settings: Settings) -> None:
    other = run_with(settings, commit.checkout, Policy(limits=Limits(test_seconds=7)))
    assert key_of(commit.run, "t", "tree") == key_of(commit.run, "t", "tree")
    assert len({key_of(other, "t", "tree"), key_of(commit.run, "t", "tree"), key_of(commit.run, "u", "tree")}) == 3


def test_a_damaged_answer_is_asked_for_again(commit: Commit) -> None:
    from tdev.adapters.content_cache import open_evidence

    key = key_of(commit.run, "t", "tree")
    with open_evidence(commit.run.settings) as cache:
        cache.keep({key: '{"tool": 7}'})
    assert kept(commit.run, key, ToolReport, lambda report: report.ok, lambda: GOOD) == GOOD


def test_the_installation_is_told_by_code_rules_and_pins(tmp_path: Path) -> None:
    folders = []
    for name, text in (("one", "a"), ("two", "b")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "tools.toml").write_text(text)
        folders.append(folder)
    assert installation_version(folders[0]) != installation_version(folders[1])
    (tmp_path / "three").mkdir()
    (tmp_path / "three" / "tools.toml").write_text("a")
    assert installation_version(folders[0]) == installation_version(tmp_path / "three")
