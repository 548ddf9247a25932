"""Every changed Python file could be read, parsed and measured."""

from __future__ import annotations

from collections.abc import Iterable

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality.changed import python_files
from tdev.policy.model import Policy

NAME = "parses"

_MEASURING = ("scan", "radon")
_SYNTAX = "syntax-error"


def parses(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every changed Python file could be read, parsed and measured."""
    changed = python_files(evaluation)
    reports = {report.tool: report for report in evaluation.after.reports if report.tool in _MEASURING}
    silent = [tool for tool in _MEASURING if tool not in reports]
    silent += [f"{tool} ({report.reason})" for tool, report in reports.items() if not report.ok]
    if silent:
        reason = f"no result from {' and '.join(silent)}"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
    broken = [f for report in reports.values() for f in report.findings if f.rule == _SYNTAX]
    blocking = _one_per_path(finding for finding in broken if finding.path in changed)
    remarks = _one_per_path(finding for finding in broken if finding.path not in changed)
    if blocking:
        reason = f"{len(blocking)} changed files can't be parsed"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason, findings=blocking, remarks=remarks)
    reason = f"{len(changed)} changed Python files can be parsed"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=remarks)


def _one_per_path(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first finding of each file."""
    return tuple({finding.path: finding for finding in reversed(list(findings))}.values())
