"""The checks of the tests gate that judge new tests: do they prove the change, and do they end by chance."""

from __future__ import annotations

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of, symbol
from tdev.core.artifacts.evaluation import Evaluation, Measurement
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import Commit
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.table import TESTS
from tdev.gates.tests import kept, mutation, new_failures, stable
from tdev.gates.tests import proof as proof_check
from tdev.policy.model import Gates, Policy
from tdev.policy.tests_gate import TestsGate

PATHS = ("a.py", "test_a.py")
GREEN = {"test_a.py::x": "passed"}


def found(tool: str, rule: str, name: str = "x", severity: Severity = Severity.WARNING) -> Finding:
    return Finding(
        tool=tool, rule=rule, severity=severity, message="m", path="test_a.py", symbol=name, fingerprint=f"{rule}{name}"
    )


def report(tool: str, examined: int, *findings: Finding, reason: str = "", ok: bool = True) -> ToolReport:
    return ToolReport(tool=tool, ok=ok, reason=reason, examined=examined, findings=findings)


def side(*reports: ToolReport, outcomes: dict[str, str] | None = None, symbols: tuple[str, ...] = ()) -> Measurement:
    measurement = measured(outcomes_of(outcomes or GREEN), tuple(symbol(name) for name in symbols))
    return measurement.model_copy(update={"reports": (*measurement.reports, *reports)})


def evaluation(*reports: ToolReport, added: tuple[str, ...] = (), **facts: object) -> Evaluation:
    return evaluated(side(symbols=("old",)), side(*reports, symbols=("old", *added)), paths=PATHS, **facts)


def policy(**keys: object) -> Policy:
    return Policy(gates=Gates(tests=TestsGate.model_validate(keys)))


def proof(of: Evaluation, rules: Policy | None = None) -> Verdict:
    return proof_check.tests_prove_change(of, rules or Policy(), patch_of().model_copy(update={"engine": "claude"}))


VACUOUS = report("proof", 1, found("proof", "passes-on-base"))


def test_one_test_that_fails_without_the_change_is_enough() -> None:
    verdict = proof(evaluation(report("proof", 2, found("proof", "passes-on-base")), added=("half",)))
    assert verdict.outcome is Outcome.PASS and len(verdict.remarks) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"added": ("half",)},
        {"kind": GoalKind.BUILD},
        {"goals": ("fix-issue",)},
        {"goals": ("cleanup", "security-fix")},
    ],
    ids=["new function", "build", "fix", "security"],
)
def test_tests_that_prove_nothing_stop_what_has_to_be_different(facts: dict[str, object]) -> None:
    verdict = proof(evaluation(VACUOUS, **facts))  # type: ignore[arg-type]
    assert verdict.outcome is Outcome.FAIL
    assert [finding.severity for finding in verdict.findings] == [Severity.ERROR]
    assert proof(evaluation(VACUOUS, **facts), policy(proof="remark")).outcome is Outcome.PASS  # type: ignore[arg-type]


@pytest.mark.parametrize("facts", [{}, {"goals": ("refactor-complexity",)}, {"added": ("_private",)}])
def test_elsewhere_they_are_a_remark(facts: dict[str, object]) -> None:
    private = symbol("_private", public=False)
    of = evaluation(VACUOUS, **{name: value for name, value in facts.items() if name != "added"})  # type: ignore[arg-type]
    if "added" in facts:
        of = of.model_copy(update={"after": of.after.model_copy(update={"symbols": (private,)})})
    verdict = proof(of)
    assert verdict.outcome is Outcome.PASS and len(verdict.remarks) == 1
    assert proof(of, policy(proof="block")).outcome is Outcome.FAIL


def test_no_report_is_no_evidence() -> None:
    assert proof(evaluation()).outcome is Outcome.ERROR
    assert proof(evaluation(report("proof", 0, ok=False, reason="crashed"))).outcome is Outcome.ERROR


def test_nothing_to_look_at_is_skipped_with_its_reason() -> None:
    verdict = proof(evaluation(report("proof", 0, reason="no test that passes was added or altered")))
    assert (verdict.outcome, verdict.reason) == (Outcome.SKIPPED, "no test that passes was added or altered")
    assert proof(evaluation(), policy(proof="off")).outcome is Outcome.SKIPPED
    assert proof_check.tests_prove_change(evaluation(VACUOUS), Policy(), patch_of()).outcome is Outcome.SKIPPED


def test_the_checks_are_asked_where_tests_and_code_are_touched() -> None:
    def asked(*paths: str) -> set[str]:
        of = evaluation(VACUOUS, report("reruns", 1)).model_copy(update={"paths": paths})
        return {child.name for child in TESTS.judge(of, Policy(), patch_of()).children}

    assert {"tests-prove-change", "tests-stable"} <= asked(*PATHS)
    assert "tests-prove-change" not in asked("a.py") | asked("test_a.py")
    assert "tests-stable" not in asked("a.py")


@pytest.mark.parametrize(
    ("rule", "severity", "outcome"),
    [
        ("flaky-new", Severity.ERROR, Outcome.FAIL),
        ("flaky-now", Severity.ERROR, Outcome.FAIL),
        ("flaky-before", Severity.NOTE, Outcome.PASS),
    ],
)
def test_what_has_become_flaky_stops(rule: str, severity: Severity, outcome: Outcome) -> None:
    of = evaluation(report("reruns", 1, found("reruns", rule, severity=severity)))
    assert stable.tests_stable(of, Policy(), patch_of()).outcome is outcome


def test_no_rerun_is_no_evidence() -> None:
    assert stable.tests_stable(evaluation(), Policy(), patch_of()).outcome is Outcome.ERROR
    failed = evaluation(report("reruns", 0, ok=False, reason="crashed"))
    assert stable.tests_stable(failed, Policy(), patch_of()).outcome is Outcome.ERROR
    assert stable.tests_stable(evaluation(), policy(reruns=False), patch_of()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(("rule", "outcome"), [("flaky-before", Outcome.PASS), ("flaky-now", Outcome.FAIL)])
def test_only_what_was_flaky_at_the_base_may_fail_now(rule: str, outcome: Outcome) -> None:
    reruns = report("reruns", 1, found("reruns", rule))
    of = evaluated(side(), side(reruns, outcomes={"test_a.py::x": "failed"}))
    assert kept.tests_kept(of, Policy(), patch_of()).outcome is outcome
    assert new_failures.no_new_failures(of, Policy(), patch_of()).outcome is Outcome.PASS


def mutants(examined: int, survivors: int, rules: Policy | None = None, reason: str = "") -> Verdict:
    found_ones = [found("mutmut", "mutant-survives", str(number), Severity.NOTE) for number in range(survivors)]
    of = evaluation(report("mutmut", examined, *found_ones, reason=reason), goals=("build-feature",))
    return mutation.changed_mutants(of, rules or Policy(), patch_of().model_copy(update={"engine": "claude"}))


def test_old_code_that_is_only_tidied_does_not_answer_for_its_tests() -> None:
    of = evaluation(report("mutmut", 20, *(found("mutmut", "mutant-survives", str(each)) for each in range(15))))
    patch = patch_of().model_copy(update={"engine": "none"})
    verdict = mutation.changed_mutants(of, Policy(), patch)
    assert verdict.outcome is Outcome.PASS and len(verdict.remarks) == 15
    added = of.model_copy(update={"goals": ("fix-issue",)})
    assert mutation.changed_mutants(added, Policy(), patch).outcome is Outcome.FAIL
    assert mutation.changed_mutants(added, Policy(), patch_of()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("examined", "survivors", "outcome"),
    [
        (0, 0, Outcome.SKIPPED),
        (9, 9, Outcome.SKIPPED),
        (10, 4, Outcome.PASS),
        (10, 5, Outcome.FAIL),
        (50, 20, Outcome.PASS),
    ],
)
def test_enough_mutants_have_to_be_noticed_where_there_are_enough(
    examined: int, survivors: int, outcome: Outcome
) -> None:
    verdict = mutants(examined, survivors)
    assert verdict.outcome is outcome and str(examined) in verdict.reason
    assert len(verdict.findings or verdict.remarks) == survivors
    assert {finding.severity for finding in verdict.findings} <= {Severity.WARNING}


def test_the_bar_and_the_switch_for_mutants_are_the_policys() -> None:
    assert mutants(10, 5, policy(mutation_score=50)).outcome is Outcome.PASS
    assert mutants(10, 5, policy(mutation_seconds=0)).outcome is Outcome.SKIPPED
    assert "12 of 40" in mutants(12, 0, reason="12 of 40 mutants were tried in 30 s").reason


def test_no_run_of_the_mutants_is_no_evidence() -> None:
    patch = patch_of().model_copy(update={"engine": "none"})
    assert mutation.changed_mutants(evaluation(), Policy(), patch).outcome is Outcome.ERROR
    failed = evaluation(report("mutmut", 0, ok=False, reason="crashed"))
    assert mutation.changed_mutants(failed, Policy(), patch).outcome is Outcome.ERROR
    assert not mutation.concerns(evaluation(kind=GoalKind.BUILD)) and mutation.concerns(evaluation())


@pytest.mark.parametrize(
    ("subject", "outcome"),
    [
        ("Fix: amounts may have spaces", Outcome.FAIL),
        ("fix(money)!: round half up", Outcome.FAIL),
        ("Fixes the rounding of halves", Outcome.FAIL),
        ("feat: refunds", Outcome.FAIL),
        ("Correct totals of empty baskets", Outcome.FAIL),
        ("Fix typo in a message", Outcome.PASS),
        ("fix: lint", Outcome.PASS),
        ("Fix the tests on Windows", Outcome.PASS),
        ("Simplify totals", Outcome.PASS),
        ("Prefix names", Outcome.PASS),
        ("Fixture for baskets", Outcome.PASS),
    ],
)
def test_a_commit_that_calls_itself_a_fix_is_taken_at_its_word(subject: str, outcome: Outcome) -> None:
    commit = Commit(sha="c" * 40, subject=subject, task="")
    patch = patch_of().model_copy(update={"engine": "none", "commits": (commit,)})
    assert proof_check.tests_prove_change(evaluation(VACUOUS), Policy(), patch).outcome is outcome
