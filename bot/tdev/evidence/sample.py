"""A sample of tasks with tests of their own, tried on base and head: which are resolved, and which no longer.

Comes in: a Change, and the file of the base that the policy names (core/sample.py has its form). The tests of each
instance are laid over a fresh clone of either side and run in the sandbox. Goes out: a report that has looked at every
instance, with a finding for each that is lost, gained, or resolved on neither side.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.sample import Instance, instances_of
from tdev.errors import TransientError
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Change, Commit
from tdev.evidence.tests_of import bench_in
from tdev.tools.pytest import Choice, run_tests

NAME = "sample"
LOST, GAINED, UNRESOLVED = "sample-lost", "sample-gained", "sample-unresolved"


def sample(change: Change) -> ToolReport:
    """How the instances fare; not ok where their file can't be read, or an instance does not fit the base."""
    path, before = change.run.policy.gates.sample, change.before
    done = before.git.run("cat-file", "blob", f"{before.sha}:{path}", check=False)
    if not done.ok:
        return _nothing(f"the policy names {path}, which the base does not have")
    try:
        instances = instances_of(done.stdout)
    except ValueError as error:
        return _nothing(f"{path} can't be read: {error}")
    findings = []
    for instance in instances:
        old = _tried(before, instance)
        if not old.ok:
            return _nothing(f"{instance.instance_id} has no result at the base: {old.reason}")
        findings += _compared(instance, old, _tried(change.after, instance))
    return ToolReport(tool=NAME, ok=True, examined=len(instances), findings=tuple(findings))


def _nothing(reason: str) -> ToolReport:
    return ToolReport(tool=NAME, ok=False, reason=reason)


def _tried(commit: Commit, instance: Instance) -> TestRun:
    """The instance's tests on one side."""
    if commit.anew:
        return _run(commit, instance)
    key = key_of(commit.run, NAME, commit.tree, commit.folder, instance.model_dump_json())
    return kept(commit.run, key, TestRun, instance.resolved, lambda: _run(commit, instance))


def _run(commit: Commit, instance: Instance) -> TestRun:
    clone, policy = commit.clone(NAME), commit.run.policy
    try:
        if instance.test_patch:
            patch = instance.test_patch.encode("utf-8", "surrogateescape")
            commit.git_in(clone).run("apply", "--whitespace=nowarn", "-", stdin=patch)
        bench = bench_in(commit, clone, NAME)
    except TransientError as error:
        return TestRun(ok=False, reason=str(error))
    return run_tests(
        bench.environment,
        bench.project,
        commit.run.settings,
        policy.limits.test_seconds,
        coverage=False,
        limits=policy.sandbox,
        choice=Choice(instance.tests),
    )


def _compared(instance: Instance, old: TestRun, new: TestRun) -> list[Finding]:
    """What is to be said of an instance; nothing where it is resolved on both sides."""
    was, now, name = instance.resolved(old), instance.resolved(new), instance.instance_id
    if was and not now:
        failing = [test for test in instance.tests if test not in new.passed]
        why = new.reason or f"{', '.join(failing[:3])} {'do' if len(failing) > 1 else 'does'} not pass"
        return [_finding(LOST, Severity.ERROR, name, f"{name} was resolved and is not any more: {why}")]
    if now and not was:
        return [_finding(GAINED, Severity.NOTE, name, f"{name} is resolved now")]
    return [] if now else [_finding(UNRESOLVED, Severity.NOTE, name, f"{name} is not resolved, before or now")]


def _finding(rule: str, severity: Severity, name: str, message: str) -> Finding:
    remedy = "Mend the code so that the tests of this instance pass again." if rule == LOST else ""
    return Finding(
        tool=NAME,
        rule=rule,
        severity=severity,
        message=message,
        symbol=name,
        remedy=remedy,
        fingerprint=fingerprint(NAME, rule, name),
    )
