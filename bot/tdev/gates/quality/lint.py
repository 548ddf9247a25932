"""No new finding of the rules that the project has chosen for itself. Evidence: tools/ruff_check.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.quality.programs import Comparison, compared
from tdev.gates.reports import switched_off
from tdev.policy.model import Policy

NAME = "lint"
TOOL = "ruff"
_HOW = Comparison(NAME, TOOL)


def lint(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No new finding of the rules that the project has chosen for itself, on changed lines."""
    if not policy.gates.quality.lint:
        return switched_off(NAME, "quality")
    return compared(_HOW, evaluation, policy, patch)
