"""The figures of one tree, from what was measured; a figure without a measurement is None, never 0.

stages/measure.py calls it for base and head alike. Shares are percentages rounded to two places; the gates compare
them with some tolerance because rounding and moved code make them waver.
A run of the tests that is not `ok` gives no figures of tests or coverage at all, not even partial ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tdev.core.artifacts.evaluation import Metrics, Symbol, TestOutcome, TestRun
from tdev.core.artifacts.finding import Severity, ToolReport

_BLOCKING = (Severity.ERROR, Severity.WARNING)


def metrics(
    *,
    python_files: int,
    python_lines: int,
    tests: TestRun,
    symbols: Sequence[Symbol],
    maintainability: Mapping[str, float],
    reports: Sequence[ToolReport],
) -> Metrics:
    """All figures of one tree."""
    functions = [symbol for symbol in symbols if symbol.kind == "function"]
    complexities = [symbol.complexity for symbol in functions]
    indexes = list(maintainability.values())
    return Metrics(
        python_files=python_files,
        python_lines=python_lines,
        tests_passed=tests.count(TestOutcome.PASSED) if tests.ok else None,
        tests_failed=tests.count(TestOutcome.FAILED) + tests.count(TestOutcome.ERROR) if tests.ok else None,
        tests_skipped=tests.count(TestOutcome.SKIPPED) if tests.ok else None,
        coverage_percent=coverage_percent(tests),
        docstring_percent=percent(symbol.documented for symbol in symbols if symbol.public),
        maintainability_mean=mean(indexes),
        maintainability_lowest=round(min(indexes), 2) if indexes else None,
        complexity_mean=mean(complexities),
        complexity_highest=max(complexities, default=None),
        typed_percent=percent(symbol.typed for symbol in functions),
        findings=_findings(reports),
    )


def coverage_percent(tests: TestRun) -> float | None:
    """Executed share of executable lines, 0..100; None when tests did not run or nothing is executable."""
    covered = sum(len(lines) for lines in tests.covered_lines.values())
    missing = sum(len(lines) for lines in tests.missing_lines.values())
    if not tests.ok or covered + missing == 0:
        return None
    return round(100 * covered / (covered + missing), 2)


def tally(tests: TestRun) -> str:
    """How the tests ended, e.g. `12 passed, 1 skipped`."""
    counts = [(tests.count(outcome), outcome.value) for outcome in TestOutcome]
    return ", ".join(f"{count} {word}" for count, word in counts if count) or "no outcome at all"


def percent(facts: Iterable[bool]) -> float | None:
    """Share of true facts, 0..100; None when there are none at all."""
    known = list(facts)
    return round(100 * sum(known) / len(known), 2) if known else None


def mean(values: Sequence[float]) -> float | None:
    """The mean, or None of nothing."""
    return round(sum(values) / len(values), 2) if values else None


def _findings(reports: Sequence[ToolReport]) -> int | None:
    """Findings of error or warning level; None when a report is missing or was not completed."""
    if not reports or not all(report.ok for report in reports):
        return None
    return sum(finding.severity in _BLOCKING for report in reports for finding in report.findings)
