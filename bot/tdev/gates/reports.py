"""From a program's report to a verdict: is it evidence, what in it blocks, and what does the policy waive.

Used by every check that rests on an outside program. A report that is missing, failed or looked
at nothing is never taken for an empty list of findings. A waived finding stays in the verdict as a remark, and the
waiver's reason is part of the verdict's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.baseline import Sorted, at_least
from tdev.policy.model import Policy
from tdev.policy.waiver import Waiver


def silence(tool: str, report: ToolReport | None, must_look: bool) -> str:
    """Why a report is no evidence; empty when it is."""
    if report is None:
        return f"no report from {tool}"
    if not report.ok:
        return report.reason or f"{tool} failed without a reason"
    if must_look and report.examined == 0:
        return f"{tool} examined nothing although the change has files for it"
    return ""


def by_level(findings: Iterable[Finding], block: Severity) -> Sorted:
    """Findings that are about the change alone: their level decides."""
    listed = tuple(findings)
    return Sorted(
        tuple(finding for finding in listed if at_least(finding.severity, block)),
        tuple(finding for finding in listed if not at_least(finding.severity, block)),
    )


def judged(name: str, found: Sorted, looked: str, policy: Policy) -> Verdict:
    """Fail when something blocks that policy does not waive by the name `<tool>:<rule>`."""
    waived = tuple(finding for finding in found.blocking if _waiver(finding, policy))
    blocking = tuple(finding for finding in found.blocking if finding not in waived)
    remarks = found.remarks + waived
    if blocking:
        rules = _counted(finding.rule for finding in blocking)
        reason = f"{len(blocking)} new findings: {rules}; {looked}"
        return Verdict(name=name, outcome=Outcome.FAIL, reason=reason, findings=blocking, remarks=remarks)
    if waived:
        reasons = sorted({_waiver_reason(finding, policy) for finding in waived})
        reason = f"{len(waived)} findings waived: {'; '.join(reasons)}; {looked}"
        return Verdict(name=name, outcome=Outcome.WAIVED, reason=reason, remarks=remarks)
    return Verdict(name=name, outcome=Outcome.PASS, reason=f"nothing new found; {looked}", remarks=remarks)


def switched_off(name: str, gate: str) -> Verdict:
    """What is said of a check that the policy does not ask for."""
    return Verdict(name=name, outcome=Outcome.SKIPPED, reason=f"switched off in the policy's gates.{gate}")


def _waiver(finding: Finding, policy: Policy) -> Waiver | None:
    return policy.waiver(f"{finding.tool}:{finding.rule}", finding.path)


def _waiver_reason(finding: Finding, policy: Policy) -> str:
    waiver = _waiver(finding, policy)
    if waiver is None:
        return finding.rule
    until = f", until {waiver.expires}" if waiver.expires else ""
    people = f" ({waiver.owner}, approved by {waiver.approved_by}{until})" if waiver.owner else ""
    return f"{finding.rule}: {waiver.reason}{people}"


def _counted(rules: Iterable[str]) -> str:
    """`a, b x2`."""
    listed: Sequence[str] = sorted(rules)
    names = dict.fromkeys(listed)
    return ", ".join(f"{name} x{listed.count(name)}" if listed.count(name) > 1 else name for name in names)
