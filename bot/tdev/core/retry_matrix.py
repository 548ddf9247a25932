"""The retry matrix: which failure of an attempt changes what about the next one. Pure.

stages/code.py asks before each attempt, with the rows of the policy's section `retries`; the answer travels in the
Job to the engine, and with the attempt into patch.json. The first row that fits counts, and where none fits the next
attempt is made like the first. Defaults are in policy/retries.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model


class Failure(StrEnum):
    """Why an attempt was not kept."""

    START = "start"
    """None yet: what the first attempt is made with."""
    TESTS_FAILED = "tests-failed"
    """A test that passed fails now, or a new one does not pass."""
    NO_CHANGE = "no-change"
    """Nothing was changed, and not said why."""
    OUT_OF_SCOPE = "out-of-scope"
    """The write scope was left."""
    TOO_LARGE = "too-large"
    """More files or bytes than policy allows."""
    GUARD = "guard"
    """The patch guard stopped it."""
    GATE_SECURITY = "gate:security"
    """The change was kept, and the gate did not let it through."""
    GATE_TESTS = "gate:tests"
    GATE_QUALITY = "gate:quality"
    TIMEOUT = "timeout"
    """The tests did not end in time, or nothing was heard of the model."""
    OVERLOAD = "overload"
    """The model's address was too busy."""
    CONTEXT_TOO_LONG = "context-too-long"
    """The conversation no longer fits into the model."""
    CRASHED = "crashed"
    """The engine ended without a result."""
    REFUSED = "refused"
    """The model or its address declined."""
    CONFLICT = "conflict"
    """The change was good by itself, and does not fit on what another task changed meanwhile."""


class Session(StrEnum):
    """Which conversation the attempt is made in."""

    SAME = "same"
    """The one of the attempt before."""
    FRESH = "fresh"
    """A new one, told what failed."""


class Context(StrEnum):
    """How much the model is told."""

    FULL = "full"
    SHORT = "short"
    """Only the task, the rules and the last failure, shortened."""


class Effort(StrEnum):
    """How long the model may think."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ModelRank(StrEnum):
    """Which of the policy's models is asked."""

    NAME = "name"
    FALLBACK = "fallback"
    STRONGER = "stronger"


class Parameters(Model):
    """What one attempt is made with."""

    session: Session = Session.SAME
    """The conversation before, or a new one."""
    context: Context = Context.FULL
    """How much the model is told."""
    effort: Effort = Effort.MEDIUM
    """How long it may think."""
    model: ModelRank = ModelRank.NAME
    """Which of `model.name`, `model.fallback`, `model.stronger` is asked."""


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
