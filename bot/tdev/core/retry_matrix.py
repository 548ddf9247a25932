"""The retry matrix: which failure of an attempt changes what about the next one. Pure.

stages/attempts.py asks before each attempt, with the rows of the policy's section `retries`; the answer travels in the
Job to the engine, and with the attempt into patch.json. The first row that fits counts, and where none fits the next
attempt is made like the first. Defaults are in policy/retries.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from tdev.core.artifacts.attempt import Failure, Parameters
from tdev.core.artifacts.model import Model


class Occasion(Model):
    """When a row of the matrix holds."""

    after: Failure
    """The failure it follows; `start` = the first attempt."""
    attempt: int = Field(default=0, ge=0, le=10)
    """Which failed attempt it follows, from 1; 0 = any."""
    again: bool = True
    """Whether there is another attempt at all."""


class RetryRow(Parameters, Occasion):
    """One row of the matrix: what the attempt after a failure is made with."""


def row_after(rows: Iterable[RetryRow], failure: Failure, attempt: int) -> RetryRow:
    """The first row that fits the failure of the attempt with this number (1-based); a plain one where none does."""
    fitting = (row for row in rows if row.after is failure and row.attempt in (0, attempt))
    return next(fitting, RetryRow(after=failure))


def parameters_of(row: RetryRow) -> Parameters:
    """What the row says of the attempt, without when it holds."""
    return Parameters(session=row.session, context=row.context, effort=row.effort, model=row.model)
