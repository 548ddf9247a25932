"""Decision: may a tool call go on, and why; a tree, so that a person sees what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer with its reasons."""

    name: str
    """What was judged: a tool, a path, a program."""
    allowed: bool
    """It may go on."""
    reason: str = ""
    """Why not, in words the model can act on; empty when it is allowed."""
    children: tuple[Decision, ...] = ()
    """The decisions it rests on."""

    @classmethod
    def all_of(cls, name: str, children: Iterable[Decision]) -> Decision:
        """Allowed when each of them is; nothing that was looked at is no reason to allow."""
        each = tuple(children)
        denied = next((child for child in each if not child.allowed), None)
        if denied is not None or not each:
            return cls(name, allowed=False, reason=denied.reason if denied else "Nothing was checked.", children=each)
        return cls(name, allowed=True, children=each)

    def lines(self, depth: int = 0) -> list[str]:
        """The tree for people, a line per decision."""
        mark = "allowed" if self.allowed else "denied"
        tail = f": {self.reason}" if self.reason and not any(not child.allowed for child in self.children) else ""
        own = f"{'  ' * depth}{self.name} {mark}{tail}"
        return [own, *(line for child in self.children for line in child.lines(depth + 1))]


def allow(name: str) -> Decision:
    """It may go on."""
    return Decision(name, allowed=True)


def deny(name: str, reason: str) -> Decision:
    """It may not."""
    return Decision(name, allowed=False, reason=reason)
