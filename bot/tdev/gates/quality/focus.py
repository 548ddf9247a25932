"""The change keeps to what its plan names, and is not too large to read. Evidence: evidence/quality/focus.py.

Advice, unless the policy makes it a bar.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.fingerprint import fingerprint
from tdev.gates.baseline import Sorted
from tdev.gates.quality.programs import unexamined
from tdev.gates.reports import judged, silence, switched_off
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Answer

NAME = TOOL = "focus"
LARGE = "large-change"


def focus(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Most of the change lies in files that the plan names, and it is not very large."""
    bars = policy.gates.quality
    if bars.focus is Answer.OFF:
        return switched_off(NAME, "quality")
    report = evaluation.after.report(TOOL)
    silent = silence(TOOL, report, must_look=False)
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    if not report.examined:
        return unexamined(NAME, report)
    lines = {file.path: file.added + file.removed for file in patch.files}
    total = sum(lines.values())
    astray = sum(lines.get(finding.path, 0) for finding in report.findings)
    share = 100 * astray / total if total else 0.0
    large = (_large(total, bars.change_lines),) if total > bars.change_lines else ()
    looked = f"{total} lines in {len(lines)} files, {share:.0f} % of them outside the files that the plan names"
    blocking = large + (report.findings if share > bars.focus_percent else ())
    if bars.focus is Answer.BLOCK and blocking:
        rest = tuple(finding for finding in report.findings if finding not in blocking)
        return judged(NAME, Sorted(blocking, rest), looked, policy)
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=looked, remarks=large + report.findings)


def _large(total: int, most: int) -> Finding:
    return Finding(
        tool=TOOL,
        rule=LARGE,
        severity=Severity.NOTE,
        message=f"{total} lines were added or removed; above {most} a change is hard to read",
        remedy="Cut it into changes that can each be read at once.",
        fingerprint=fingerprint(TOOL, LARGE),
    )
