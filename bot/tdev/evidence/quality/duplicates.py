"""Blocks of lines that a change copies (core/duplicates.py): its look at the project's own code."""

from __future__ import annotations

from collections.abc import Iterable

from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.changed_lines import changed_lines
from tdev.core.code_paths import is_own_code
from tdev.core.duplicates import Copy, copies
from tdev.core.fingerprint import fingerprint
from tdev.evidence.subject import Change, Commit

NAME = "duplicates"
LARGEST = 1024 * 1024
"""Files of more bytes than this are made by a program and not compared."""


def duplicates(change: Change) -> ToolReport:
    """Added blocks that stand elsewhere in the head's own code; it looks at nothing where none of that changed."""
    patch = change.patch
    touched = {path for file in patch.files for path in (file.path, file.old_path) if path and is_own_code(path)}
    diff = change.after.git.line_diff(patch.base_sha, patch.head_sha)
    added = {path: lines for path, lines in changed_lines(diff).items() if path in touched and lines}
    if not added:
        return ToolReport(tool=NAME, ok=True, reason="no line of the project's own Python code was added")
    after = _texts(change.after, (path for path in change.after.files if is_own_code(path)))
    before = _texts(change.before, touched & set(change.before.files))
    found = copies(before, after, added, change.run.policy.gates.quality.duplicate_lines)
    return ToolReport(tool=NAME, ok=True, examined=max(len(after), 1), findings=tuple(_finding(one) for one in found))


def _texts(commit: Commit, paths: Iterable[str]) -> dict[str, str]:
    """Text by path of regular files of the commit."""
    files = ((path, commit.checkout / path) for path in paths)
    return {
        path: file.read_text("utf-8", "replace")
        for path, file in files
        if file.is_file() and file.stat().st_size <= LARGEST
    }


def _finding(copy: Copy) -> Finding:
    place = f"{copy.other}:{copy.other_first}"
    return Finding(
        tool=NAME,
        rule="copied-lines",
        severity=Severity.WARNING,
        message=f"{copy.lines} lines are a copy of those from {place} on",
        path=copy.path,
        line=copy.first,
        end_line=copy.last,
        remedy="Put them in one place that both use.",
        fingerprint=fingerprint(NAME, "copied-lines", copy.path, copy.other, str(copy.lines)),
    )
