"""Every test that passed at the base passes at the head, whatever its author says.

A test that is missing, skipped or failing now blocks: that keeps an engine from getting its way by weakening tests.
Test files that git shows as renamed are followed; so are tests under another name or in another file, where the patch
guard, which compares their syntax, found every test again. One that fails by chance at the base as well is left out.
The policy may waive a base whose tests can't be run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tdev.core.artifacts.evaluation import Evaluation, TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.scan.paths import is_test_path
from tdev.core.test_record import NO_TESTS
from tdev.gates.guarded import TESTS
from tdev.gates.tests.failing import last_line, test_finding
from tdev.gates.tests.stable import flaky_before
from tdev.policy.model import Policy

NAME = "tests-kept"


def tests_kept(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
    """Every test that passed at the base passes at the head."""
    before, after = evaluation.before.tests, evaluation.after.tests
    if not before.ok:
        return _no_base(before, policy)
    if not after.ok and before.passed:
        reason = f"{len(before.passed)} tests passed before; now there is no result: {after.reason}"
        return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)
    lost = sorted(before.passed - after.passed)
    moved = _moved(lost, after, patch)
    if _all_found_again(evaluation):
        moved |= _renamed(set(lost) - moved, before, after, patch)
    chance = flaky_before(evaluation).intersection(lost)
    findings = tuple(_broken(test, after) for test in lost if test not in moved | chance)
    renamed = f", {len(moved)} of them under a new name" if moved else ""
    if findings:
        reason = f"{len(findings)} of {len(before.passed)} tests that passed before do not pass now"
        return Verdict(name=NAME, outcome=Outcome.FAIL, reason=reason, findings=findings)
    by_chance = f", but {len(chance)} that fail by chance at the base too" if chance else ""
    reason = f"all {len(before.passed)} tests that passed before still pass{renamed}{by_chance}"
    return Verdict(name=NAME, outcome=Outcome.PASS, reason=reason)


def _no_base(before: TestRun, policy: Policy) -> Verdict:
    """What is said when the base has no test results."""
    if before.reason.startswith(NO_TESTS):
        return Verdict(name=NAME, outcome=Outcome.SKIPPED, reason="the base has no tests that could be lost")
    reason = f"the base's tests could not be run, so nothing can be compared: {before.reason}"
    waiver = policy.waiver("base-tests")
    if waiver is not None:
        return Verdict(name=NAME, outcome=Outcome.WAIVED, reason=f"{reason}; {waiver.reason}")
    return Verdict(name=NAME, outcome=Outcome.ERROR, reason=reason)


def _moved(lost: Iterable[str], after: TestRun, patch: Patch) -> set[str]:
    """Lost tests that pass under the same name in the file that git says theirs was renamed to."""
    renames = {file.old_path: file.path for file in patch.files if file.status == "R" and file.old_path}
    return {test for test in lost if _new_names(test, renames) & after.passed}


def _all_found_again(evaluation: Evaluation) -> bool:
    """True when the patch guard looked at the tests and missed none."""
    rules = evaluation.guard.children if evaluation.guard is not None else ()
    return any(rule.name == TESTS and rule.outcome is Outcome.PASS for rule in rules)


def _renamed(lost: set[str], before: TestRun, after: TestRun, patch: Patch) -> set[str]:
    """Lost tests for which a new function passes with the same sets of parameters, each new one taken once."""
    old, new = _compared(before, patch), _compared(after, patch)
    gone = {name: cases for name, cases in old.items() if name not in new}
    fresh = {name: cases for name, cases in new.items() if name not in old}
    found: set[str] = set()
    for name, cases in sorted(gone.items()):
        like = sorted((other for other in fresh if fresh[other] >= cases), key=lambda other: _likeness(name, other))
        if like and after.passed.issuperset(f"{like[-1]}{case}" for case in cases):
            del fresh[like[-1]]
            found |= {f"{name}{case}" for case in cases}
    return found & lost


def _compared(run: TestRun, patch: Patch) -> dict[str, frozenset[str]]:
    """The functions that the guard compares, in files of the patch, each with its sets of parameters as in its ids."""
    paths = {path for file in patch.files for path in (file.path, file.old_path) if path}
    found: dict[str, set[str]] = {}
    for test in run.outcomes:
        name, bracket, rest = test.partition("[")
        path, function = name.partition("::")[0], name.rpartition("::")[2]
        changed = any(each == path or each.endswith(f"/{path}") for each in paths)
        if (
            changed
            and function.startswith("test")
            and is_test_path(path)
            and path.rpartition("/")[2].startswith("test")
        ):
            found.setdefault(name, set()).add(bracket + rest)
    return {name: frozenset(cases) for name, cases in found.items()}


def _likeness(one: str, other: str) -> tuple[bool, bool]:
    """How much two functions' ids have in common: the name, else the file."""
    return one.rpartition("::")[2] == other.rpartition("::")[2], one.partition("::")[0] == other.partition("::")[0]


def _new_names(test: str, renames: Mapping[str, str]) -> set[str]:
    """Ids a test may have after the renames; ids are relative to the project, paths to the repository."""
    path, separator, name = test.partition("::")
    names = set()
    for old, new in renames.items():
        prefix = old.removesuffix(path)
        if old.endswith(path) and prefix in ("", f"{prefix[:-1]}/") and new.startswith(prefix):
            names.add(f"{new.removeprefix(prefix)}{separator}{name}")
    return names


def _broken(test: str, after: TestRun) -> Finding:
    """A test that passed before and does not pass now."""
    outcome = after.outcomes.get(test)
    if outcome is None:
        said, remedy = "is gone", "Bring the test back; a test is changed, not deleted, when behaviour changes."
    elif outcome is TestOutcome.SKIPPED:
        said, remedy = "is skipped", "Let the test run again."
    else:
        said, remedy = f"fails: {last_line(after.failures.get(test, ''))}", "Mend the code, not the test."
    return test_finding("test-lost", Severity.ERROR, test, f"{test} passed before and {said}", remedy)
