"""No contract between modules is broken in a way that it was not before. Evidence: tools/import_linter.py."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.quality.programs import Comparison, compared
from tdev.gates.reports import switched_off
from tdev.policy.model import Policy

NAME = "architecture"
TOOL = "import-linter"
_HOW = Comparison(NAME, TOOL, looked="contracts checked", anywhere=True)


def architecture(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No contract between modules is broken by an import that it was not broken by before."""
    if not policy.gates.quality.architecture:
        return switched_off(NAME, "quality")
    return compared(_HOW, evaluation, policy, patch)
