"""Where a statement stands while a syntax tree is walked.

Scopes are frozen and passed along with each block that waits, since the walk does not recurse and so has no stack
to tell where it is. A Definition is the one thing that changes after it was made: its complexity grows as its
body is visited.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from tdev.core.scan.facts import SymbolFact


class Bound(NamedTuple):
    """A name that an import binds."""

    name: str
    line: int
    """1-based line of the name."""
    statement_line: int
    """1-based first line of the import."""
    statement_end: int
    """1-based last line of the import."""


@dataclass(slots=True)
class Definition:
    """A module, class or function while its complexity is being counted."""

    kind: str
    name: str
    line: int
    end_line: int
    documented: bool
    typed: bool
    local: bool
    outer: Definition | None
    """The nearest function around it."""
    complexity: int = 1

    def fact(self) -> SymbolFact:
        """What stays of it; only functions have a complexity of their own."""
        complexity = self.complexity if self.kind == "function" else 1
        return SymbolFact(
            self.kind, self.name, self.line, self.end_line, self.documented, self.typed, complexity, self.local
        )


@dataclass(slots=True, frozen=True)
class Scope:
    """Where a block of statements stands."""

    prefix: str
    """What goes before the names defined here."""
    kind: str
    """`module`, `class` or `function`."""
    function: Definition | None
    """The function whose complexity a branch here adds to."""
    owner: str
    """The class whose methods are defined or running here."""
    plain: bool = False
    """That class has no base class that could call its private methods."""
    guarded: bool = False
    """An import here may fail and that is foreseen."""

    def guard(self) -> Scope:
        """The same place, where a failed import is foreseen."""
        return replace(self, guarded=True)
