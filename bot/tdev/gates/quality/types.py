"""No more errors of types than before, and none on lines that the change touches. Evidence: tools/mypy.py.

A change can break the types of code that it does not touch: where there are more errors than before, each new one
blocks, wherever it is.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.quality.programs import Comparison, compared
from tdev.gates.reports import switched_off
from tdev.policy.model import Policy

NAME = "types"
TOOL = "mypy"
_HOW = Comparison(NAME, TOOL, anywhere=True)


def types(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No more errors of types than before, and none on lines that the change touches."""
    if not policy.gates.quality.types:
        return switched_off(NAME, "quality")
    return compared(_HOW, evaluation, policy, patch)
