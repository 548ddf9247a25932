"""What follows on the attempts so far, decided from the record alone."""

from __future__ import annotations

from typing import Any

from tdev.core.artifacts.attempt import Attempt, Context, Effort, Failure, ModelRank, Session
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.next_attempt import counted_attempts, feedback_of, is_outage, next_attempt, session_of
from tdev.policy.retries import DEFAULT_ROWS

FAILED = Verdict(name="attempt", outcome=Outcome.FAIL, reason="r")


def rolled_back(number: int, failure: Failure = Failure.TESTS_FAILED, **facts: Any) -> Attempt:
    facts = {"signature": f"s{number}", "tree": f"t{number}", "verdict": FAILED, "reason": f"why {number}", **facts}
    return Attempt(task="T1", number=number, kept=False, failure=failure, **facts)


def outage(number: int, failure: Failure = Failure.OVERLOAD) -> Attempt:
    return Attempt(task="T1", number=number, kept=False, failure=failure, reason="busy")


def test_the_first_attempt_is_made_by_the_row_start() -> None:
    coming = next_attempt([], DEFAULT_ROWS, 3)
    assert not coming.stop
    assert (coming.parameters.session, coming.parameters.effort) == (Session.FRESH, Effort.MEDIUM)


def test_a_gates_round_goes_on_with_the_session() -> None:
    coming = next_attempt([], DEFAULT_ROWS, 3, first=Failure.GATE_QUALITY)
    assert (coming.parameters.session, coming.parameters.effort) == (Session.SAME, Effort.LOW)


def test_different_failures_end_at_the_policys_limit() -> None:
    tried = [rolled_back(1), rolled_back(2)]
    third = next_attempt(tried, DEFAULT_ROWS, 3)
    assert (third.parameters.effort, third.parameters.model) == (Effort.HIGH, ModelRank.STRONGER)
    end = next_attempt([*tried, rolled_back(3)], DEFAULT_ROWS, 3)
    assert end.stop == "3 attempts were rolled back; the last because why 3"


def test_the_same_failure_twice_is_the_end() -> None:
    coming = next_attempt([rolled_back(1), rolled_back(2, signature="s1")], DEFAULT_ROWS, 3)
    assert coming.stop == "attempts 1 and 2 failed in the same way: why 2"


def test_the_same_failure_with_another_between_is_the_end_too() -> None:
    tried = [rolled_back(1), rolled_back(2), rolled_back(3, signature="s1")]
    assert "attempts 1 and 3 failed in the same way" in next_attempt(tried, DEFAULT_ROWS, 5).stop


def test_the_same_change_twice_is_the_end() -> None:
    tried = [rolled_back(1), rolled_back(2, tree="t1")]
    assert next_attempt(tried, DEFAULT_ROWS, 3).stop == "attempts 1 and 2 made the same change: why 2"


def test_recipes_change_by_rule_so_only_the_same_change_ends_them() -> None:
    tried = [rolled_back(1), rolled_back(2, signature="s1")]
    assert not next_attempt(tried, DEFAULT_ROWS, 3, by_rule=True).stop
    assert next_attempt([*tried[:1], rolled_back(2, tree="t1")], DEFAULT_ROWS, 3, by_rule=True).stop


def test_outages_are_no_failures_of_the_task() -> None:
    assert is_outage(outage(1))
    assert not is_outage(rolled_back(1))
    assert not is_outage(outage(1, Failure.REFUSED))
    coming = next_attempt([outage(1), outage(2)], DEFAULT_ROWS, 3)
    assert not coming.stop
    assert coming.parameters.model is ModelRank.FALLBACK


def test_what_is_refused_is_not_asked_again() -> None:
    assert next_attempt([outage(1, Failure.REFUSED)], DEFAULT_ROWS, 3).stop == "busy"


def test_a_conflict_begins_a_new_count() -> None:
    tried = [rolled_back(1), rolled_back(2, Failure.CONFLICT), rolled_back(3)]
    assert counted_attempts(tried) == (tried[2],)
    assert counted_attempts(tried[:2]) == ()


def test_feedback_is_of_what_was_judged_and_cut_where_it_must_be_short() -> None:
    tried = [rolled_back(1, feedback="a" * 5000), outage(2), rolled_back(3, feedback="b" * 5000)]
    assert feedback_of(tried, Context.FULL) == ("a" * 5000, "b" * 5000)
    (short,) = feedback_of(tried, Context.SHORT)
    assert len(short) <= 1500
    assert "a" not in short


def test_a_session_is_gone_on_with_only_where_it_was_held() -> None:
    tried = [rolled_back(1, session="x", checkout="trees/0")]
    assert session_of(tried, "trees/0") == "x"
    assert session_of(tried, "code") == ""
    assert session_of([], "code") == ""
