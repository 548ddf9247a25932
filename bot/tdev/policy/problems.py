"""What can be wrong with a policy file, and where: line, column and the key's dotted name.

policy/document.py finds what is wrong with the text, policy/check.py what is wrong with the values; both raise all they
found at once. adapters/policy_file.py adds the file's name and makes one error of it.
Values in messages come from the file and so from strangers: `shown` quotes and shortens them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

KeyPath = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something stands in a file, both 1-based."""

    line: int
    column: int


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a policy file."""

    place: Place
    """Where."""
    message: str
    """What, in one sentence without its full stop."""
    key: str = ""
    """Dotted key it is about; empty for the file as a whole."""

    def at(self, source: str) -> str:
        """`FILE:LINE:COLUMN: what is wrong`."""
        return f"{source}:{self.place.line}:{self.place.column}: {self.message}"


class PolicyProblems(Exception):
    """A policy file is wrong; adapters/policy_file.py turns it into a ConfigurationError that names the file."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


def shown(value: object, limit: int = 60) -> str:
    """A value from outside as it may stand in a message: quoted, nothing hidden, not long."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 2]}…{text[-1]}"


def dotted(path: KeyPath) -> str:
    """`gates.tests.coverage_drop`, `waivers[0].reason`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
