"""A verdict as check runs: what GitHub can take, and no evidence never green."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tdev.core import checks
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict


def finding(number: int = 0, **facts: object) -> Finding:
    given = {"tool": "t", "rule": "r", "severity": "error", "message": f"m{number}", "path": "a.py", "fingerprint": "f"}
    return Finding.model_validate({**given, **facts})


def verdict(*gates: Verdict) -> Verdict:
    return Verdict.of("gates", gates)


def gate(name: str, outcome: Outcome = Outcome.PASS, *findings: Finding) -> Verdict:
    check = Verdict(name="check", outcome=outcome, reason="because", findings=findings)
    return Verdict(name=name, outcome=outcome, reason="because", children=(check,))


def test_one_check_run_per_gate_in_their_order() -> None:
    made = checks.check_runs(verdict(gate("quality"), gate("security", Outcome.WAIVED), gate("tests", Outcome.FAIL)))
    assert [(run.name, run.conclusion) for run in made] == [
        ("tdev/security", "success"),
        ("tdev/tests", "failure"),
        ("tdev/quality", "success"),
    ]
    assert "Waived by the policy" in made[0].summary and made[0].title.startswith("let through by a waiver")


def test_no_evidence_is_a_failure() -> None:
    made = checks.check_runs(verdict(gate("security", Outcome.ERROR)))
    assert [run.conclusion for run in made] == ["failure"] * 3
    assert all("no evidence" in run.title for run in made)
    assert all("no evidence" in run.summary for run in made)
    none = checks.without_evidence("the job was @lost")
    assert [run.conclusion for run in none] == ["failure"] * 3
    assert all("@lost" not in run.summary for run in none)


def test_findings_become_annotations_and_the_rest_is_told() -> None:
    listed = (
        finding(1, line=7, end_line=3),
        finding(2, path=""),
        finding(3, path="../b.py"),
        finding(4, severity=Severity.WARNING),
        finding(5, severity=Severity.NOTE),
    )
    made = checks.check_runs(verdict(gate("security", Outcome.FAIL, *listed)))[0]
    shown = [(each.start_line, each.end_line, each.annotation_level) for each in made.annotations]
    assert shown == [(7, 7, "failure"), (1, 1, "warning"), (1, 1, "notice")]
    assert "m2" in made.summary and "m3" in made.summary and "m1" not in made.summary


def test_batches_and_caps() -> None:
    many = tuple(finding(number) for number in range(checks.MOST_ANNOTATIONS + 120))
    made = checks.check_runs(verdict(gate("security", Outcome.FAIL, *many)))[0]
    assert len(made.annotations) == checks.MOST_ANNOTATIONS
    assert "and 70 more" in made.summary
    parts = checks.batches(made.annotations[:120])
    assert [len(part) for part in parts] == [50, 50, 20]
    assert checks.batches(()) == ((),)


def test_a_long_summary_is_cut_visibly() -> None:
    children = tuple(Verdict(name=f"c{n}", outcome=Outcome.FAIL, reason="x" * 600) for n in range(300))
    long = Verdict(name="security", outcome=Outcome.FAIL, reason="long", children=children)
    made = checks.check_runs(verdict(long))[0]
    assert len(made.summary) <= checks.MOST_TEXT and "Cut here" in made.summary


@given(st.text(), st.text(), st.text())
def test_whatever_a_tool_says_fits(message: str, path: str, reason: str) -> None:
    told = Verdict(
        name="security", outcome=Outcome.FAIL, reason=reason, findings=(finding(message=message, path=path),)
    )
    made = checks.check_runs(verdict(told))[0]
    assert 0 < len(made.title) <= 255
    assert len(made.summary) <= checks.MOST_TEXT
    for each in made.annotations:
        assert each.path and each.message and each.start_line >= 1
