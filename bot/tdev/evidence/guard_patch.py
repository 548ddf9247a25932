"""The patch guard asked of commits in a clone: after each try of an engine, where a change is measured, and before it
is published.

Comes in: git in a clone that has both commits, the policy of the base, the goal. Goes out: a Verdict. Each caller has
read the clone, the policy and the goal anew, so the answers are independent of one another and must agree.
"""

from __future__ import annotations

from collections.abc import Iterable

from tdev.adapters.git import Git
from tdev.adapters.patch_reading import read_change
from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.verdict import Verdict
from tdev.core.patch_guard import judge_patch
from tdev.core.run import branch_name
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Change
from tdev.policy.model import Policy
from tdev.policy.patch_bounds import patch_bounds

NAME = "guard"


def guard_patch(
    git: Git, base: str, head: str, policy: Policy, goal: Goal, own_folder: str, own_secrets: Iterable[str] = ()
) -> Verdict:
    """The guard's verdict over what lies between two commits; `head` may be a tree.

    `own_folder` is the folder a build makes; empty for everything that is no build. `own_secrets` are values of
    credentials that the caller holds while a model writes the change.
    """
    change = read_change(git, base, head, branch_name(goal.slug))
    return judge_patch(change, patch_bounds(policy, change, goal, own_folder, own_secrets))


def guard_of(change: Change, own_folder: str) -> Verdict:
    """The guard's verdict over a change, where it is measured; kept for the same commits and the same goal."""
    run, patch, goal = change.run, change.patch, change.run.goal

    def ask() -> Verdict:
        return guard_patch(change.after.git, patch.base_sha, patch.head_sha, run.policy, goal, own_folder)

    if change.anew:
        return ask()
    asked = (goal.kind.value, goal.slug, goal.title, goal.text, goal.project, own_folder)
    return kept(run, key_of(run, NAME, patch.base_sha, patch.head_sha, *asked), Verdict, lambda verdict: True, ask)
