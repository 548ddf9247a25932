"""One package in one exact version, as a lock file names it, and all that one lock file says."""

from __future__ import annotations

from dataclasses import dataclass, field

NPM, GO, CRATES = "npm", "Go", "crates.io"
"""Ecosystems, spelled as OSV does (https://ossf.github.io/osv-schema/#defined-ecosystems)."""


@dataclass(frozen=True)
class Package:
    """One exact version of one package."""

    ecosystem: str
    """NPM, GO or CRATES."""
    name: str
    """As its registry spells it, e.g. `@babel/core` or `golang.org/x/net`."""
    version: str
    """Exact, without Go's `v`."""
    path: str = field(default="", compare=False)
    """Lock file, POSIX."""
    line: int = field(default=0, compare=False)
    """1-based; 0 = not known."""
    source: str = ""
    """Where it comes from, when that is not the place its registry keeps this version at."""


@dataclass(frozen=True)
class Locked:
    """What one lock file says."""

    packages: tuple[Package, ...] = ()
    """Packages; none that are folders of the project itself."""
    registries: tuple[tuple[str, int], ...] = ()
    """Registries it names, with their lines; of Cargo those that are not its own."""
    error: str = ""
    """Why it could not be read."""
    unread: str = ""
    """The text that could not be read."""
