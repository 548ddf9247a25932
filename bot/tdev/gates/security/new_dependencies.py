"""Packages that a change brings for the first time are what somebody meant to bring. Evidence: tools/packages.py.

The report is about the change alone. Only the waiver of an index that can't be reached, and waivers of findings, hold.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.reports import by_level, judged, switched_off
from tdev.policy.model import Policy

NAME = "new-dependencies"
TOOL = "packages"
UNREACHABLE = "the package index can't be reached"
"""How the reason of a report starts that the waiver `dependencies-unreachable` is about."""


def new_dependencies(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Packages that the change brings are old enough, known by their own names, and run nothing when installed."""
    return of_packages(NAME, evaluation, policy, patch)


def of_packages(name: str, evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The verdict over the findings of one name in the report on packages."""
    if not policy.gates.security.new_dependencies.check:
        return switched_off(name, "security")
    if patch.empty:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no dependency changed between base and head")
    report = evaluation.after.report(TOOL)
    if report is None:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=f"no report from {TOOL}")
    own = (finding for finding in report.findings if finding.tool == name)
    found = by_level(own, policy.gates.security.block)
    verdict = judged(name, found, f"{report.examined} packages examined", policy)
    if not verdict.outcome.lets_through:
        return verdict
    if not report.ok:
        return _unreported(name, report.reason or f"{TOOL} failed without a reason", policy)
    if report.examined:
        return verdict
    if not report.reason:
        return Verdict(name=name, outcome=Outcome.ERROR, reason=f"{TOOL} does not say what it compared")
    return Verdict(name=name, outcome=Outcome.SKIPPED, reason=report.reason)


def _unreported(name: str, reason: str, policy: Policy) -> Verdict:
    waiver = policy.waiver("dependencies-unreachable")
    if waiver is not None and reason.startswith(UNREACHABLE):
        return Verdict(name=name, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}")
    return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)
