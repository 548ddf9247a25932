"""Cell: all that a program in the sandbox sees, may write, may reach and may use up. Data only, whatever builds it.

Every folder has the same path inside as outside, so that what a program says about files holds outside as well.
What is not named is not there: no other file, no network, no process, no variable. The system's programs and libraries
(/usr and what belongs to it) are always there, read-only; /tmp and HOME are empty unless named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tdev.policy.sandbox import USUAL_LIMITS, CellLimits


@dataclass(frozen=True)
class Cell:
    """One program's surroundings. All paths are absolute and exist."""

    cwd: Path
    """Working directory; inside one of the folders below."""
    environment: Mapping[str, str]
    """Its whole environment."""
    writable: tuple[Path, ...] = ()
    """Folders it may change."""
    read_only: tuple[Path, ...] = ()
    """Files and folders it may read; inside a writable one they are taken out of it (`checkout/.git`)."""
    ports_to: Mapping[int, Path] = field(default_factory=dict)
    """Loopback port inside -> Unix socket outside that answers it: the only ways out."""
    ports_from: Mapping[int, Path] = field(default_factory=dict)
    """Loopback port that is served inside -> Unix socket outside through which we reach it."""
    sockets: tuple[Path, ...] = ()
    """Unix sockets outside that are there under their own path."""
    limits: CellLimits = USUAL_LIMITS
    """What it may use up."""
