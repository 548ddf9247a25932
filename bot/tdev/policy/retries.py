"""The policy's section `retries`: with what a failed attempt is followed by the next, row by row.

core/retry_matrix.py evaluates the rows. The defaults spend money late: the same conversation first, since it costs a
fraction of a new one; more effort and a stronger model only when the second attempt has failed as well. What the
provider can't do is answered with another model or a shorter conversation at once.
"""

from __future__ import annotations

from tdev.core.artifacts.attempt import Context, Effort, Failure, ModelRank, Session
from tdev.core.artifacts.model import Model
from tdev.core.retry_matrix import RetryRow

DEFAULT_ROWS: tuple[RetryRow, ...] = (
    RetryRow(after=Failure.START, session=Session.FRESH),
    RetryRow(after=Failure.TESTS_FAILED, attempt=1),
    RetryRow(after=Failure.TESTS_FAILED, effort=Effort.HIGH, model=ModelRank.STRONGER),
    RetryRow(after=Failure.NO_CHANGE, effort=Effort.HIGH),
    RetryRow(after=Failure.OUT_OF_SCOPE),
    RetryRow(after=Failure.TOO_LARGE),
    RetryRow(after=Failure.GUARD),
    RetryRow(after=Failure.GATE_SECURITY),
    RetryRow(after=Failure.GATE_TESTS),
    RetryRow(after=Failure.GATE_QUALITY, effort=Effort.LOW),
    RetryRow(after=Failure.TIMEOUT, session=Session.FRESH, effort=Effort.HIGH),
    RetryRow(after=Failure.OVERLOAD, model=ModelRank.FALLBACK),
    RetryRow(after=Failure.CONTEXT_TOO_LONG, session=Session.FRESH, context=Context.SHORT),
    RetryRow(after=Failure.CRASHED),
    RetryRow(after=Failure.REFUSED, again=False),
    RetryRow(after=Failure.CONFLICT, session=Session.FRESH),
)
"""What holds where a policy says nothing else."""


class Retries(Model):
    """How a failed attempt is followed by the next."""

    rows: tuple[RetryRow, ...] = DEFAULT_ROWS
    """The retry matrix: the first row that fits counts."""
    triage: bool = False
    """Whether a model shortens the failures of an attempt before they go back; else they are ranked by rule."""
