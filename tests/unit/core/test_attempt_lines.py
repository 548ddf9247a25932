"""Attempts in one line each."""

from __future__ import annotations

from tdev.core.artifacts.attempt import Attempt, Effort, Failure, ModelRank, Parameters
from tdev.core.attempt_lines import attempt_line, attempt_lines

KEPT = Attempt(task="T1", number=1, kept=True, reason="2 tests pass", seconds=3.2)
UNDONE = Attempt(
    task="T1",
    number=2,
    kept=False,
    failure=Failure.TESTS_FAILED,
    reason="1 tests fail: a\nmore",
    cost_usd=0.03125,
    seconds=41.4,
    parameters=Parameters(effort=Effort.HIGH, model=ModelRank.STRONGER),
)


def test_a_line_says_how_it_ended_what_it_cost_and_why() -> None:
    assert attempt_line(KEPT) == "T1, attempt 1: kept, 3 s: 2 tests pass"
    assert attempt_line(UNDONE) == (
        "T1, attempt 2: rolled back (tests-failed), 0.0312 USD, 41 s, high effort, stronger model: 1 tests fail: a"
    )


def test_a_flood_is_cut() -> None:
    lines = list(attempt_lines([KEPT] * 50, 10))
    assert len(lines) == 11
    assert lines[-1] == "and 40 more in patch.json"
