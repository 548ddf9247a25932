"""The head's tests came to their end and at least one of them passed."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.metrics import tally
from tdev.core.test_record import NO_TESTS
from tdev.policy.model import Policy

NAME = "tests-ran"


def tests_ran(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The head's tests came to their end and at least one of them passed."""
    tests = evaluation.after.tests
    if tests.ok and tests.passed:
        return Verdict(name=NAME, outcome=Outcome.PASS, reason=f"{tally(tests)} in {tests.seconds:.1f} s")
    if tests.ok:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=f"no test passed: {tally(tests)}")
    if tests.reason.startswith(NO_TESTS):
        waiver = policy.waiver("no-tests")
        if waiver is not None:
            return Verdict(name=NAME, outcome=Outcome.WAIVED, reason=f"{NO_TESTS}; {waiver.reason}")
    return Verdict(name=NAME, outcome=Outcome.ERROR, reason=tests.reason)
