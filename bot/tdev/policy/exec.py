"""The policy section `exec`: what `tdev exec` may run, for people and agents.

Three kinds of command: blocked ones are never run; those that the rows of `programs` fit are run; all others are
risky, and a person must approve each at a terminal. Whatever is run is run in the sandbox. policy/exec_rules.py judges.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.policy.agent import Program, Takes

ExitStatus = Annotated[int, Field(ge=1, le=255)]


class Exec(Model):
    """What `tdev exec` may run."""

    programs: tuple[Program, ...] = (
        Program(
            name="git",
            subcommands=("status", "diff", "log", "show"),
            flags=("--oneline", "--stat", "--name-only", "--short", "-#"),
            takes=Takes.TEXT,
        ),
        Program(name="pytest", flags=("-q", "-x", "-v", "-ra"), takes=Takes.PATHS),
        Program(
            name="ruff", subcommands=("check", "format"), flags=("--fix", "--diff"), takes=Takes.PATHS, writes=True
        ),
    )
    """Programs and the words each may get without a person's approval."""
    blocked: tuple[str, ...] = ()
    """Programs that are never run, besides those that start other programs or reach other machines."""
    seconds: int = Field(default=600, ge=1, le=86_400)
    """Wall clock of one command, where none is given."""
    retries: int = Field(default=3, ge=0, le=10)
    """How often a command that failed for a passing reason is run again."""
    transient: tuple[ExitStatus, ...] = (75,)
    """Exit codes that mean a passing reason."""
