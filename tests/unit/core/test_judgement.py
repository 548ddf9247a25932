"""A try is kept only when every test that passed before still passes and nothing new fails."""

from __future__ import annotations

from tdev.core.artifacts.attempt import Failure
from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.judgement import judge

PASSED, FAILED, SKIPPED = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.SKIPPED


def ran(**outcomes: TestOutcome) -> TestRun:
    return TestRun(ok=True, outcomes=outcomes, failures=dict.fromkeys(outcomes, "boom"))


def test_same_tests_passing_is_kept() -> None:
    assert judge(ran(a=PASSED), ran(a=PASSED, b=PASSED)).keep


def test_a_test_that_fails_now_is_named_with_its_failure() -> None:
    judgement = judge(ran(a=PASSED, b=PASSED), ran(a=PASSED, b=FAILED))
    assert not judgement.keep
    assert judgement.reason.endswith(": b")
    assert "b: boom" in judgement.feedback
    assert judgement.failure is Failure.TESTS_FAILED
    assert judgement.signature


def test_a_test_that_vanished_or_is_skipped_counts_as_lost() -> None:
    assert not judge(ran(a=PASSED), ran(b=PASSED)).keep
    assert not judge(ran(a=PASSED), ran(a=SKIPPED)).keep


def test_a_new_failing_test_is_not_kept_but_an_old_one_does_not_matter() -> None:
    assert not judge(ran(a=PASSED), ran(a=PASSED, new=FAILED)).keep
    assert judge(ran(a=PASSED, old=FAILED), ran(a=PASSED, old=FAILED)).keep


def test_a_run_that_no_longer_works_is_no_pass() -> None:
    broken = TestRun(ok=False, reason="crashed")
    assert not judge(ran(a=PASSED), broken).keep


def test_without_tests_on_both_sides_the_gate_decides() -> None:
    none = TestRun(ok=False, reason="no tests were found")
    judgement = judge(none, none)
    assert judgement.keep
    assert "the tests gate decides" in judgement.reason


def test_a_mended_suite_with_failures_of_its_own_is_not_kept() -> None:
    assert not judge(TestRun(ok=False, reason="syntax error"), ran(a=FAILED)).keep
