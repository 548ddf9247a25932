"""vulture's look at all Python files of a commit."""

from __future__ import annotations

from tdev.core.artifacts.finding import ToolReport
from tdev.core.scan.paths import is_python_path
from tdev.evidence.by_file import files_of
from tdev.evidence.subject import Commit
from tdev.tools import vulture


def dead_code(commit: Commit) -> ToolReport:
    """What nothing reaches or uses in the commit's Python files."""
    paths = {path for path in files_of(commit) if is_python_path(path) and "\n" not in path and "\ufffd" not in path}
    return vulture.unused(commit.run.settings, commit.checkout, paths, commit.run.policy.limits.tool_seconds)
