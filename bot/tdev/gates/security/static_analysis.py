"""Static analysis looked, and found nothing new on the lines that changed. Evidence: tools/semgrep.py.

Changed files that could not be analysed as a whole block, for a rule that could not look has not passed.
"""

from __future__ import annotations

from collections.abc import Mapping

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.baseline import ALL_LINES, Sorted, new_findings, on_changed_lines
from tdev.gates.reports import judged, silence, switched_off
from tdev.policy.model import Policy

NAME = "static-analysis"
TOOL = "semgrep"

_NOT_ANALYSED = "not-analysed"
_EXAMINABLE = (".py", ".pyi", "Dockerfile")


def static_analysis(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Static analysis looked, and found nothing new on the lines that changed."""
    if not policy.gates.security.semgrep:
        return switched_off(NAME, "security")
    report = evaluation.after.report(TOOL)
    kept = [file.path for file in patch.files if file.status != "D"]
    examinable = [path for path in kept if path.endswith(_EXAMINABLE)]
    silent = silence(TOOL, report, bool(examinable))
    if report is None or silent:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=silent)
    old = evaluation.before.report(TOOL)
    before = old.findings if old is not None and old.ok else ()
    altered = {file.path for file in patch.files if file.status == "M"}
    lines = _changed_lines(evaluation, patch)
    found = new_findings(before, report.findings, lines, policy.gates.security.block, altered)
    found = _with_unanalysed(found, lines)
    if not report.examined and not found.blocking:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="there is no file of a kind it analyses")
    compared = "" if old is not None and old.ok else "; the base has no report, so every finding counts as new"
    return judged(NAME, found, f"{report.examined} files examined{compared}", policy)


def _changed_lines(evaluation: Evaluation, patch: Patch) -> Mapping[str, tuple[int, ...]]:
    """The changed lines; files with new content that git takes for binaries (a setting can say so) count whole."""
    hidden = (
        file.path
        for file in patch.files
        if file.status != "D" and (file.binary or file.added) and file.path not in evaluation.changed_lines
    )
    return {**evaluation.changed_lines, **dict.fromkeys(hidden, ALL_LINES)}


def _with_unanalysed(found: Sorted, lines: Mapping[str, tuple[int, ...]]) -> Sorted:
    """Changed files that could not be analysed as a whole block, even where the base could not be analysed either."""
    hidden = tuple(
        finding
        for finding in found.remarks
        if finding.rule == _NOT_ANALYSED and finding.path in lines and on_changed_lines(finding, lines)
    )
    rest = tuple(finding for finding in found.remarks if finding not in hidden)
    return Sorted(found.blocking + hidden, rest)
