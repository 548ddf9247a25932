"""Tests end the same way whenever they are run: no new test is flaky, and none has become so.

Evidence: evidence/reruns.py. A test that was flaky at the base already is a remark here, and neither `tests-kept` nor
`no-new-failures` counts its failure.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.scan.paths import is_python_path, is_test_path
from tdev.gates.reports import by_level, judged, silence
from tdev.policy.model import Policy

NAME = "tests-stable"
TOOL = "reruns"
FLAKY_BEFORE = "flaky-before"


def concerns(evaluation: Evaluation) -> bool:
    """True where tests are touched, or something was found."""
    report = evaluation.after.report(TOOL)
    touched = any(is_test_path(path) and is_python_path(path) for path in evaluation.paths)
    return touched or (report is not None and bool(report.findings))


def tests_stable(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No new, altered or newly failing test passes or fails by chance."""
    if not policy.gates.tests.reruns:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="switched off in the policy's gates.tests.reruns")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if report.examined == 0:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=report.reason or "no test was run again")
    looked = f"{report.examined} tests were run again, in random order"
    return judged(NAME, by_level(report.findings, Severity.ERROR), looked, policy)


def flaky_before(evaluation: Evaluation) -> frozenset[str]:
    """Ids of tests that are known to fail by chance at the base as well."""
    report = evaluation.after.report(TOOL)
    found = report.findings if report is not None and report.ok else ()
    return frozenset(f"{finding.path}::{finding.symbol}" for finding in found if finding.rule == FLAKY_BEFORE)
