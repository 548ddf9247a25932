"""The one error tree: what went wrong, the exit code it ends the process with, and what to do next."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every `tdev` command, listed for users in docs/commands.md."""

    OK = 0
    DEFECT = 1
    """A bug in T-Developer itself."""
    CONFIGURATION = 2
    """The command line, the policy file or the installation is wrong."""
    REFUSED = 3
    """The request can't be done, or must not be; nothing was changed."""
    GATE_FAILED = 4
    """Work was done, a gate said no; no branch was made."""
    BUDGET = 5
    """A limit on money, turns or time stopped the run."""
    TRANSIENT = 6
    """Something outside failed (disk, network, a crashed program); the same command may work later."""
    INTERRUPTED = 130
    """Ctrl-C; `tdev run resume` goes on from the last finished step."""


class TdevError(Exception):
    """A foreseen failure: one sentence of what happened and one of what to do next."""

    exit_code: ExitCode = ExitCode.DEFECT
    http_status: int = 500
    cost_usd: float = 0.0
    """US dollars of model cost that were spent before it failed."""
    failure: str = ""
    """Which row of the retry matrix an engine's failure stands for, e.g. `overload`; empty = none, it ends the run."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        """The message and the next step in one line."""
        return f"{self.message} {self.next_step}".strip()


class ConfigurationError(TdevError):
    """The command line, a policy file or the installation is wrong."""

    exit_code = ExitCode.CONFIGURATION
    http_status = 422


class Refused(TdevError):
    """The request can't be done, or must not be; nothing was changed."""

    exit_code = ExitCode.REFUSED
    http_status = 409


class GateFailed(TdevError):
    """A gate did not pass."""

    exit_code = ExitCode.GATE_FAILED
    http_status = 409


class BudgetExceeded(TdevError):
    """A limit on money, turns or time was reached; the message says which and how to raise it."""

    exit_code = ExitCode.BUDGET
    http_status = 429


class TransientError(TdevError):
    """Something outside failed; the same command may work later."""

    exit_code = ExitCode.TRANSIENT
    http_status = 503


class Interrupted(TdevError):
    """The user pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED
    http_status = 499
