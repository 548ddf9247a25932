"""The patch guard, as far as it is about harm: paths, binaries, credentials, hidden characters and the like."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.guarded import SCOPE, TESTS, guarded
from tdev.policy.model import Policy

NAME = "guard"


def guard(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """What the guard says, without its words on the scope and on tests, which have checks of their own."""
    return guarded(NAME, evaluation, patch, lambda rule: rule not in (SCOPE, TESTS))
