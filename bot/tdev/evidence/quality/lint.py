"""ruff's look at a commit, under the settings of the base where it configures ruff."""

from __future__ import annotations

from tdev.core.artifacts.finding import ToolReport
from tdev.evidence.base_settings import settled
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Commit
from tdev.tools import ruff_check
from tdev.tools.ruff_check import NAME

NOT_CONFIGURED = "the project does not configure ruff"


def lint(commit: Commit) -> ToolReport:
    """What ruff says of the commit's Python files; it looks at nothing where it is not configured."""
    run = commit.run
    found = settled(commit, ruff_check.holds_settings, ruff_check.is_configured_by)
    if not found.settings:
        return ToolReport(tool=NAME, ok=True, reason=NOT_CONFIGURED)

    def ask() -> ToolReport:
        seconds = run.policy.limits.tool_seconds
        return ruff_check.check(run.settings, found.placed(commit, NAME), found.files, seconds)

    return kept(run, key_of(run, NAME, found.key), ToolReport, lambda report: report.ok, ask)
