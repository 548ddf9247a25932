"""The change adds no block that the tree has already. Evidence: core/duplicates.py; what was moved is no copy.

A build's code comes from a blueprint, which writes a module for each noun in the same form: its copies are remarks.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.quality.programs import unexamined
from tdev.gates.reports import by_level, judged, silence, switched_off
from tdev.policy.model import Policy

NAME = "duplication"
TOOL = "duplicates"


def duplication(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No added block of lines stands elsewhere in the tree."""
    least = policy.gates.quality.duplicate_lines
    if not least:
        return switched_off(NAME, "quality")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if not report.examined:
        return unexamined(NAME, report)
    looked = f"{report.examined} files compared, blocks of {least} lines and more"
    block = Severity.ERROR if evaluation.kind is GoalKind.BUILD else Severity.WARNING
    return judged(NAME, by_level(report.findings, block), looked, policy)
