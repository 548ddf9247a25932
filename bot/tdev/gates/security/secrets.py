"""No credential in any commit of the change. Evidence: tools/secrets.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.reports import by_level, judged, silence, switched_off
from tdev.policy.model import Policy

NAME = TOOL = "secrets"


def secrets(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No credential in any commit of the change."""
    if not policy.gates.security.secrets:
        return switched_off(NAME, "security")
    if patch.empty:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="there is no commit to search")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=True)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    found = by_level(report.findings, policy.gates.security.block)
    return judged(NAME, found, f"{report.examined} files and commit messages examined", policy)
