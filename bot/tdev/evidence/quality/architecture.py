"""import-linter's look at a commit, under the contracts of the base where it has some."""

from __future__ import annotations

from tdev.core.artifacts.finding import ToolReport
from tdev.core.module_names import layout_of
from tdev.evidence.base_settings import Settled, settled
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Commit
from tdev.tools import import_linter
from tdev.tools.import_linter import FILES, NAME

NOT_CONFIGURED = "the project does not configure import-linter"


def architecture(commit: Commit) -> ToolReport:
    """Which of the project's contracts are broken; it looks at nothing where there are none."""
    places = [name if folder == "." else f"{folder}/{name}" for folder in (".", commit.folder) for name in FILES]
    found = settled(commit, lambda path: path in places, import_linter.is_configured_by)
    if not found.settings:
        return ToolReport(tool=NAME, ok=True, reason=NOT_CONFIGURED)
    file = next(place for place in places if place in found.settings)
    key = key_of(commit.run, NAME, found.key)
    return kept(commit.run, key, ToolReport, lambda report: report.ok, lambda: _asked(commit, found, file))


def _asked(commit: Commit, found: Settled, file: str) -> ToolReport:
    run = commit.run
    folder, layout = found.placed(commit, NAME), layout_of(found.files)
    return import_linter.contracts(run.settings, folder, file, layout, run.policy.limits.tool_seconds)
