"""Nothing has to be installed that the change does not use. Evidence: evidence/quality/unused_dependencies.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.manifests import is_dependency_file
from tdev.gates.baseline import Sorted
from tdev.gates.quality.changed import python_files
from tdev.gates.quality.programs import unexamined
from tdev.gates.reports import by_level, judged, silence, switched_off
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Answer

NAME = "unused-dependencies"
TOOL = "deptry"


def touches_dependencies(evaluation: Evaluation) -> bool:
    """Whether the change can leave a dependency unused: it touches a Python file, or one that names dependencies."""
    return bool(python_files(evaluation)) or any(is_dependency_file(path) for path in evaluation.paths)


def unused_dependencies(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No dependency that the change adds, or takes the last import of, is left without a use."""
    answer = policy.gates.quality.unused_dependencies
    if answer is Answer.OFF:
        return switched_off(NAME, "quality")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if not report.examined:
        return unexamined(NAME, report)
    looked = f"{report.examined} dependencies looked at"
    found = by_level(report.findings, Severity.WARNING)
    if answer is Answer.WARN:
        found = Sorted((), found.blocking + found.remarks)
    if found.blocking or not found.remarks:
        return judged(NAME, found, looked, policy)
    reason = f"{len(found.remarks)} dependencies that nothing imports are shown and hold nothing up; {looked}"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason, remarks=found.remarks)
