"""The tests gate: the tests ran, what passed still passes, changed lines are executed, coverage is no worse.

A test that passed at the base and is missing, skipped or failing now blocks, whatever its author says: that is what
keeps an engine from getting its way by weakening tests. Renamed test files are followed by git's renames.
Coverage is asked of the changed executable lines and, more gently, of the whole. What the patch guard says of weakened
tests (core/weakened_tests) is told here. Builds must also answer as their contract says. A run that is not `ok` is
never compared, it is an ERROR, save where the policy waives `no-tests` or `base-tests`. Rules, reasons and remedies for
users: docs/gates-tests.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tdev.core.artifacts.evaluation import Evaluation, TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.fingerprint import fingerprint
from tdev.core.metrics import tally
from tdev.core.test_record import NO_TESTS
from tdev.gates.coverage import changed_coverage, whole_coverage
from tdev.gates.guarded import TESTS, guarded
from tdev.policy.model import Policy

NAME = "tests"


def judge_tests(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """The verdict over all checks of the gate."""
    checks = [
        _ran(evaluation.after.tests, policy),
        _kept(evaluation, policy, patch),
        _new_failures(evaluation),
        changed_coverage(evaluation, policy),
        whole_coverage(evaluation, policy),
        guarded("tests-as-strict", evaluation, patch, lambda rule: rule == TESTS),
    ]
    if evaluation.kind is GoalKind.BUILD or evaluation.contract is not None:
        checks.append(_contract(evaluation))
    return Verdict.of(NAME, tuple(checks))


def _ran(tests: TestRun, policy: Policy) -> Verdict:
    """The head's tests came to their end and at least one of them passed."""
    if tests.ok and tests.passed:
        return Verdict(name="tests-ran", outcome=Outcome.PASS, reason=f"{tally(tests)} in {tests.seconds:.1f} s")
    if tests.ok:
        return Verdict(name="tests-ran", outcome=Outcome.ERROR, reason=f"no test passed: {tally(tests)}")
    if tests.reason.startswith(NO_TESTS):
        waiver = policy.waiver("no-tests")
        if waiver is not None:
            return Verdict(name="tests-ran", outcome=Outcome.WAIVED, reason=f"{NO_TESTS}; {waiver.reason}")
    return Verdict(name="tests-ran", outcome=Outcome.ERROR, reason=tests.reason)


def _kept(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every test that passed at the base passes at the head."""
    name = "tests-kept"
    before, after = evaluation.before.tests, evaluation.after.tests
    if not before.ok:
        return _no_base(name, before, policy)
    if not after.ok and before.passed:
        reason = f"{len(before.passed)} tests passed before; now there is no result: {after.reason}"
        return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)
    lost = sorted(before.passed - after.passed)
    moved = _moved(lost, after, patch)
    findings = tuple(_broken(test, after) for test in lost if test not in moved)
    renamed = f", {len(moved)} of them under a new path" if moved else ""
    if findings:
        reason = f"{len(findings)} of {len(before.passed)} tests that passed before do not pass now"
        return Verdict(name=name, outcome=Outcome.FAIL, reason=reason, findings=findings)
    reason = f"all {len(before.passed)} tests that passed before still pass{renamed}"
    return Verdict(name=name, outcome=Outcome.PASS, reason=reason)


def _no_base(name: str, before: TestRun, policy: Policy) -> Verdict:
    """What is said when the base has no test results."""
    if before.reason.startswith(NO_TESTS):
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="the base has no tests that could be lost")
    reason = f"the base's tests could not be run, so nothing can be compared: {before.reason}"
    waiver = policy.waiver("base-tests")
    if waiver is not None:
        return Verdict(name=name, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}")
    return Verdict(name=name, outcome=Outcome.ERROR, reason=reason)


def _moved(lost: Iterable[str], after: TestRun, patch: Patch) -> set[str]:
    """Lost tests that pass under the same name in the file that git says theirs was renamed to."""
    renames = {file.old_path: file.path for file in patch.files if file.status == "R" and file.old_path}
    return {test for test in lost if _new_names(test, renames) & after.passed}


def _new_names(test: str, renames: Mapping[str, str]) -> set[str]:
    """Ids a test may have after the renames; ids are relative to the project, paths to the repository."""
    path, separator, name = test.partition("::")
    names = set()
    for old, new in renames.items():
        prefix = old.removesuffix(path)
        if old.endswith(path) and prefix in ("", f"{prefix[:-1]}/") and new.startswith(prefix):
            names.add(f"{new.removeprefix(prefix)}{separator}{name}")
    return names


def _new_failures(evaluation: Evaluation) -> Verdict:
    """No test fails that did not fail before; old failures are remarks."""
    name = "no-new-failures"
    before, after = evaluation.before.tests, evaluation.after.tests
    failing = [test for test, outcome in after.outcomes.items() if outcome.bad]
    known = {test for test in failing if test in before.outcomes and before.outcomes[test].bad}
    new = sorted(set(failing) - known - before.passed)
    remarks = tuple(_failing(test, after, Severity.NOTE) for test in sorted(known))
    if new:
        findings = tuple(_failing(test, after, Severity.ERROR) for test in new)
        reason = f"{len(new)} tests fail that did not fail before"
        return Verdict(name=name, outcome=Outcome.FAIL, reason=reason, findings=findings, remarks=remarks)
    if not after.outcomes:
        return Verdict(name=name, outcome=Outcome.SKIPPED, reason="no test has an outcome")
    old = f"; {len(known)} failed before already" if known else ""
    return Verdict(name=name, outcome=Outcome.PASS, reason=f"no new failure{old}", remarks=remarks)


def _contract(evaluation: Evaluation) -> Verdict:
    """A built service answers as its specification says."""
    report = evaluation.contract
    if report is None:
        return Verdict(name="contract", outcome=Outcome.ERROR, reason="the service was not tested against its contract")
    if not report.ok or report.examined == 0:
        reason = report.reason or "no operation was examined"
        return Verdict(name="contract", outcome=Outcome.ERROR, reason=reason, findings=report.findings)
    if report.findings:
        reason = f"{len(report.findings)} answers differ from the contract"
        return Verdict(name="contract", outcome=Outcome.FAIL, reason=reason, findings=report.findings)
    reason = f"{report.examined} operations answer as the contract says"
    return Verdict(name="contract", outcome=Outcome.PASS, reason=reason)


def _broken(test: str, after: TestRun) -> Finding:
    """A test that passed before and does not pass now."""
    outcome = after.outcomes.get(test)
    if outcome is None:
        said, remedy = "is gone", "Bring the test back; a test is changed, not deleted, when behaviour changes."
    elif outcome is TestOutcome.SKIPPED:
        said, remedy = "is skipped", "Let the test run again."
    else:
        said, remedy = f"fails: {_last_line(after.failures.get(test, ''))}", "Mend the code, not the test."
    return _finding("test-lost", Severity.ERROR, test, f"{test} passed before and {said}", remedy)


def _failing(test: str, after: TestRun, severity: Severity) -> Finding:
    """A test that fails."""
    text = _last_line(after.failures.get(test, ""))
    return _finding("test-fails", severity, test, f"{test} fails: {text}", "Mend the code, or the new test.")


def _finding(rule: str, severity: Severity, test: str, message: str, remedy: str) -> Finding:
    path, _, name = test.partition("::")
    return Finding(
        tool="pytest",
        rule=rule,
        severity=severity,
        message=message,
        path=path,
        symbol=name,
        remedy=remedy,
        fingerprint=fingerprint("pytest", rule, path, name),
    )


def _last_line(text: str) -> str:
    """The line of a failure that says most: the last one that pytest marks with `E`, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]
    return (marked or lines or ["no details"])[-1][:200]
