"""A built service answers as its specification says. Evidence: tools/contract.py; builds alone."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.policy.model import Policy

NAME = "contract"


def contract(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """A built service answers as its specification says."""
    report = evaluation.contract
    if report is None:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason="the service was not tested against its contract")
    if not report.ok or report.examined == 0:
        reason = report.reason or "no operation was examined"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason, findings=report.findings)
    if report.findings:
        reason = f"{len(report.findings)} answers differ from the contract"
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=report.findings)
    reason = f"{report.examined} operations answer as the contract says"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason)
