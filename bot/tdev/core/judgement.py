"""Whether one attempt at a task is kept: a tree of reasons, what the next one is told, and what kind of failure it is.

stages/attempt.py builds the tree: size, write scope, patch guard, tests, in that order, and the first that says no
ends it. Tests are judged here: what passed before must still pass, and nothing new may fail. It is milder than the
gates: coverage, findings and quality are theirs, and a project whose tests never ran is let through here and stopped
there.
"""

from __future__ import annotations

from dataclasses import dataclass

from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.ranked_findings import few, told_of_tests
from tdev.core.same_failure import signature_of_tests, signature_of_text


@dataclass(frozen=True)
class Judgement:
    """Keep or roll back, with the reasons."""

    verdict: Verdict
    """The tree; of the attempt, or of one check of it."""
    failure: Failure | None = None
    """Row of the retry matrix; None when it is kept."""
    feedback: str = ""
    """What is told the next attempt."""
    signature: str = ""
    """Equal for two attempts that failed in the same way."""

    @property
    def keep(self) -> bool:
        """True when the change stays."""
        return self.verdict.outcome.lets_through

    @property
    def reason(self) -> str:
        """Why, in one sentence."""
        return self.verdict.reason


def passed(name: str, reason: str) -> Judgement:
    """A check that lets the change through."""
    return Judgement(Verdict(name=name, outcome=Outcome.PASS, reason=reason))


def failed(name: str, failure: Failure, reason: str, feedback: str = "", verdict: Verdict | None = None) -> Judgement:
    """A check that does not; `feedback` is its reason where none is given, `verdict` its own tree of reasons."""
    tree = verdict or Verdict(name=name, outcome=Outcome.FAIL, reason=reason)
    tree = tree.model_copy(update={"reason": reason})
    return Judgement(tree, failure, feedback or reason, signature_of_text(failure.value, feedback or reason))


def of_attempt(checks: tuple[Judgement, ...]) -> Judgement:
    """The judgement over an attempt's checks, of which only the last may say no; its sentence is the attempt's."""
    last = checks[-1]
    children = tuple(check.verdict for check in checks)
    verdict = Verdict(name="attempt", outcome=last.verdict.outcome, reason=last.reason, children=children)
    return Judgement(verdict, last.failure, last.feedback, last.signature)


def judge(before: TestRun, after: TestRun) -> Judgement:
    """Compare the tests before and after one attempt.

    A run that did not work is never taken for a pass: where tests ran before they must run after.
    """
    if not after.ok:
        if before.ok:
            late = after.reason.startswith("the tests were stopped after")
            failure = Failure.TIMEOUT if late else Failure.TESTS_FAILED
            return failed("tests", failure, f"the tests no longer run: {after.reason}")
        return passed("tests", f"no tests to compare ({after.reason}); the tests gate decides")
    lost = sorted(before.passed - after.passed)
    if lost:
        return _broken(f"{len(lost)} tests that passed before do not pass now", lost, before, after)
    known = {name for name, outcome in before.outcomes.items() if outcome is not TestOutcome.PASSED}
    new = sorted(name for name, outcome in after.outcomes.items() if outcome.bad and name not in known)
    if new:
        return _broken(f"{len(new)} new tests do not pass", new, before, after)
    return passed("tests", f"{len(after.passed)} tests pass, {len(before.passed)} passed before")


def _broken(what: str, names: list[str], before: TestRun, after: TestRun) -> Judgement:
    """Rolled back for these tests."""
    verdict = Verdict(name="tests", outcome=Outcome.FAIL, reason=f"{what}: {few(names)}")
    feedback = f"{what}:\n{told_of_tests(names, before, after)}"
    return Judgement(verdict, Failure.TESTS_FAILED, feedback, signature_of_tests(names, after.failures))
