"""The whole is covered no less than before.

The share alone would punish removing well-tested code: the whole is worse only when more lines than before are missed.
"""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation, TestRun
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.policy.model import Policy

NAME = "coverage"


def coverage(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The whole's coverage is no lower than the base's, or no more lines are missed than before."""
    before, after = evaluation.before.metrics.coverage_percent, evaluation.after.metrics.coverage_percent
    if before is None:
        reason = "the base has no coverage to compare with"
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason=reason)
    if after is None:
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=f"it was {before:.1f} % and is not measured now")
    more = _missing(evaluation.after.tests) - _missing(evaluation.before.tests)
    reason = f"{before:.1f} % before, {after:.1f} % now"
    if after < before - policy.gates.tests.coverage_drop and more > 0:
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=f"{reason}; {more} more lines are never run")
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason)


def _missing(tests: TestRun) -> int:
    return sum(len(lines) for lines in tests.missing_lines.values())
