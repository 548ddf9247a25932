"""What a verdict is worth for a case, and what all outcomes come to."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tests.corpus import results
from tests.corpus.case import Case
from tests.corpus.judged import BROKEN, CAUGHT, FALSE_ALARM, MISSED, RIGHT, Ended, compare

BAD = Case("vulnerable/x.bad", "desk", "fail", "xss", "desk/x.py", "Markup", "CWE-79", ())
CLEAN = Case("vulnerable/x.clean", "desk", "pass", "xss", "", "", "CWE-79", ())


def verdict(gate: str, check: str, outcome: Outcome, *places: str) -> Verdict:
    findings = tuple(
        Finding(tool="t", rule="r", severity=Severity.ERROR, message="m", path=path, fingerprint=path)
        for path in places
    )
    one = Verdict(name=check, outcome=outcome, reason="because", findings=findings)
    return Verdict.of("gates", (Verdict.of(gate, (one,)),))


@pytest.mark.parametrize(
    ("given", "worth"),
    [
        (verdict("security", "static-analysis", Outcome.FAIL, "desk/x.py"), CAUGHT),
        (verdict("security", "static-analysis", Outcome.FAIL, "desk/other.py"), MISSED),
        (verdict("security", "secrets", Outcome.FAIL, "desk/x.py"), MISSED),
        (verdict("tests", "static-analysis", Outcome.FAIL, "desk/x.py"), MISSED),
        (verdict("security", "static-analysis", Outcome.ERROR), MISSED),
        (verdict("security", "static-analysis", Outcome.REVIEW), MISSED),
        (verdict("security", "static-analysis", Outcome.PASS), MISSED),
    ],
)
def test_a_bad_case(given: Verdict, worth: str) -> None:
    assert compare(BAD, given) == worth


@pytest.mark.parametrize("outcome", Outcome)
def test_a_clean_case(outcome: Outcome) -> None:
    expected = RIGHT if outcome.lets_through else FALSE_ALARM
    assert compare(CLEAN, verdict("quality", "lint", outcome)) == expected


def ended(case: str, outcome: str) -> Ended:
    return Ended(case, "xss", outcome, (), 1.0)


def test_figures() -> None:
    outcomes = [ended("v/a.bad", CAUGHT), ended("v/b.bad", MISSED), ended("v/c.bad", CAUGHT), ended("v/d.bad", BROKEN)]
    outcomes += [ended("v/a.clean", RIGHT), ended("v/b.clean", FALSE_ALARM), ended("v/c.clean", BROKEN)]
    found = results.figures(outcomes)
    assert (found["cases"], found["recall"]) == (7, 0.5)
    assert found["false_positive_rate"] == pytest.approx(2 / 3)
    assert results.rows(outcomes) == [("v", "xss", "7", "2", "1", "3", "1", "2")]
    assert results.figures([]) == {}
