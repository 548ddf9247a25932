"""The 0..100 score of a tree; docs/evaluation.md says why each term weighs what it does.

stages/evaluate.py reckons it for the head; no gate looks at it. It is a summary for people, and a single number must
not be able to outweigh a failing test. What was not measured gives no points, so hiding a figure never pays.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Metrics

WEIGHTS = {
    "tests": 30.0,
    "coverage": 20.0,
    "maintainability": 15.0,
    "docstrings": 10.0,
    "complexity": 10.0,
    "findings": 10.0,
    "types": 5.0,
}
"""Points a term can give; they sum to 100."""

CAP_WITHOUT_TESTS = 20.0
"""Highest score of a tree whose tests did not run or found nothing."""

_SIMPLE, _TANGLED = 2.0, 12.0


def score_parts(metrics: Metrics) -> dict[str, float]:
    """Points per term, already weighted; a term that was not measured gives none."""
    shares = {
        "tests": _passing(metrics),
        "coverage": _of_hundred(metrics.coverage_percent),
        "maintainability": _of_hundred(metrics.maintainability_mean),
        "docstrings": _of_hundred(metrics.docstring_percent),
        "complexity": _simplicity(metrics.complexity_mean),
        "findings": _cleanness(metrics),
        "types": _of_hundred(metrics.typed_percent),
    }
    return {name: round(WEIGHTS[name] * min(max(share, 0.0), 1.0), 2) for name, share in shares.items()}


def score(metrics: Metrics) -> float:
    """The sum of the parts, capped where no test ran."""
    total = sum(score_parts(metrics).values())
    if not metrics.tests_passed:
        total = min(total, CAP_WITHOUT_TESTS)
    return round(min(total, 100.0), 1)


def _passing(metrics: Metrics) -> float:
    """Passed share of the tests that passed or failed."""
    if metrics.tests_passed is None or metrics.tests_failed is None:
        return 0.0
    ran = metrics.tests_passed + metrics.tests_failed
    return metrics.tests_passed / ran if ran else 0.0


def _of_hundred(value: float | None) -> float:
    return (value or 0.0) / 100


def _simplicity(mean: float | None) -> float:
    """1 at a mean cyclomatic number of 2 or less, 0 at 12 or more."""
    return 0.0 if mean is None else (_TANGLED - mean) / (_TANGLED - _SIMPLE)


def _cleanness(metrics: Metrics) -> float:
    """1 without findings, a half at one finding per thousand lines."""
    if metrics.findings is None:
        return 0.0
    thousands = max(metrics.python_lines, 1000) / 1000
    return 1 / (1 + metrics.findings / thousands)
