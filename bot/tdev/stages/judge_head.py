"""Holding commits that are already there against the gates: a run without research, plan and code.

For `tdev gate`, which CI calls on a branch that people or another tool wrote. It makes a normal run
directory whose patch is the commits found, then does the stages evaluate and gate; so a person's
change and an engine's are judged by the same code.

No branch is made and no engine is chosen. The policy is read at the base: a branch can't relax the
rules it is judged by.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tdev.adapters import policy_file, run_dir, workspace
from tdev.adapters.git import Git, open_repository
from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import Goal, GoalKind, Repository
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.run import goal_id, new_run_id, new_trace_id, slug, utc_now
from tdev.errors import Refused
from tdev.settings import Settings
from tdev.stages.evaluate import ALL_GATES, evaluate_for
from tdev.stages.gate import gate

NO_ENGINE = "none"
_DEFAULT_BRANCHES = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
_LOCAL_DEFAULTS = ("refs/heads/main", "refs/heads/master")


def open_judgement(settings: Settings, repository: Path, base: str = "", folder: Path | None = None) -> RunDir:
    """A run about the commits from `base` to HEAD, with goal, policy and patch in place.

    Without `base` it is the point where HEAD left the default branch, else HEAD's first parent, else HEAD itself: then
    only the whole is looked at. The policy is the base's. `folder` becomes the run directory.
    Raises Refused when there is no such base.
    """
    git = open_repository(repository, settings.child_environment, settings.user_home)
    head = git.commit_of("HEAD")
    start = _base(git, head, base)
    title = f"gate {start[:10]}..{head[:10]}"
    goal = Goal(
        run_id=new_run_id(),
        goal_id=goal_id(GoalKind.EVOLVE, title, str(git.folder)),
        trace_id=new_trace_id(),
        kind=GoalKind.EVOLVE,
        text=title,
        title=title,
        slug=slug(title),
        repository=Repository(
            path=str(git.folder), name=git.folder.name.removesuffix(".git"), base_sha=start, base_ref=git.branch()
        ),
        engine=NO_ENGINE,
        engine_reason="the commits are there already",
        dry_run=True,
        requested_by=settings.user,
        created_at=utc_now(),
    )
    run = run_dir.create(settings, goal, policy_file.load_for(settings, git, start), folder)
    clone = workspace.commits_checkout(run, head)
    workspace.write_bundle(run, clone)
    run.write(
        Patch(
            base_sha=start,
            head_sha=head,
            commits=clone.commits(start, head),
            files=clone.changed_files(start, head),
            engine=NO_ENGINE,
        )
    )
    run.seal("judge")
    return run


def judge_head(run: RunDir, gates: Collection[str] = ALL_GATES, *, fail_fast: bool = False) -> Verdict:
    """Evaluate the run's commits, ask the gates named, and drop the scratch folder.

    With `fail_fast` it ends with the first gate that says no; the verdict has no word of those after it.
    """
    with run.lock():
        run.stage = "evaluate"
        with run.timed("tdev.stage", "evaluate"):
            asked = evaluate_for(run, gates, fail_fast=fail_fast)
        run.seal("evaluate")
        run.stage = "gate"
        with run.timed("tdev.stage", "gate"):
            gate(run, asked)
        run.seal("gate")
        run.remove_work()
    return run.read(Verdict)


def _base(git: Git, head: str, asked: str) -> str:
    """The commit to compare with; raises Refused when the one that was asked for can't be used, or when a clone is too
    shallow to tell: what is compared with nothing would look like a change that brings nothing.
    """
    if asked:
        return _asked_base(git, head, asked)
    for ref in (*_DEFAULT_BRANCHES, *_LOCAL_DEFAULTS):
        found = git.commit_of(ref)
        shared = _merge_base(git, found, head) if found else ""
        if shared and shared != head:
            return shared
        if found and not shared and git.shallow():
            raise _too_shallow(f"what HEAD and {ref.removeprefix('refs/')} have in common")
    parent = git.commit_of("HEAD^1")
    if not parent and git.shallow():
        raise _too_shallow("the commit before HEAD")
    return parent or head


def _asked_base(git: Git, head: str, asked: str) -> str:
    sha = git.commit_of(asked)
    shared = _merge_base(git, sha, head) if sha else ""
    if not shared and git.shallow():
        raise _too_shallow(f"what HEAD and {asked} have in common" if sha else f"commit {asked}")
    if not sha:
        raise Refused(f"There is no commit {asked!r}.", next_step="Give a branch, tag or commit with --base.")
    return shared or sha


def _too_shallow(what: str) -> Refused:
    return Refused(
        f"This clone is shallow and does not hold {what}, so there is nothing to compare with.",
        next_step="Run `git fetch --unshallow` first; in a workflow, check out with `fetch-depth: 0`.",
    )


def _merge_base(git: Git, one: str, other: str) -> str:
    """The youngest commit both have, or an empty string."""
    done = git.run("merge-base", one, other, check=False)
    return done.stdout.strip() if done.ok else ""
