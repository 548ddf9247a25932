"""No task of the sample that is resolved at the base is lost. Evidence: evidence/sample.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.reports import by_level, judged, silence
from tdev.policy.model import Policy

NAME = "sample-resolved"
TOOL = "sample"
LOST, GAINED = "sample-lost", "sample-gained"


def sample_resolved(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every instance that is resolved at the base is resolved at the head."""
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=True)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    rules = [finding.rule for finding in report.findings]
    now = report.examined - len(rules) + rules.count(GAINED)
    before = now - rules.count(GAINED) + rules.count(LOST)
    looked = f"{before} of {report.examined} instances resolved before, {now} now"
    return judged(NAME, by_level(report.findings, Severity.ERROR), looked, policy)
