"""Findings about single tests: what pytest's record says, in one line and with what to do."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint


def failing(test: str, after: TestRun, severity: Severity) -> Finding:
    """A test that fails."""
    text = last_line(after.failures.get(test, ""))
    return test_finding("test-fails", severity, test, f"{test} fails: {text}", "Mend the code, or the new test.")


def test_finding(rule: str, severity: Severity, test: str, message: str, remedy: str) -> Finding:
    """A finding about one test, given by its id."""
    path, _, name = test.partition("::")
    return Finding(
        tool="pytest",
        rule=rule,
        severity=severity,
        message=message,
        path=path,
        symbol=name,
        remedy=remedy,
        fingerprint=fingerprint("pytest", rule, path, name),
    )


def last_line(text: str) -> str:
    """The line of a failure that says most: the last one that pytest marks with `E`, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
    return (marked or lines or ["no details"])[-1][:200]
