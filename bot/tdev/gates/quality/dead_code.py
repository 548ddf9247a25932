"""The change adds no code that nothing can reach, and no private name that nothing uses. Evidence: tools/vulture.py.

It also blocks where the change takes away the last use of a private name: then there is more of it than before.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.quality.programs import Comparison, compared
from tdev.gates.reports import switched_off
from tdev.policy.model import Policy

NAME = "dead-code"
TOOL = "vulture"
_HOW = Comparison(NAME, TOOL, anywhere=True)


def dead_code(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No new code that nothing can reach, and no new private name that nothing uses."""
    if not policy.gates.quality.dead_code:
        return switched_off(NAME, "quality")
    return compared(_HOW, evaluation, policy, patch)
