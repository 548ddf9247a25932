"""What decides on one attempt: size, write scope, patch guard, and at last the project's tests.

Comes in: a checkout with an uncommitted change. Goes out: a Judgement as a tree of reasons, and the tree that was
judged. The first check that says no ends it: repository code is run only for a change that passed all others.

What would be committed is the tree as it was staged before the tests ran: what tests write is never part of a change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.plan import Task
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.judgement import Judgement, failed, judge, of_attempt, passed
from tdev.core.ranked_findings import told_of_gates
from tdev.engines.engine import Work
from tdev.evidence.guard_patch import guard_patch
from tdev.policy.patch_size import too_large
from tdev.policy.write_scope import outside_scope
from tdev.stages.code_progress import Bench, Shop
from tdev.stages.project import project_folder
from tdev.tools import python_environment
from tdev.tools.pytest import run_tests


@dataclass(frozen=True)
class Checked:
    """One attempt, judged."""

    judgement: Judgement
    """Keep or roll back, and why."""
    tree: str = ""
    """Id of the tree that was judged; empty when nothing was changed."""
    tests: TestRun | None = None
    """What the tests gave on it; None when they were not run."""
    told: str = ""
    """What the next attempt is told of it."""


def check(shop: Shop, bench: Bench, task: Task, work: Work) -> Checked:
    """Judge the uncommitted change of a checkout."""
    bench.git.run("add", "--all", "--", ".")
    tree = bench.git.text("write-tree")
    if tree == bench.git.tree_of("HEAD"):
        if work.nothing_to_do:
            return Checked(of_attempt((passed("change", work.nothing_to_do),)))
        return Checked(of_attempt((failed("change", Failure.NO_CHANGE, "nothing was changed"),)))
    return check_tree(shop, bench, task, tree)


def check_tree(shop: Shop, bench: Bench, task: Task, tree: str) -> Checked:
    """Judge a tree that is checked out, on top of the commit at HEAD."""
    done: list[Judgement] = []
    for function in CHECKS:
        done.append(function(shop, bench, task, tree))
        if not done[-1].keep:
            return Checked(of_attempt(tuple(done)), tree)
    after = tests_of(shop, bench)
    done.append(judge(shop.progress.tests, after))
    return Checked(of_attempt(tuple(done)), tree, after)


def tests_of(shop: Shop, bench: Bench) -> TestRun:
    """What the project's tests give in a checkout."""
    return run_tests(
        environment_of(shop, bench),
        bench.project,
        shop.run.settings,
        shop.policy.limits.test_seconds,
        coverage=False,
        paths=shop.policy.gates.tests.paths,
        limits=shop.policy.sandbox,
    )


def environment_of(shop: Shop, bench: Bench) -> python_environment.PythonEnvironment:
    """The virtual environment of a checkout's project."""
    return python_environment.ensure(
        shop.run.settings,
        bench.project,
        bench.environment,
        shop.policy.limits.tool_seconds,
        shop.policy.registries,
        shop.policy.sandbox,
    )


def _size(shop: Shop, bench: Bench, _task: Task, tree: str) -> Judgement:
    """The whole change, earlier tasks included, is not larger than policy allows."""
    base = shop.run.goal.repository.base_sha
    files = bench.git.changed_files(base, tree)
    size = len(bench.git.diff(base, tree).encode("utf-8", "replace"))
    reason = too_large(files, size, shop.policy.limits)
    if reason:
        return failed("size", Failure.TOO_LARGE, f"the change is too large: {reason}")
    return passed("size", f"{len(files)} files, {size:,} bytes of diff")


def _scope(shop: Shop, bench: Bench, _task: Task, tree: str) -> Judgement:
    """Nothing outside the write scope is touched."""
    files = bench.git.changed_files("HEAD", tree)
    outside = outside_scope(files, shop.policy.scope, allowed_root=_own_folder(shop))
    if outside:
        places = "; ".join(f"{path}: {reason}" for path, reason in outside[:10])
        return failed("scope", Failure.OUT_OF_SCOPE, f"the change leaves the write scope: {places}")
    return passed("scope", f"all {len(files)} paths may be written")


def _own_folder(shop: Shop) -> str:
    """Where protected names may be added: the new service's own folder; nowhere for evolve."""
    return project_folder(shop.run) if shop.run.goal.kind is GoalKind.BUILD else ""


def _guard(shop: Shop, bench: Bench, _task: Task, tree: str) -> Judgement:
    """The patch guard lets the whole change through, earlier tasks included."""
    goal, own = shop.run.goal, shop.run.settings.credentials.values()
    verdict = guard_patch(bench.git, goal.repository.base_sha, tree, shop.policy, goal, _own_folder(shop), own)
    if verdict.outcome.lets_through:
        telling = tuple(rule for rule in verdict.children if rule.outcome is not Outcome.PASS)
        return Judgement(verdict.model_copy(update={"children": telling}))
    told = told_of_gates(Verdict.of("guard", (verdict,)))
    return failed("guard", Failure.GUARD, f"the patch guard stops the change: {verdict.reason}", told, verdict)


CHECKS: tuple[Callable[[Shop, Bench, Task, str], Judgement], ...] = (_size, _scope, _guard)
"""In this order, before the tests."""
