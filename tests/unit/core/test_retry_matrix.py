"""The retry matrix: which row is taken, and that the defaults answer every failure."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.attempt import Context, Effort, Failure, ModelRank, Session
from tdev.core.retry_matrix import RetryRow, parameters_of, row_after
from tdev.policy.retries import DEFAULT_ROWS

ROWS = (
    RetryRow(after=Failure.GUARD, attempt=2, effort=Effort.HIGH),
    RetryRow(after=Failure.GUARD, effort=Effort.LOW),
    RetryRow(after=Failure.GUARD, again=False),
)


def test_the_first_row_that_fits_is_taken() -> None:
    assert row_after(ROWS, Failure.GUARD, 1).effort is Effort.LOW
    assert row_after(ROWS, Failure.GUARD, 2).effort is Effort.HIGH
    assert row_after(ROWS, Failure.GUARD, 3).again


def test_a_failure_without_a_row_is_tried_again_as_before() -> None:
    row = row_after(ROWS, Failure.TIMEOUT, 1)
    assert row.again
    assert parameters_of(row) == parameters_of(RetryRow(after=Failure.START))


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_has_a_default_row(failure: Failure) -> None:
    assert any(row.after is failure for row in DEFAULT_ROWS)


def test_the_defaults_spend_money_late() -> None:
    first, second = (row_after(DEFAULT_ROWS, Failure.TESTS_FAILED, number) for number in (1, 2))
    assert (first.session, first.model) == (Session.SAME, ModelRank.NAME)
    assert (second.effort, second.model) == (Effort.HIGH, ModelRank.STRONGER)


def test_what_the_provider_can_not_do_is_answered_by_rule() -> None:
    assert row_after(DEFAULT_ROWS, Failure.OVERLOAD, 1).model is ModelRank.FALLBACK
    too_long = row_after(DEFAULT_ROWS, Failure.CONTEXT_TOO_LONG, 1)
    assert (too_long.session, too_long.context) == (Session.FRESH, Context.SHORT)
    assert not row_after(DEFAULT_ROWS, Failure.REFUSED, 1).again
