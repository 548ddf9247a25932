"""What the code stage asks of an engine: one try at one task, in a checkout that may be thrown away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tdev.core.artifacts.attempt import Parameters
from tdev.core.artifacts.goal import Goal
from tdev.core.artifacts.plan import Task
from tdev.policy.model import Policy
from tdev.settings import Settings


@dataclass(frozen=True)
class Job:
    """One try at one task."""

    goal: Goal
    """What was asked."""
    task: Task
    """The part of it to do now."""
    policy: Policy
    """What is allowed."""
    settings: Settings
    """Where programs and caches are."""
    checkout: Path
    """Root of a private clone; the engine edits files here and commits nothing."""
    project: Path
    """Folder inside the checkout whose tests are run; equals `checkout` for a single project."""
    python: Path
    """Interpreter with the project's dependencies, pytest, coverage and hypothesis installed."""
    run_folder: Path
    """The run directory, to read other artifacts (spec/, plan.json)."""
    transcript: Path
    """JSON Lines file to append every model turn and tool call to, redacted."""
    attempt: int
    """1-based."""
    feedback: tuple[str, ...]
    """What speaks against earlier attempts, ranked and shortened, oldest first; of a gates' round the findings."""
    session: str
    """Model session to go on with; empty = a new one."""
    usd_left: float
    """What the budget still allows, in US dollars."""
    seconds_left: float
    """What the wall-clock budget still allows."""
    progress: Callable[[str], None]
    """Tell the user one line."""
    parameters: Parameters = field(default_factory=Parameters)
    """Effort and length of context, from the policy's retry matrix; its session is already in `session`."""
    usd_on_record: float = 0.0
    """What earlier attempts at this task have on record; an engine that knows of more reports it with this one."""

    @property
    def model(self) -> str:
        """Name or alias of the model to ask."""
        return str(getattr(self.policy.model, self.parameters.model.value))

    @property
    def undone(self) -> bool:
        """The attempt before was rolled back: the files are again as they were before it."""
        return self.attempt > 1


@dataclass(frozen=True)
class Work:
    """What one try gave; whether it is any good is decided by the tests, not here."""

    summary: str
    """One paragraph for people."""
    nothing_to_do: str = ""
    """Why there was nothing to change, when there was not."""
    cost_usd: float = 0.0
    """US dollars, as we counted them; with what earlier tries cost that were killed before they could tell."""
    reported_usd: float = 0.0
    """US dollars by the model's own program, to compare."""
    input_tokens: int = 0
    """Cached ones included."""
    output_tokens: int = 0
    """Tokens received."""
    turns: int = 0
    """Model turns."""
    session: str = ""
    """Model session, for the next attempt."""
    denied: int = 0
    """Tool calls that the tool policy stopped."""


class Engine(Protocol):
    """Claude Code, or the recipes."""

    @property
    def name(self) -> str:
        """As in policy: `claude` or `recipes`."""

    def version(self, settings: Settings) -> str:
        """What it is made of, e.g. `ruff 0.14.2, autotyping 24.9.0` or the CLI's version."""

    def perform(self, job: Job) -> Work:
        """Edit the checkout.

        Raises Refused when it can't do such a task, BudgetExceeded, or TransientError.
        """
