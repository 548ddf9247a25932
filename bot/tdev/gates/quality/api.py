"""Those who import the project's packages can go on as they did, or the version says otherwise. Evidence: griffe."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.publication import RAISED
from tdev.gates.baseline import Sorted
from tdev.gates.quality.programs import unexamined
from tdev.gates.reports import by_level, judged, silence, switched_off
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Answer

NAME = "api"
TOOL = "griffe"


def api(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No break in the public interface of a published package without a version that allows it."""
    answer = policy.gates.quality.api
    if answer is Answer.OFF:
        return switched_off(NAME, "quality")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if not report.examined:
        return unexamined(NAME, report)
    looked = f"{report.examined} public objects compared"
    found = by_level(report.findings, Severity.WARNING)
    room = next((finding for finding in report.findings if finding.rule == RAISED), None)
    if room is not None:
        looked = f"{looked}; {room.message}"
    if room is not None or answer is Answer.WARN:
        found = Sorted((), found.blocking + found.remarks)
    if found.blocking or not found.remarks:
        return judged(NAME, found, looked, policy)
    reason = f"{len(found.remarks)} differences are shown and hold nothing up; {looked}"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=found.remarks)
