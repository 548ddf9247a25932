"""Measuring one commit: the tasks for it, and the Measurement that their answers make.

Base and head are measured by the same tasks, so that gates can compare them. The source is always scanned; tests and
maintainability index are the tests and the quality gate's; what else is asked is in table.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from tdev.adapters.source_scan import SourceScan, scan_commit
from tdev.core.artifacts.evaluation import Measurement, Symbol, TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.core.metrics import metrics
from tdev.core.scan import FileFacts, is_test_path, symbols_of
from tdev.errors import ConfigurationError, TransientError
from tdev.evidence.by_file import maintainability
from tdev.evidence.pool import Answers, Task, answer_of
from tdev.evidence.probe import Probe, looked
from tdev.evidence.subject import TESTS, Commit
from tdev.evidence.tests_of import tests_of
from tdev.tools import radon
from tdev.tools.radon import Maintainability

SCAN = "scan"
NOT_ASKED = "not asked for"
"""Reason of a test run that a choice of gates left out."""


def tasks_for(commit: Commit, probes: Sequence[Probe[Commit]], gates: Collection[str]) -> list[Task]:
    """What has to be done to measure a commit for some gates; names start with its side."""
    side = commit.side
    tasks = [Task(f"{side}.{SCAN}", lambda answers: scan_commit(commit.git, commit.sha, commit.run.settings))]
    if "quality" in gates:
        tasks.append(Task(f"{side}.{radon.NAME}", partial(_indexes, commit), (f"{side}.{SCAN}",), seconds=4))
    if "tests" in gates:
        tasks.append(Task(f"{side}.{TESTS}", lambda answers: tests_of(commit), seconds=60))
    return tasks + [Task(f"{side}.{probe.name}", _looking(commit, probe), (), probe.seconds) for probe in probes]


def measurement(commit: Commit, answers: Answers, further: Sequence[ToolReport] = ()) -> Measurement:
    """The commit's Measurement, from the answers to its tasks, in whatever order they came.

    `further` are reports on the change that led to it.
    """
    side = commit.side
    python = answer_of(answers, f"{side}.{SCAN}", SourceScan).python
    symbols = _symbols(python)
    indexed = answers.get(f"{side}.{radon.NAME}")
    tests = answers.get(f"{side}.{TESTS}")
    tests = tests if isinstance(tests, TestRun) else TestRun(ok=False, reason=NOT_ASKED)
    own = (answers[name] for name in sorted(answers) if name.startswith(f"{side}."))
    reports = [_scan_report(python), *(report for report in own if isinstance(report, ToolReport)), *further]
    indexes = {}
    if isinstance(indexed, Maintainability):
        reports.append(indexed.report)
        indexes = dict(indexed.indexes)
    return Measurement(
        sha=commit.sha,
        metrics=metrics(
            python_files=len(python),
            python_lines=sum(facts.lines for facts in python),
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


def _looking(commit: Commit, probe: Probe[Commit]) -> Callable[[Answers], ToolReport]:
    return lambda answers: looked(probe, commit, commit.tree)


def _indexes(commit: Commit, answers: Answers) -> Maintainability:
    """Maintainability indexes of the project's own files, a failure to start radon included."""
    python = answer_of(answers, f"{commit.side}.{SCAN}", SourceScan).python
    judged = [facts.path for facts in python if facts.path.endswith(".py") and not is_test_path(facts.path)]
    try:
        return maintainability(commit, judged)
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
