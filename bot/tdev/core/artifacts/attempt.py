"""One attempt at a task, kept or not: part of patch.json.

What was tried, with what, what came of it and what it cost: enough for a person to follow a run, and for a killed run
to go on where it stood. The diff of each attempt is a file of its own below attempts/, shortened and without secrets.
Summaries are what an engine says of itself: untrusted, shown to people, never evidence.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.core.artifacts.verdict import Verdict


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


class Attempt(Model):
    """One try at one task."""

    task: str
    """Task id."""
    number: int = Field(ge=1)
    """1-based."""
    kept: bool
    """The change stayed."""
    reason: str
    """Why it was kept, was empty, or was rolled back, in one sentence."""
    failure: Failure | None = None
    """Which row of the retry matrix it stands for; none when it was kept."""
    verdict: Verdict | None = None
    """The checks that decided, as a tree of reasons; none when the engine failed."""
    feedback: str = ""
    """What the next attempt was told of it."""
    signature: str = ""
    """Equal for attempts that failed in the same way; empty when the engine failed."""
    tree: str = ""
    """Id of the tree it made; empty when nothing was changed."""
    diff: str = ""
    """File of the run directory that shows its change."""
    parameters: Parameters = Parameters()
    """What it was made with."""
    session: str = ""
    """Model session."""
    checkout: str = ""
    """Folder of the run's scratch folder it was made in."""
    summary: str = ""
    """What the engine says it did (untrusted)."""
    cost_usd: float = 0.0
    """Model cost in US dollars, as the model proxy counted it."""
    reported_usd: float = 0.0
    """The same by Claude Code's own count, to compare; 0 = it did not say."""
    denied: int = 0
    """Tool calls that the tool policy stopped."""
    input_tokens: int = 0
    """Tokens sent, cached ones included."""
    output_tokens: int = 0
    """Tokens received."""
    turns: int = 0
    """Model turns."""
    seconds: float = 0.0
    """Wall clock."""
