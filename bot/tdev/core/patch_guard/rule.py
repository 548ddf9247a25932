"""What a rule of the guard is: a pure function from a change to the places it objects to, and what follows from one.

A rule knows nothing of the policy but Bounds. What becomes of a hit is the policy's: it stops the change, or lets it
through as a draft that a person is asked to review, or is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tdev.core.patch_guard.change import Change, FileChange


class Treatment(StrEnum):
    """What becomes of a change that a rule objects to."""

    BLOCK = "block"
    """It is not published."""
    REVIEW = "review"
    """Its pull request is opened as a draft, and a review is asked for."""
    ALLOW = "allow"
    """The rule is not asked."""


@dataclass(frozen=True)
class Bounds:
    """What the policy and the goal say of a change."""

    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    """By name of the rule; a rule that is not named gets its default."""
    outside: tuple[tuple[str, str], ...] = ()
    """Paths outside the write scope, each with the reason."""
    own_folder: str = ""
    """Folder a build makes, POSIX, `.` for the whole repository; empty for everything that is no build."""
    dependencies: bool = False
    """The goal is about dependencies."""
    patch_files: int = 200
    """Most files."""
    patch_bytes: int = 4_000_000
    """Longest diff."""
    file_bytes: int = 1_000_000
    """Largest file."""

    own_secrets: tuple[str, ...] = field(default=(), repr=False)
    """Values of credentials of the process that asks; they are found however they are written."""

    def own(self, file: FileChange) -> bool:
        """True for a file that a build adds below its own folder."""
        folder = self.own_folder.rstrip("/")
        below = folder == "." or (bool(folder) and file.path.startswith(f"{folder}/"))
        return below and file.status in "AC"


class Hit(NamedTuple):
    """One place that a rule objects to."""

    path: str
    """POSIX path; empty when no file is concerned."""
    line: int
    """1-based; 0 = the whole file."""
    message: str
    """One sentence."""


class Rule(NamedTuple):
    """One rule."""

    name: str
    """As in the policy's `guard:`, words joined by `_`."""
    function: Callable[[Change, Bounds], Iterable[Hit]]
    """Never raises for what a change holds."""
    default: Treatment
    """Where the policy says nothing."""
    remedy: str
    """What to do about a hit, one sentence."""
