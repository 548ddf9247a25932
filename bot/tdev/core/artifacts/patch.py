"""patch.json beside patch.bundle and patch.diff: what the code stage made.

The commits themselves are in patch.bundle (git's own format); this file says what they touch and how they came to be.
stages/code.py writes it; the gates take the list of files from it and compare it with the diff's.
Status letters are those of `git diff --name-status`. A rename has both paths, and both count for the write scope.
How the commits came to be is told by the attempts (artifacts/attempt.py).
"""

from __future__ import annotations

from pydantic import Field

from tdev.core.artifacts.attempt import Attempt
from tdev.core.artifacts.model import Model


class ChangedFile(Model):
    """One file of the patch."""

    path: str
    """POSIX path in the new tree (the old one when deleted)."""
    status: str = Field(pattern=r"^[AMDRCT]$")
    """Git's letter: added, modified, deleted, renamed, copied, type changed."""
    added: int = Field(ge=0)
    """Lines added; 0 for binaries."""
    removed: int = Field(ge=0)
    """Lines removed."""
    binary: bool = False
    """Git sees it as binary."""
    old_path: str = ""
    """POSIX path in the old tree; renamed and copied files only."""


class Commit(Model):
    """One commit of the patch."""

    sha: str
    """Its id."""
    subject: str
    """First line of its message."""
    task: str
    """Task it did."""


class Patch(Model):
    """The commits on top of the base, and how they came to be."""

    base_sha: str
    """Commit below the first one."""
    head_sha: str
    """Last commit; equals base_sha when nothing was changed."""
    commits: tuple[Commit, ...] = ()
    """Oldest first."""
    files: tuple[ChangedFile, ...] = ()
    """Everything that differs between base and head."""
    attempts: tuple[Attempt, ...] = ()
    """Every try, kept or not."""
    engine: str
    """Engine that made it."""
    engine_version: str = ""
    """Its version, e.g. the Claude Code CLI's or the recipes' tools."""

    @property
    def empty(self) -> bool:
        """True when nothing was changed."""
        return self.head_sha == self.base_sha

    @property
    def cost_usd(self) -> float:
        """Sum over all attempts, in US dollars."""
        return sum(attempt.cost_usd for attempt in self.attempts)
