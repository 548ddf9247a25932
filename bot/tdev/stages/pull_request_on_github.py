"""The branch of a run on GitHub: which one it is, whether it may be pushed to, and the pull request from it.

Comes in: a patch that was checked, a bare clone with the base and the patch in it, and access to the repository. Goes
out: the branch with the patch's commits, and a pull request that names the run. Each step looks first what is there,
so doing it again after a kill at any point ends with one branch and one pull request.

A branch is only ever made or moved forward. Where somebody else has committed to it, nothing is pushed any more: the
branch is theirs then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tdev.adapters import github
from tdev.adapters.branch_push import Remote
from tdev.adapters.git import Git
from tdev.adapters.github_publish import Access, ask_for_review, label, open_pull
from tdev.adapters.run_dir import RunDir
from tdev.core import pull_request
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.core.generated_tests import LABEL, adds_generated
from tdev.core.job import Asked
from tdev.core.run import branch_name
from tdev.errors import Refused
from tdev.stages.checked_patch import contains, strangers

DIFF_FILE = "patch.diff"
_NAME = "refs/heads/{}"


@dataclass(frozen=True)
class Pushed:
    """Where the commits are."""

    branch: str
    """Name of the branch."""
    head_sha: str
    """Its last commit: the patch's, or that of an earlier run with the same change."""
    found: bool
    """It was there already."""


def push_new(run: RunDir, remote: Remote, patch: Patch) -> Pushed:
    """Make the run's branch, or find it: `tdev/auto/<slug>`, or with the run's tail where another run has that."""
    tail = run.goal.run_id.rpartition("-")[2]
    for name in (branch_name(run.goal.slug), branch_name(f"{run.goal.slug}-{tail}")):
        tip = remote.branches(name).get(name, "")
        if not tip:
            remote.push(patch.head_sha, name)
            return Pushed(name, patch.head_sha, False)
        if tip == patch.head_sha:
            return Pushed(name, tip, True)
        remote.fetch(name)
        if contains(remote.git, tip, patch.head_sha):
            raise _theirs(name, strangers(remote.git, patch.head_sha, tip))
        if _same_change(remote.git, tip, patch):
            return Pushed(name, tip, True)
    raise Refused(f"The branch {name} exists with other content.", next_step="Delete it, then start the run again.")


def _same_change(git: Git, tip: str, patch: Patch) -> bool:
    """The branch holds the same change of the same base, by an earlier run of ours."""
    same = git.tree_of(tip) == git.tree_of(patch.head_sha) and contains(git, tip, patch.base_sha)
    return same and not strangers(git, patch.base_sha, tip)


def _theirs(branch: str, others: tuple[str, ...]) -> Refused:
    who = ", ".join(others[:3]) or "another run of T-Developer"
    return Refused(
        f"The branch {branch} holds commits on top of ours: {who}. T-Developer pushes nothing more to it.",
        next_step="Merge or close its pull request, then start a new run.",
    )


async def push_onto(
    remote: Remote, there: Access, asked: Asked, patch: Patch, *, review: bool
) -> tuple[Pushed, dict[str, Any]]:
    """Put the commits on top of an existing branch of ours; the branch, and its open pull request.

    Commits that a person has to look at (`review`) are put on a draft alone.
    """
    pull = await github.pull_of_branch(there.client, asked.branch, lambda pull: pull["state"] == "open")
    if pull is None:
        raise Refused(f"There is no open pull request from {asked.branch}.", next_step="Ask on an issue instead.")
    tip = remote.branches(asked.branch).get(asked.branch, "")
    if tip == patch.head_sha:
        return Pushed(asked.branch, tip, True), pull
    if review and not pull.get("draft"):
        raise Refused(
            f"The commits need a review, and pull request #{pull['number']} is no draft.",
            next_step="Convert it to a draft and start the run again, or change `guard:` in the policy.",
        )
    if tip != patch.base_sha:
        raise Refused(f"The branch {asked.branch} has moved since the run began.", next_step="Start the run again.")
    base = str(pull["base"]["ref"])
    remote.fetch(base)
    if others := strangers(remote.git, _NAME.format(base), tip):
        raise _theirs(asked.branch, others)
    remote.push(patch.head_sha, asked.branch)
    return Pushed(asked.branch, patch.head_sha, False), pull


async def open_on_github(run: RunDir, there: Access, asked: Asked, pushed: Pushed, body: str) -> dict[str, Any]:
    """The pull request of the run, opened or found, with its labels."""
    goal = run.goal
    text = pull_request.on_github(body, goal.run_id, goal.number)
    marker = pull_request.marker(goal.run_id)
    draft = bool(run.read(Verdict).to_review)
    pull = await open_pull(there, pushed.branch, asked.base, pull_request.title(goal), text, marker, draft=draft)
    diff = (run.path / DIFF_FILE).read_text("utf-8", "replace")
    generated = [LABEL] if adds_generated(diff) else []
    await label(there, int(pull["number"]), ["tdev", f"tdev:{goal.kind.value}", *generated])
    return pull


async def reviewer_of(run: RunDir, there: Access, asked: Asked, pull: dict[str, Any]) -> str:
    """Who was asked to review the pull request; empty when nobody has to be or can be."""
    if not run.read(Verdict).to_review or not asked.requested_by:
        return ""
    why_not = await ask_for_review(there, pull, asked.requested_by)
    if why_not:
        run.emit("tdev.review.refused", why_not)
        return ""
    run.emit("tdev.review.requested", asked.requested_by)
    return asked.requested_by


async def tell_added(run: RunDir, there: Access, pull: dict[str, Any], patch: Patch) -> None:
    """Say on a pull request which commits the run added to its branch."""
    run_id = run.goal.run_id
    await github.put_comment(
        there.client, int(pull["number"]), pull_request.marker(run_id), pull_request.added(run_id, patch)
    )
