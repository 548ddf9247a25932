"""Which files of a change lie outside what its plan names. Nothing is run: patch and plan say it."""

from __future__ import annotations

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.plan import Plan
from tdev.core.fingerprint import fingerprint
from tdev.core.focus import named_places, outside
from tdev.evidence.subject import Change

NAME = "focus"
RULE = "outside-the-plan"


def focus(change: Change) -> ToolReport:
    """A note for each changed file that no task of the plan is about; `examined` is the number of changed files."""
    paths = [file.path for file in change.patch.files]
    if not paths:
        return ToolReport(tool=NAME, ok=True, reason="nothing was changed")
    places = named_places(change.run.read(Plan).tasks) if change.run.has(Plan) else ()
    findings = tuple(_finding(path) for path in outside(paths, places))
    return ToolReport(tool=NAME, ok=True, examined=len(paths), findings=findings)


def _finding(path: str) -> Finding:
    return Finding(
        tool=NAME,
        rule=RULE,
        severity=Severity.NOTE,
        message=f"No task of the plan is about {path}",
        path=path,
        remedy="Leave it for a change of its own, or say in the request that it belongs to it.",
        fingerprint=fingerprint(NAME, RULE, path),
    )
