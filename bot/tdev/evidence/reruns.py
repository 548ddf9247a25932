"""Tests run again, in fresh processes and in random order: what passes once and fails once is flaky.

Comes in: a Change whose tests have run on both sides. Goes out: a report that has looked at each test that fails now
and did not at the base, and at each that is new or altered. A test that was there before is also run again on the base:
where it fails there as well, the change is not what made it flaky. Seeds stand in the findings, so that an order can be
had again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.fingerprint import fingerprint
from tdev.evidence.kept import kept, key_of
from tdev.evidence.new_tests import is_python_test, new_tests, run_chosen
from tdev.evidence.subject import AFTER, BEFORE, TESTS, Change
from tdev.evidence.tests_of import Bench, bench_for
from tdev.gates.tests.behaviour import RECIPES
from tdev.tools.pytest import Choice

NAME = "reruns"
FLAKY_NEW, FLAKY_NOW, FLAKY_BEFORE = "flaky-new", "flaky-now", "flaky-before"
ROUNDS = 3
MOST_TESTS = 200
"""More than these are not run again: then it is no matter of chance."""

MOST_SECONDS = 120.0
"""No further round begins after this."""

_SAID = {
    FLAKY_NEW: "is new or altered, and passes or fails by chance",
    FLAKY_NOW: "passed before, and passes or fails by chance now",
    FLAKY_BEFORE: "passes or fails by chance, at the base too",
}
_REMEDY = "Take away what changes from run to run: time, order, shared state, random numbers, the network."


@dataclass(frozen=True)
class Tries:
    """How one test ended, run after run."""

    test: str
    outcomes: tuple[tuple[str, TestOutcome], ...]
    """What was run, and the outcome."""

    @property
    def flaky(self) -> bool:
        """True when it passed at least once and failed at least once."""
        return self.failed and any(outcome is TestOutcome.PASSED for _, outcome in self.outcomes)

    @property
    def failed(self) -> bool:
        """True when it failed at least once."""
        return any(outcome.bad for _, outcome in self.outcomes)

    @property
    def told(self) -> str:
        """Each run and its outcome, for people."""
        return ", ".join(f"{outcome.value} {where}" for where, outcome in self.outcomes)


def wanted(run: RunDir) -> bool:
    """Asked for by the policy."""
    return run.policy.gates.tests.reruns


def reruns(change: Change) -> ToolReport:
    """Which tests pass or fail by chance; what is found is not kept, so that chance gets another chance.

    Raises TransientError when an environment can't be made.
    """
    if change.anew:
        return _look(change)
    key = key_of(change.run, NAME, change.before.sha, change.after.sha, change.run.goal.engine)
    return kept(change.run, key, ToolReport, lambda report: report.ok and not report.findings, lambda: _look(change))


def seeds(change: Change) -> tuple[int, ...]:
    """A seed for each round: the same for the same commits."""
    digest = hashlib.sha256(f"{change.before.sha} {change.after.sha}".encode()).digest()
    return tuple(int.from_bytes(digest[4 * number : 4 * number + 4], "big") | 1 for number in range(ROUNDS))


def _look(change: Change) -> ToolReport:
    before, after = change.tests(BEFORE), change.tests(AFTER)
    if not after.ok:
        return ToolReport(tool=NAME, ok=False, reason=f"the tests have no result: {after.reason}")
    # the recipe for tests has tried its own with several seeds
    new = () if change.run.goal.engine == RECIPES else new_tests(change)
    failing = [test for test, outcome in after.outcomes.items() if outcome.bad and is_python_test(test)]
    failing = [test for test in failing if not _failed(test, before)]
    chosen = tuple(sorted({*failing, *(test for test in new if after.outcomes[test] is not TestOutcome.SKIPPED)}))
    if not chosen:
        return ToolReport(tool=NAME, ok=True, reason="no test is new, altered or fails for the first time")
    if len(chosen) > MOST_TESTS:
        reason = f"{len(chosen)} tests are too many to be run again; at most {MOST_TESTS} are"
        return ToolReport(tool=NAME, ok=True, reason=reason)
    rounds = _rounds(change, bench_for(change.after, TESTS), chosen)
    if bad := next((run.reason for run in rounds.values() if not run.ok), ""):
        return ToolReport(tool=NAME, ok=False, reason=f"when the tests were run again: {bad}")
    flaky = [tries for tries in _tries(chosen, {"with all others": after, **rounds}) if tries.flaky]
    old = tuple(tries.test for tries in flaky if tries.test in before.passed and tries.test not in new)
    at_base = {tries.test for tries in _at_base(change, old) if tries.failed}
    findings = tuple(_finding(tries, _rule(tries.test, old, at_base)) for tries in flaky)
    return ToolReport(tool=NAME, ok=True, examined=len(chosen), findings=findings)


def _failed(test: str, run: TestRun) -> bool:
    return test in run.outcomes and run.outcomes[test].bad


def _rounds(change: Change, bench: Bench, chosen: tuple[str, ...]) -> dict[str, TestRun]:
    """The runs by what they were, up to the first that gives no result, and no longer than there is time."""
    runs: dict[str, TestRun] = {}
    for seed in seeds(change):
        run = run_chosen(change, bench, Choice(chosen, seed), change.run.policy.limits.test_seconds)
        runs[f"with seed {seed}"] = run
        if not run.ok or sum(each.seconds for each in runs.values()) > MOST_SECONDS:
            break
    return runs


def _at_base(change: Change, chosen: tuple[str, ...]) -> Iterator[Tries]:
    """How tests that were there before end on the base, run again; those that could not be run have no outcome."""
    return _tries(chosen, _rounds(change, bench_for(change.before, NAME), chosen)) if chosen else iter(())


def _tries(chosen: tuple[str, ...], runs: dict[str, TestRun]) -> Iterator[Tries]:
    for test in chosen:
        yield Tries(test, tuple((how, run.outcomes[test]) for how, run in runs.items() if test in run.outcomes))


def _rule(test: str, old: tuple[str, ...], at_base: set[str]) -> str:
    if test not in old:
        return FLAKY_NEW
    return FLAKY_BEFORE if test in at_base else FLAKY_NOW


def _finding(tries: Tries, rule: str) -> Finding:
    path, _, name = tries.test.partition("::")
    return Finding(
        tool=NAME,
        rule=rule,
        severity=Severity.NOTE if rule == FLAKY_BEFORE else Severity.ERROR,
        message=f"{tries.test} {_SAID[rule]}: {tries.told}",
        path=path,
        symbol=name,
        remedy=_REMEDY,
        fingerprint=fingerprint(NAME, rule, path, name),
    )
