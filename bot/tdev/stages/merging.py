"""Commits that tasks have made, put on the run's branch in the plan's order.

Comes in: the shop with its `made` commits. Goes out: the branch further on, or a task back to pending. A commit that
follows the branch's head is taken as it is, for its tests ran on just these files. Others are merged, and the tests
run on what came of it before the branch moves. What conflicts, or fails only together, is tried again on the new base,
alone, told what was in its way.

The branch only ever moves to a commit whose tests ran, and that commit is on record before. So a kill at any moment is
followed by the same.
"""

from __future__ import annotations

from tdev.adapters.workspace import advance
from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.plan import Task, TaskState, leaves_of
from tdev.core.next_attempt import attempts_at
from tdev.core.ranked_findings import few
from tdev.core.task_states import put_behind, with_state
from tdev.stages.attempt_checks import check_tree
from tdev.stages.code_progress import Made, Shop


def merge_made(shop: Shop) -> None:
    """Put every commit that was made on the branch, or its task back, in the plan's order."""
    for task in leaves_of(shop.progress.plan.tasks):
        made = shop.progress.made.get(task.id)
        if made is not None:
            _merge(shop, task, made)


def _merge(shop: Shop, task: Task, made: Made) -> None:
    git = shop.git
    git.discard()
    head = git.commit_of("HEAD")
    if git.commit_of(f"{made.commit}^") == head:
        _take(shop, task, made)
        return
    tree, paths = git.merged_tree(head, made.commit)
    if paths:
        _put_back(shop, task, made, f"it conflicts in {few(paths, 10)} with what was done beside it")
    elif tree == git.tree_of(head):
        left = {name: each for name, each in shop.progress.made.items() if name != task.id}
        shop.end(task, TaskState.UNCHANGED, "what was done beside it made the same change", made=left)
    else:
        _take_merged(shop, task, made, tree)


def _take(shop: Shop, task: Task, made: Made) -> None:
    """Move the branch to a commit that follows its head."""
    advance(shop.run, shop.git, made.commit)
    left = {name: each for name, each in shop.progress.made.items() if name != task.id}
    shop.end(task, TaskState.DONE, made.reason, tests=made.tests, made=left)


def _take_merged(shop: Shop, task: Task, made: Made, tree: str) -> None:
    """Judge what two commits give together, and move the branch to it or put the task back."""
    git, head = shop.git, shop.git.commit_of("HEAD")
    commit = git.commit_tree(tree, head, git.text("log", "-1", "--format=%B", made.commit) + "\n")
    git.run("read-tree", "-u", "--reset", tree)
    checked = check_tree(shop, shop.bench(git, "code"), task, tree)
    git.discard()
    if not checked.judgement.keep or checked.tests is None:
        reason = f"it fails together with what was done beside it: {checked.judgement.reason}"
        _put_back(shop, task, made, reason, checked.judgement.feedback)
        return
    merged = Made(commit=commit, reason=f"{made.reason}; merged: {checked.judgement.reason}", tests=checked.tests)
    shop.save(made={**shop.progress.made, task.id: merged})
    shop.run.emit("tdev.task.merge", f"{task.id} merged: {checked.judgement.reason}", task=task.id)
    _take(shop, task, merged)


def _put_back(shop: Shop, task: Task, made: Made, reason: str, feedback: str = "") -> None:
    """Take the attempt back, and plan its task anew behind what stands in its way."""
    progress, git = shop.progress, shop.git
    others = [commit.task for commit in git.commits(git.commit_of(f"{made.commit}^"), "HEAD")]
    last = attempts_at(progress.attempts, task.id)[-1]
    update = {"kept": False, "failure": Failure.CONFLICT, "reason": reason, "feedback": "\n".join((reason, feedback))}
    attempts = tuple(each.model_copy(update=update) if each == last else each for each in progress.attempts)
    plan = put_behind(with_state(progress.plan, task.id, TaskState.PENDING), task.id, others)
    left = {name: each for name, each in progress.made.items() if name != task.id}
    shop.save(plan=plan, attempts=attempts, made=left)
    shop.run.emit("tdev.task.conflict", f"{task.id} put back: {reason}", task=task.id, behind=" ".join(others))
