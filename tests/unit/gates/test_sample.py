"""The optional gate over a sample of tasks."""

from __future__ import annotations

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.table import SAMPLE, decide
from tdev.policy.model import Gates, Policy

ASKED = Policy(gates=Gates(sample="sample.jsonl"))


def finding(rule: str, severity: Severity) -> Finding:
    return Finding(tool="sample", rule=rule, severity=severity, message="m", symbol="a-1", fingerprint=rule)


def judged(*reports: ToolReport) -> Verdict:
    side = measured(outcomes_of({"t": "passed"}))
    (verdict,) = SAMPLE.judge(evaluated(side, side.model_copy(update={"reports": reports})), ASKED, patch_of()).children
    return verdict


@pytest.mark.parametrize(
    ("findings", "outcome", "said"),
    [
        ((), Outcome.PASS, "5 of 5 instances resolved before, 5 now"),
        ((finding("sample-gained", Severity.NOTE),), Outcome.PASS, "4 of 5 instances resolved before, 5 now"),
        ((finding("sample-unresolved", Severity.NOTE),), Outcome.PASS, "4 of 5 instances resolved before, 4 now"),
        ((finding("sample-lost", Severity.ERROR),), Outcome.FAIL, "5 of 5 instances resolved before, 4 now"),
    ],
)
def test_what_was_resolved_must_stay_so(findings: tuple[Finding, ...], outcome: Outcome, said: str) -> None:
    verdict = judged(ToolReport(tool="sample", ok=True, examined=5, findings=findings))
    assert verdict.outcome is outcome and said in verdict.reason


@pytest.mark.parametrize(
    "reports",
    [(), (ToolReport(tool="sample", ok=False, reason="crashed"),), (ToolReport(tool="sample", ok=True, examined=0),)],
    ids=["no report", "failed", "looked at nothing"],
)
def test_no_evidence_is_an_error(reports: tuple[ToolReport, ...]) -> None:
    assert judged(*reports).outcome is Outcome.ERROR


def test_it_is_asked_only_where_the_policy_names_a_sample() -> None:
    side = measured(outcomes_of({"t": "passed"}))
    names = [child.name for child in decide(evaluated(side, side), Policy(), patch_of()).children]
    assert names == ["security", "tests", "quality"]
    names = [child.name for child in decide(evaluated(side, side), ASKED, patch_of()).children]
    assert names == ["security", "tests", "quality", "sample"]
