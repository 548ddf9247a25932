"""Tests run the lines that the change added or altered.

Lines come from coverage.py by way of the test run; only the project's own code counts (core/code_paths.py). A changed
file that coverage says nothing about is an ERROR, since files no test imports are measured too. A line that a comment
takes out of the measure counts as not run.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.evaluation import Evaluation, TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.code_paths import is_own_code
from tdev.core.fingerprint import fingerprint
from tdev.core.test_record import NO_TESTS
from tdev.policy.model import Policy

NAME = "changed-coverage"


def changed_coverage(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Tests run enough of the executable lines that the change added or altered."""
    tests = evaluation.after.tests
    changed = {path: lines for path, lines in evaluation.changed_lines.items() if is_own_code(path)}
    if not changed:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no line of the project's own Python code changed")
    if not tests.ok:
        return _unmeasured(tests, policy)
    unknown = sorted(path for path in changed if path not in tests.covered_lines)
    if unknown:
        reason = f"coverage says nothing about {', '.join(unknown[:5])}"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
    missed = {path: sorted(set(lines) & _not_run(tests, path)) for path, lines in changed.items()}
    run = sum(len(set(lines) & set(tests.covered_lines.get(path, ()))) for path, lines in changed.items())
    total = run + sum(len(lines) for lines in missed.values())
    if total == 0:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no executable line changed")
    share, bar = 100 * run / total, policy.gates.tests.changed_coverage
    reason = f"tests run {run} of {total} changed lines ({share:.1f} %, at least {bar:g} % is asked)"
    findings = tuple(_uncovered(path, first, last) for path in sorted(missed) for first, last in _ranges(missed[path]))
    if share < bar:
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=findings)
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=findings)


def _not_run(tests: TestRun, path: str) -> set[int]:
    """Lines that no test ran, and those that were taken out of the measure: nobody knows of them."""
    return {*tests.missing_lines.get(path, ()), *tests.excluded_lines.get(path, ())}


def _unmeasured(tests: TestRun, policy: Policy) -> Verdict:
    """What is said of coverage when no test ran."""
    if tests.reason.startswith(NO_TESTS) and policy.waiver("no-tests") is not None:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=f"{NO_TESTS}, and policy waives that")
    return Verdict(name=NAME, outcome=Outcome.ERROR, reason=f"not measured: {tests.reason}")


def _uncovered(path: str, first: int, last: int) -> Finding:
    """Changed lines that no test runs."""
    where = f"line {first}" if first == last else f"lines {first} to {last}"
    return Finding(
        tool="coverage",
        rule="line-not-run",
        severity=Severity.WARNING,
        message=f"No test runs {where} of the change",
        path=path,
        line=first,
        end_line=last,
        remedy="Add a test that runs them.",
        fingerprint=fingerprint("coverage", "line-not-run", path, str(first)),
    )


def _ranges(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Runs of adjacent numbers as (first, last)."""
    start = last = None
    for number in lines:
        if start is not None and last is not None and number != last + 1:
            yield start, last
            start = None
        start, last = number if start is None else start, number
    if start is not None and last is not None:
        yield start, last
