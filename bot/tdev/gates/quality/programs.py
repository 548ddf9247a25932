"""What a program said of base and head, as a check: new findings block, or in absolute mode all of them.

Used by checks whose program looks at whole trees. A report that looked at nothing and says why (the project does not
configure the program) is SKIPPED; one that is missing or failed is an ERROR. Old findings are remarks where they are in
a file that the change touches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.baseline import ALL_LINES, Sorted, new_findings
from tdev.gates.reports import by_level, judged, silence
from tdev.policy.model import Policy
from tdev.policy.quality_gate import Mode


class Comparison(NamedTuple):
    """How base and head are held against each other."""

    name: str
    """The check."""
    tool: str
    """The program, as in its reports."""
    looked: str = "files examined"
    """What it counts."""
    anywhere: bool = False
    """Whether a new finding blocks on lines that did not change too, where there are more than before."""


def compared(how: Comparison, evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The check's verdict."""
    report = evaluation.after.report(how.tool)
    silent = silence(how.tool, report, must_look=False)
    if report is None or silent:
        return Verdict(name=how.name, outcome=Outcome.ERROR, reason=silent)
    if not report.examined:
        return unexamined(how.name, report)
    old = evaluation.before.report(how.tool)
    before = old.findings if old is not None and old.ok else ()
    said = f"{report.examined} {how.looked}"
    if policy.gates.quality.mode is Mode.ABSOLUTE:
        return judged(how.name, by_level(report.findings, Severity.WARNING), said, policy)
    if old is not None and not old.ok:
        said += f"; the base has no result, so every finding on changed lines counts as new: {old.reason}"
    more = weighty(report.findings) > weighty(before)
    lines = _everywhere(report.findings) if how.anywhere and more else touched(evaluation, patch)
    found = _not_moved(new_findings(before, report.findings, lines, Severity.WARNING), before, report.findings, patch)
    paths = {path for file in patch.files for path in (file.path, file.old_path)}
    remarks = tuple(finding for finding in found.remarks if finding.path in paths)
    return judged(how.name, Sorted(found.blocking, remarks), said, policy)


def unexamined(name: str, report: ToolReport) -> Verdict:
    """What is said of a report that looked at nothing: SKIPPED where it says why, else an ERROR."""
    if report.reason and not report.findings:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason=report.reason)
    return Verdict(name=name, outcome=Outcome.ERROR, reason=f"{report.tool} examined nothing and does not say why")


def touched(evaluation: Evaluation, patch: Patch) -> Mapping[str, tuple[int, ...]]:
    """Changed lines by path; a file with new content that git takes for a binary one counts whole."""
    hidden = (
        file.path
        for file in patch.files
        if file.status != "D" and (file.binary or file.added) and file.path not in evaluation.changed_lines
    )
    return {**evaluation.changed_lines, **dict.fromkeys(hidden, ALL_LINES)}


def weighty(findings: Iterable[Finding]) -> int:
    """How many findings are more than notes."""
    return sum(finding.severity is not Severity.NOTE for finding in findings)


def _everywhere(findings: Iterable[Finding]) -> Mapping[str, tuple[int, ...]]:
    return {finding.path: ALL_LINES for finding in findings}


def _not_moved(found: Sorted, before: Iterable[Finding], after: Iterable[Finding], patch: Patch) -> Sorted:
    """Without what a file only took along to its new name."""
    renamed = {file.path: file.old_path for file in patch.files if file.status == "R"}
    gone = Counter(_said(finding, finding.path) for finding in before)
    gone.subtract(Counter(_said(finding, finding.path) for finding in after))
    moved = []
    for finding in found.blocking:
        key = _said(finding, renamed.get(finding.path, ""))
        if gone[key] > 0:
            gone[key] -= 1
            moved.append(finding)
    blocking = tuple(finding for finding in found.blocking if finding not in moved)
    return Sorted(blocking, found.remarks + tuple(moved))


def _said(finding: Finding, path: str) -> tuple[str, str, str]:
    return path, finding.rule, finding.message
