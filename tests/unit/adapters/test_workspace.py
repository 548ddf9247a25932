"""Work trees of a run's clone, also where a process was killed while git made one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from support.command import git
from tdev.adapters import run_dir, workspace
from tdev.adapters.git import Git
from tdev.adapters.removal import remove_tree
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts import Goal
from tdev.core.artifacts.goal import GoalKind, Repository
from tdev.core.run import new_run_id, new_trace_id, utc_now
from tdev.policy.model import Policy
from tdev.settings import Settings

Make = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def run(make_repository: Make, settings: Settings) -> RunDir:
    folder = make_repository({"a.txt": "one\n"})
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
    return run_dir.create(settings, goal, Policy())


def _notes(clone: Git) -> Path:
    """What git keeps of the only work tree."""
    (notes,) = (clone.folder / ".git" / "worktrees").iterdir()
    return notes


def test_a_tree_is_used_again_and_cleaned(run: RunDir) -> None:
    clone, sha = workspace.code_checkout(run), run.goal.repository.base_sha
    tree = workspace.worktree(run, clone, "trees/1", sha)
    (tree.folder / "left.txt").write_text("x")
    (tree.folder / "a.txt").write_text("two\n")
    again = workspace.worktree(run, clone, "trees/1", sha)
    assert sorted(path.name for path in again.folder.iterdir()) == [".git", "a.txt"]
    assert (again.folder / "a.txt").read_text() == "one\n"


@pytest.mark.parametrize("left", ["lock", "lock and no folder", "folder and no notes", "no HEAD"])
def test_what_a_killed_process_left_is_made_anew(run: RunDir, left: str) -> None:
    clone, sha = workspace.code_checkout(run), run.goal.repository.base_sha
    tree = workspace.worktree(run, clone, "trees/1", sha)
    notes = _notes(clone)
    if "lock" in left:
        (notes / "locked").write_text("initializing")
    if "no folder" in left:
        remove_tree(tree.folder)
    if "no notes" in left:
        remove_tree(notes)
    if left == "no HEAD":
        (notes / "HEAD").unlink()
    again = workspace.worktree(run, clone, "trees/1", sha)
    assert again.commit_of("HEAD") == sha
    assert (again.folder / "a.txt").read_text() == "one\n"


def test_pruning_takes_a_tree_whose_lock_was_left(run: RunDir) -> None:
    clone, sha = workspace.code_checkout(run), run.goal.repository.base_sha
    tree = workspace.worktree(run, clone, "trees/1", sha)
    (_notes(clone) / "locked").write_text("initializing")
    workspace.prune_worktrees(run, clone, "trees")
    assert not tree.folder.exists()
    assert not (clone.folder / ".git" / "worktrees").exists()
