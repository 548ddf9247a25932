"""What the patch guard says of tests that were weakened (core/weakened_tests)."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Verdict
from tdev.gates.guarded import TESTS, guarded
from tdev.policy.model import Policy

NAME = "tests-as-strict"


def tests_as_strict(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No test asserts less than it did."""
    return guarded(NAME, evaluation, patch, lambda rule: rule == TESTS)
