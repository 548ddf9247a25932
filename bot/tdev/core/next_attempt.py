"""What follows on the attempts at a task so far: another one and with what, or the end and why. Pure.

stages/attempts.py asks before each attempt. It reads nothing but the attempts on record, so a run that was killed
decides as it would have. Attempts that the provider or the engine ended tell nothing about the task: they are not
compared, and after a restart they don't count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tdev.core.artifacts.attempt import Attempt, Context, Failure, Parameters
from tdev.core.ranked_findings import SHORT_FEEDBACK
from tdev.core.retry_matrix import RetryRow, parameters_of, row_after
from tdev.core.test_record import shortened


@dataclass(frozen=True)
class Coming:
    """The next attempt, or why there is none."""

    parameters: Parameters
    """What it is made with."""
    stop: str = ""
    """Why there is no other attempt; empty = there is one."""


def attempts_at(attempts: Iterable[Attempt], task: str) -> tuple[Attempt, ...]:
    """The attempts at one task, oldest first."""
    return tuple(attempt for attempt in attempts if attempt.task == task)


def counted_attempts(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """Those since the last conflict: the files the task starts from are others since then."""
    last = max((place for place, each in enumerate(attempts) if each.failure is Failure.CONFLICT), default=-1)
    return tuple(attempts[last + 1 :])


def is_outage(attempt: Attempt) -> bool:
    """True when the engine ended without anything to judge, for reasons that may pass."""
    return not attempt.kept and attempt.verdict is None and attempt.failure is not Failure.REFUSED


def next_attempt(
    tried: Sequence[Attempt],
    rows: Sequence[RetryRow],
    most: int,
    *,
    first: Failure = Failure.START,
    by_rule: bool = False,
) -> Coming:
    """What follows on `tried`, the counted attempts at a task; `first` is the row of the first one.

    `by_rule`: each attempt does something else by itself, so only the same change shows that nothing new comes.
    """
    if not tried:
        return Coming(parameters_of(row_after(rows, first, 1)))
    last = tried[-1]
    row = row_after(rows, last.failure or Failure.CRASHED, len(tried))
    return Coming(parameters_of(row), _why_stop(tried, row, most, by_rule=by_rule))


def _why_stop(tried: Sequence[Attempt], row: RetryRow, most: int, *, by_rule: bool) -> str:
    last = tried[-1]
    if not row.again:
        return last.reason
    for earlier in tried[:-1]:
        if last.tree and earlier.tree == last.tree:
            return f"attempts {earlier.number} and {last.number} made the same change: {last.reason}"
        if not by_rule and last.signature and earlier.signature == last.signature:
            return f"attempts {earlier.number} and {last.number} failed in the same way: {last.reason}"
    if len(tried) >= most:
        return f"{most} attempts were rolled back; the last because {last.reason}"
    return ""


def feedback_of(attempts: Sequence[Attempt], context: Context) -> tuple[str, ...]:
    """What the next attempt is told of those before it, oldest first; when it must be short, of the last alone."""
    told = [attempt.feedback or attempt.reason for attempt in attempts if not attempt.kept and not is_outage(attempt)]
    if context is Context.SHORT:
        return tuple(shortened(text, SHORT_FEEDBACK) for text in told[-1:])
    return tuple(told)


def session_of(attempts: Sequence[Attempt], checkout: str) -> str:
    """The conversation of the last attempt in a checkout; empty when it had none, or was made elsewhere."""
    last = attempts[-1] if attempts else None
    return last.session if last is not None and last.checkout == checkout else ""
