"""No test fails that did not fail before; old failures are remarks."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.tests.failing import failing
from tdev.policy.model import Policy

NAME = "no-new-failures"


def no_new_failures(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """No test fails that did not fail before; old failures are remarks."""
    before, after = evaluation.before.tests, evaluation.after.tests
    bad = [test for test, outcome in after.outcomes.items() if outcome.bad]
    known = {test for test in bad if test in before.outcomes and before.outcomes[test].bad}
    new = sorted(set(bad) - known - before.passed)
    remarks = tuple(failing(test, after, Severity.NOTE) for test in sorted(known))
    if new:
        findings = tuple(failing(test, after, Severity.ERROR) for test in new)
        reason = f"{len(new)} tests fail that did not fail before"
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=findings, remarks=remarks)
    if not after.outcomes:
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="no test has an outcome")
    if not after.ok:
        reason = f"the tests were not all run: {after.reason}"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason, remarks=remarks)
    old = f"; {len(known)} failed before already" if known else ""
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=f"no new failure{old}", remarks=remarks)
