"""Workflow and action files that the change touches bring nothing dangerous. Evidence: evidence/workflows.py.

The report is about what the change brings alone, so there is no base to compare with. A file that can't be read blocks,
for nobody could look at it.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.workflow_paths import is_workflow_file
from tdev.gates.baseline import ALL_LINES, new_findings
from tdev.gates.reports import judged, silence, switched_off
from tdev.policy.model import Policy

NAME = "workflows"
TOOL = "zizmor"


def touches_workflows(evaluation: Evaluation) -> bool:
    """Whether the check concerns the change."""
    return any(is_workflow_file(path) for path in evaluation.paths)


def workflows(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Nothing dangerous is new in the workflow and action files that the change touches."""
    if not policy.gates.security.workflows:
        return switched_off(NAME, "security")
    kept = {file.path for file in patch.files if file.status != "D" and is_workflow_file(file.path)}
    if not kept:
        reason = "the change only removes workflow or action files"
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=reason)
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=True)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    lines = {**dict.fromkeys(kept - set(evaluation.changed_lines), ALL_LINES), **evaluation.changed_lines}
    found = new_findings((), report.findings, lines, policy.gates.security.block, altered=kept)
    return judged(NAME, found, f"{report.examined} files examined", policy)
