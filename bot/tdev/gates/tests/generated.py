"""Generated tests that add something to the project's own. Advisory: told as remarks, and never stops a change.

Evidence: evidence/generated.py. Where it gave none, that is said and nothing more: no other check rests on it.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.generated_tests import CHECK
from tdev.gates.reports import silence
from tdev.policy.model import Policy

NAME = TOOL = CHECK


def asked(evaluation: Evaluation) -> bool:
    """True where the policy asked for some."""
    return evaluation.after.report(TOOL) is not None


def generated_tests(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """What tests a program would add."""
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=f"advisory, and there is none: {silent}")
    if not report.examined:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=report.reason or "no module was looked at")
    told = f"; {report.reason}" if report.reason else ""
    reason = f"{len(report.findings)} of {report.examined} changed modules gain by generated tests{told}"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=report.findings)
