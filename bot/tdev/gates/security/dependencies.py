"""No dependency that the change brings has a known vulnerability. Evidence: tools/dependencies.py.

The report is about the change alone, so there is no base to compare with. The policy may waive a vulnerability service
that can't be reached, and findings by rule; nothing else.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import ToolReport
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.reports import by_level, judged, switched_off
from tdev.policy.model import Policy

NAME = TOOL = "dependencies"
UNREACHABLE = "the vulnerability service can't be reached"
"""How the reason of a dependency report starts that the waiver `dependencies-unreachable` is about."""


def dependencies(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No dependency that the change brings has a known vulnerability."""
    if not policy.gates.security.dependencies:
        return switched_off(NAME, "security")
    if patch.empty:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no dependency changed between base and head")
    report = evaluation.after.report(TOOL)
    if report is None:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=f"no report from {TOOL}")
    found = by_level(report.findings, policy.gates.security.block)
    verdict = judged(NAME, found, f"{report.examined} dependencies examined", policy)
    if not verdict.outcome.lets_through:
        return verdict
    if not report.ok:
        return _unreported(report, policy)
    if report.examined or found.remarks:
        return verdict
    if not report.reason:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=f"{TOOL} does not say what it compared")
    return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=report.reason)


def _unreported(report: ToolReport, policy: Policy) -> Verdict:
    """What is said when the dependencies could not be looked up."""
    waiver = policy.waiver("dependencies-unreachable")
    reason = report.reason or "no reason was given"
    if waiver is not None and reason.startswith(UNREACHABLE):
        return Verdict(name=NAME, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}")
    return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
