"""Which files GitHub Actions runs: workflows, and the definitions of actions."""

from __future__ import annotations

import re

_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_ACTION = re.compile(r"(.*/)?action\.ya?ml")


def is_workflow_file(path: str) -> bool:
    """Whether a POSIX path in a repository is a workflow, or the definition of an action."""
    return bool(_WORKFLOW.fullmatch(path) or _ACTION.fullmatch(path))
