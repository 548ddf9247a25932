"""vulture's look at all Python files of a commit; its answer is kept until one of them changes."""

from __future__ import annotations

from tdev.core.artifacts.finding import ToolReport
from tdev.core.scan.paths import is_python_path
from tdev.evidence.kept import kept, key_of
from tdev.evidence.subject import Commit
from tdev.tools import vulture
from tdev.tools.vulture import NAME


def dead_code(commit: Commit) -> ToolReport:
    """What nothing reaches or uses in the commit's Python files."""
    run = commit.run
    files = {path: blob for path, blob in commit.files.items() if is_python_path(path) and _can_be_named(path)}
    key = key_of(run, NAME, *(f"{path} {blob}" for path, blob in sorted(files.items())))

    def ask() -> ToolReport:
        return vulture.unused(run.settings, commit.checkout, files, run.policy.limits.tool_seconds)

    return kept(run, key, ToolReport, lambda report: report.ok, ask)


def _can_be_named(path: str) -> bool:
    """Whether the path fits in a list of paths, one a line."""
    return "\n" not in path and "\ufffd" not in path
