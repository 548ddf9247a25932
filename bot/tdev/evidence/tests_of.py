"""The project's tests at one commit: in an environment made from that commit's dependency files, in the sandbox.

A run in which everything passed is kept by the commit's tree and not repeated. One with failures is: a test that fails
now and then must not count as failing for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.test_record import NO_TESTS
from tdev.errors import TransientError
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import TESTS, Commit
from tdev.tools import npm, npm_packages, python_environment
from tdev.tools.pytest import run_tests
from tdev.tools.python_environment import PythonEnvironment


@dataclass(frozen=True)
class Bench:
    """Where code of the project may run."""

    environment: PythonEnvironment
    """With the project's dependencies and a test runner."""
    project: Path
    """The project's folder in a clone of its own."""


def tests_of(commit: Commit) -> TestRun:
    """The run of the project's tests; paths of lines are made relative to the repository."""
    if not (commit.checkout / commit.folder).is_dir():
        return TestRun(ok=False, reason=f"no tests were found: there is no folder {commit.folder}")
    if commit.anew:
        return _in_repository(_asked(commit), commit.folder)
    key = key_of(commit.run, TESTS, commit.tree, commit.folder)
    return kept(commit.run, key, TestRun, _all_well, lambda: _in_repository(_asked(commit), commit.folder))


def bench_for(commit: Commit, name: str) -> Bench:
    """A clone of the commit and a ready environment; `name` tells apart what runs at the same time.

    Raises TransientError when the environment can't be made.
    """
    return bench_in(commit, commit.clone(name), name)


def bench_in(commit: Commit, clone: Path, name: str) -> Bench:
    """Like `bench_for`, in a clone that is there already and may differ from the commit.

    Raises TransientError when the environment can't be made.
    """
    run, project = commit.run, clone / commit.folder
    environment = python_environment.ensure(
        run.settings,
        project,
        run.work / f"environment-{commit.side}-{name}",
        run.policy.limits.tool_seconds,
        run.policy.registries,
        run.policy.sandbox,
    )
    return Bench(environment, project)


def _all_well(tests: TestRun) -> bool:
    return tests.ok and not any(outcome.bad for outcome in tests.outcomes.values())


def _asked(commit: Commit) -> TestRun:
    """Run the tests; a project whose environment can't be made has no results."""
    run, policy = commit.run, commit.run.policy
    try:
        bench = bench_for(commit, TESTS)
    except TransientError as error:
        return TestRun(ok=False, reason=str(error))
    if bench.environment.note:
        run.emit("tdev.tool.note", bench.environment.note, tool=TESTS)
    python = run_tests(
        bench.environment,
        bench.project,
        run.settings,
        policy.limits.test_seconds,
        paths=policy.gates.tests.paths,
        limits=policy.sandbox,
    )
    return _with_npm(commit, bench.project, python)


def _with_npm(commit: Commit, project: Path, python: TestRun) -> TestRun:
    """The run with that of `npm test`, where there is such a thing; why it is not run is told."""
    run = commit.run
    reason = npm.why_not(project)
    if reason is None or run.policy.gates.tests.paths:
        return python
    if reason:
        run.emit("tdev.tool.note", reason, tool=TESTS)
        missing = python.reason.startswith(NO_TESTS)
        return python.model_copy(update={"reason": f"{python.reason}; {reason}"}) if missing else python
    return joined(python, _of_npm(commit, project))


def _of_npm(commit: Commit, project: Path) -> TestRun:
    """The run of `npm test`; a project whose packages can't be installed has no results."""
    settings, policy = commit.run.settings, commit.run.policy
    try:
        npm_packages.ensure(settings, project, policy.limits.tool_seconds, policy.registries, policy.sandbox)
    except TransientError as error:
        return TestRun(ok=False, runner="npm", reason=str(error))
    return npm.run_npm_tests(project, settings, policy.limits.test_seconds, policy.sandbox)


def joined(python: TestRun, node: TestRun) -> TestRun:
    """Both runs as one, which is ok when both are; a runner that finds no tests leaves it to the other."""
    if python.reason.startswith(NO_TESTS):
        return node
    if node.reason.startswith(NO_TESTS):
        return python
    return python.model_copy(
        update={
            "ok": python.ok and node.ok,
            "reason": "; ".join(filter(None, (python.reason, node.reason))),
            "runner": f"{python.runner}, {node.runner}",
            "outcomes": {**python.outcomes, **node.outcomes},
            "failures": {**python.failures, **node.failures},
            "seconds": round(python.seconds + node.seconds, 3),
        }
    )


def _in_repository(tests: TestRun, folder: str) -> TestRun:
    """The run with the paths of its lines relative to the repository instead of to the project."""
    if folder == ".":
        return tests
    return tests.model_copy(
        update={
            "covered_lines": {f"{folder}/{path}": lines for path, lines in tests.covered_lines.items()},
            "missing_lines": {f"{folder}/{path}": lines for path, lines in tests.missing_lines.items()},
            "excluded_lines": {f"{folder}/{path}": lines for path, lines in tests.excluded_lines.items()},
        }
    )
