"""The fail-to-pass proof: tests that a change adds or alters are run on the base's code, where they ought to fail.

Comes in: a Change whose tests have run on both sides. Goes out: a report that has looked at each new or altered test,
with a finding for each that passes without the change. What fails, can't be imported, hangs or ends the interpreter
there is proof; a test that is skipped there, or that the run does not know, is neither.
"""

from __future__ import annotations

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.code_paths import is_own_code
from tdev.core.fingerprint import fingerprint
from tdev.core.test_record import NO_TESTS
from tdev.evidence.new_tests import base_with_new_tests, new_tests, run_chosen
from tdev.evidence.subject import AFTER, Change
from tdev.gates.tests.behaviour import RECIPES
from tdev.policy.tests_gate import Proof
from tdev.tools.pytest import Choice

NAME = "proof"
PASSES, UNDECIDED = "passes-on-base", "undecided-on-base"
REMEDY = "Let it assert what is different now: without the change it has to fail."

_NO_CONFTEST = "pytest could not start: ImportError while loading conftest"
"""The base lacks what the head's conftest.py imports: no test can be run without the change."""
_LEAST_SECONDS = 30.0
_TIMES_LONGER = 5.0


def wanted(run: RunDir) -> bool:
    """Asked for by the policy; not of a build, before which there was nothing, nor of recipes."""
    goal = run.goal
    return run.policy.gates.tests.proof is not Proof.OFF and goal.kind is not GoalKind.BUILD and goal.engine != RECIPES


def proof(change: Change) -> ToolReport:
    """How the new and altered tests end on the base's code; raises TransientError when they can't be run there."""
    head = change.tests(AFTER)
    if not any(is_own_code(file.path) for file in change.patch.files):
        return ToolReport(tool=NAME, ok=True, reason="no code of the project's own changed")
    if not head.ok:
        return ToolReport(tool=NAME, ok=False, reason=f"the tests have no result: {head.reason}")
    chosen = tuple(test for test in new_tests(change) if head.outcomes[test] is TestOutcome.PASSED)
    if not chosen:
        return ToolReport(tool=NAME, ok=True, reason="no test that passes was added or altered")
    return judged(chosen, run_chosen(change, base_with_new_tests(change), Choice(chosen), _longest(change, head)))


def judged(chosen: tuple[str, ...], base: TestRun) -> ToolReport:
    """The report on the chosen tests from their run on the base's code; sets of parameters count as one test."""
    ended = next((test for test in chosen if _ended_in(test, base.reason)), "")
    if not base.ok and not ended and not base.reason.startswith((NO_TESTS, _NO_CONFTEST)):
        return ToolReport(tool=NAME, ok=False, reason=f"on the base's code: {base.reason}")
    rules: dict[str, set[str]] = {}
    for test in chosen:
        rule = "" if test == ended or base.reason.startswith(_NO_CONFTEST) else _rule(test, base)
        rules.setdefault(test.partition("[")[0], set()).add(rule)
    findings = (_finding(test, max(broken)) for test, broken in sorted(rules.items()) if "" not in broken)
    return ToolReport(tool=NAME, ok=True, examined=len(rules), findings=tuple(findings))


def _rule(test: str, base: TestRun) -> str:
    """The rule that a test breaks; empty where it, or the import of its file, fails."""
    if base.outcomes.get(test) is TestOutcome.PASSED:
        return PASSES
    outcome = base.outcomes.get(test) or base.outcomes.get(test.partition("::")[0])
    return "" if outcome is not None and outcome.bad else UNDECIDED


def _ended_in(test: str, reason: str) -> bool:
    """True where the run was stopped, or the interpreter ended, in this test."""
    running = f"while running {test}"
    return reason.endswith(running) or f"{running})" in reason


def _finding(test: str, rule: str) -> Finding:
    path, _, name = test.partition("::")
    said = "passes without the change" if rule == PASSES else "has no outcome without the change"
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.NOTE,
        message=f"{test} {said}: this test does not test the change",
        path=path,
        symbol=name,
        remedy=REMEDY,
        fingerprint=fingerprint(NAME, rule, path, name),
    )


def _longest(change: Change, head: TestRun) -> float:
    """Seconds: what the whole suite took at the head and some; a test that hangs there is soon stopped."""
    return min(change.run.policy.limits.test_seconds, max(_LEAST_SECONDS, _TIMES_LONGER * head.seconds))
