"""ruff's look at a commit, under the settings of the base where it configures ruff.

What the change hides with a comment of its own is found too (evidence/unsilenced.py).
"""

from __future__ import annotations

from pathlib import Path

from tdev.core.artifacts.finding import ToolReport
from tdev.evidence.base_settings import settled
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Commit
from tdev.evidence.unsilenced import both, unsilenced
from tdev.tools import ruff_check
from tdev.tools.ruff_check import NAME

NOT_CONFIGURED = "the project does not configure ruff"


def lint(commit: Commit) -> ToolReport:
    """What ruff says of the commit's Python files; it looks at nothing where it is not configured."""
    run = commit.run
    found = settled(commit, ruff_check.holds_settings, ruff_check.is_configured_by)
    if not found.settings:
        return ToolReport(tool=NAME, ok=True, reason=NOT_CONFIGURED)
    bare = unsilenced(commit, found.files)

    def look(folder: Path) -> ToolReport:
        return ruff_check.check(run.settings, folder, found.files, run.policy.limits.tool_seconds)

    def ask() -> ToolReport:
        as_is = look(found.placed(commit, NAME))
        if not bare.files:
            return as_is
        return both(as_is, lambda: look(bare.placed(found.copied(commit, f"{NAME}-unsilenced"))))

    return kept(run, key_of(run, NAME, found.key, bare.key), ToolReport, lambda report: report.ok, ask)
