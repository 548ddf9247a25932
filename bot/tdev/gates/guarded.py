"""The patch guard's answer as a check of a gate: which of its rules are told where.

The guard was asked where the change was measured (evidence/guard_patch.py), and its verdict is evidence like any other:
a missing one is an ERROR. The rule about the scope is the security gate's own check, the one about tests is told by the
tests gate.
"""

from __future__ import annotations

from collections.abc import Callable

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.patch_guard import findings_of

SCOPE = "scope"
TESTS = "tests"


def guarded(name: str, evaluation: Evaluation, patch: Patch, wanted: Callable[[str], bool]) -> Verdict:
    """What the guard's wanted rules say of the change, as one check."""
    if patch.empty:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="there is no change to look at")
    if evaluation.guard is None:
        return Verdict(name=name, outcome=Outcome.ERROR, reason="the patch guard was not asked")
    whole = Verdict.of(name, tuple(rule for rule in evaluation.guard.children if wanted(rule.name)))
    return Verdict(
        name=name,
        outcome=whole.outcome,
        reason=whole.reason,
        findings=findings_of(whole),
        remarks=findings_of(whole, remarks=True),
    )
