"""Measuring one commit in a clean checkout; baseline: the commit a run starts from.

pytest runs in this thread, the other programs one after another beside it: two programs at a time. The tests have a
clone of their own, so nothing they write can change what the other programs see.

Comes in: a clean checkout. Goes out: Measurement, the same shape for the base and for the head, so
that gates can compare the two. Each program's wrapper is in the room tools; new ones that look at
any commit are added to `_programs`, those that look at a change are handed in by evaluate.

A program that can't be started or installed does not end the run. It becomes a report that is not
ok, and the gate that needed it says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from tdev.adapters import workspace
from tdev.adapters.git import Git
from tdev.adapters.run_dir import RunDir
from tdev.adapters.source_scan import scan_commit
from tdev.core.artifacts.evaluation import Measurement, Symbol, TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.metrics import metrics, tally
from tdev.core.scan import FileFacts, is_test_path, symbols_of
from tdev.errors import ConfigurationError, TransientError
from tdev.stages.project import project_folder
from tdev.tools import python_environment, radon, semgrep
from tdev.tools.pytest import run_tests
from tdev.tools.radon import Maintainability

ENVIRONMENT_FOLDER = "judge-environment"
"""Where in the scratch folder the measured project's environment is: not the one an engine could write to."""

Report = Callable[[], ToolReport]
T = TypeVar("T")


def baseline(run: RunDir) -> RunDir:
    """Measure the commit the run starts from; writes baseline.json."""
    sha = run.goal.repository.base_sha
    checkout = workspace.base_checkout(run, "baseline")
    run.write(measure(run, checkout, sha, run.work / ENVIRONMENT_FOLDER))
    return run


def measure(
    run: RunDir,
    checkout: Path,
    sha: str,
    environment_folder: Path,
    further: Mapping[str, Report] | None = None,
    then: Callable[[], object] = lambda: None,
) -> Measurement:
    """Everything measured on one commit; `checkout` is a clean clone that stands on it.

    `further` are more programs to ask, by name. A program that can't be run is a report with `ok=False`. `then` is
    called in another thread when those programs have ended, while the tests may still run.
    """
    scan = scan_commit(Git(checkout, run.settings.child_environment), sha, run.settings)
    judged = [facts.path for facts in scan.python if facts.path.endswith(".py") and not is_test_path(facts.path)]
    programs = {**_programs(run, checkout), **(further or {})}
    with ThreadPoolExecutor(max_workers=1) as pool:
        beside = {name: pool.submit(_clocked, reported(name, program)) for name, program in programs.items()}
        measuring = pool.submit(_clocked, lambda: _indexes(run, checkout, judged))
        last = pool.submit(then)
        for name in (*beside, radon.NAME, "pytest"):
            run.emit("tdev.tool.start", name, tool=name)
        ran = _clocked(lambda: _tests(run, _clone_for_tests(run, checkout, sha), environment_folder))
        _tell(run, "pytest", ran.seconds, ran.result.ok, ran.result.reason or tally(ran.result))
        last.result()
        answers = {name: future.result() for name, future in beside.items()}
        indexed = measuring.result()
    answers[radon.NAME] = _Clocked(indexed.result.report, indexed.seconds)
    for name, answer in answers.items():
        said = answer.result.reason or f"{len(answer.result.findings)} findings in {answer.result.examined}"
        _tell(run, name, answer.seconds, answer.result.ok, said)
    tests, indexes = ran.result, indexed.result.indexes
    reports = [_scan_report(scan.python), *(answer.result for answer in answers.values())]
    symbols = _symbols(scan.python)
    return Measurement(
        sha=sha,
        metrics=metrics(
            python_files=len(scan.python),
            python_lines=sum(facts.lines for facts in scan.python),
            tests=tests,
            symbols=symbols,
            maintainability=indexes,
            reports=reports,
        ),
        tests=tests,
        reports=tuple(reports),
        symbols=symbols,
        maintainability=indexes,
    )


def reported(name: str, program: Report) -> Report:
    """The program, with a failure to start or install it turned into a report that says so."""

    def ask() -> ToolReport:
        try:
            return program()
        except (TransientError, ConfigurationError) as error:
            return ToolReport(tool=name, ok=False, reason=str(error))

    return ask


@dataclass(frozen=True)
class _Clocked(Generic[T]):
    """What something gave, and how long it took in seconds."""

    result: T
    seconds: float


def _clocked(function: Callable[[], T]) -> _Clocked[T]:
    started = time.monotonic()
    result = function()
    return _Clocked(result, round(time.monotonic() - started, 3))


def _tell(run: RunDir, name: str, seconds: float, ok: bool, message: str) -> None:
    """Say how a program ended."""
    run.emit("tdev.tool.end", f"{name}: {message}", tool=name, seconds=seconds, ok=ok)


def _programs(run: RunDir, checkout: Path) -> dict[str, Report]:
    """The programs that look at any commit."""
    policy = run.policy
    if not policy.gates.security.semgrep:
        return {}
    return {"semgrep": lambda: semgrep.scan(run.settings, checkout, policy.limits.tool_seconds)}


def _clone_for_tests(run: RunDir, checkout: Path, sha: str) -> Path:
    """A second clean checkout of the same commit."""
    folder = run.work / f"{checkout.name}-tests"
    return workspace.clean_clone(checkout, folder, sha, run.settings.child_environment).folder


def _tests(run: RunDir, checkout: Path, environment_folder: Path) -> TestRun:
    """The project's tests; paths of covered lines are made relative to the repository."""
    folder = project_folder(run)
    project, limits = checkout / folder, run.policy.limits
    if not project.is_dir():
        return TestRun(ok=False, reason=f"no tests were found: there is no folder {folder}")
    try:
        environment = python_environment.ensure(
            run.settings, project, environment_folder, limits.tool_seconds, run.policy.registries, run.policy.sandbox
        )
        if environment.note:
            run.emit("tdev.tool.note", environment.note, tool="pytest")
        tests = run_tests(
            environment,
            project,
            run.settings,
            limits.test_seconds,
            paths=run.policy.gates.tests.paths,
            limits=run.policy.sandbox,
        )
    except TransientError as error:
        return TestRun(ok=False, reason=str(error))
    if folder == ".":
        return tests
    return tests.model_copy(
        update={
            "covered_lines": {f"{folder}/{path}": lines for path, lines in tests.covered_lines.items()},
            "missing_lines": {f"{folder}/{path}": lines for path, lines in tests.missing_lines.items()},
        }
    )


def _indexes(run: RunDir, checkout: Path, paths: Sequence[str]) -> Maintainability:
    """Maintainability indexes, a failure to start radon included."""
    try:
        return radon.maintainability(run.settings, checkout, paths, run.policy.limits.tool_seconds)
    except (TransientError, ConfigurationError) as error:
        return Maintainability(ToolReport(tool=radon.NAME, ok=False, reason=str(error)))


def _symbols(files: Sequence[FileFacts]) -> tuple[Symbol, ...]:
    """Functions, classes and modules of everything that is not a test or a stub."""
    judged = (facts for facts in files if facts.path.endswith(".py") and not is_test_path(facts.path))
    return tuple(symbol for facts in judged for symbol in symbols_of(facts))


def _scan_report(files: Sequence[FileFacts]) -> ToolReport:
    """Files that our own scan could not read or parse, tests included."""
    findings = tuple(
        Finding(
            tool="scan",
            rule="syntax-error",
            severity=Severity.ERROR,
            message=f"{facts.path} can't be parsed: {facts.error}",
            path=facts.path,
            line=facts.error_line,
            remedy="Correct the syntax, or declare the file's encoding.",
            fingerprint=fingerprint("scan", "syntax-error", facts.path),
        )
        for facts in files
        if facts.error
    )
    return ToolReport(tool="scan", ok=True, examined=len(files), findings=findings)
