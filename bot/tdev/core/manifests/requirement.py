"""One requirement, as PEP 508 writes it.

The grammar is https://peps.python.org/pep-0508/ without its direct references: `name @ address` has no version to
judge. Names stay as written, because they are shown to people beside the line they come from.
Lines beyond a thousand characters are no requirements anybody wrote.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_REQUIREMENT_LENGTH = 1000
_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?P<versions>\(?[^;#@\s][^;#@]*)?(?:[;#@\s].*)?$"
)
_EXACT = re.compile(r"^\(?\s*===?\s*([\w.!+-]+)\s*\)?$")
_OPERATOR = re.compile(r"\(?\s*(?:===?|~=|!=|<=?|>=?)\s*[\w.]")


class Requirement(NamedTuple):
    """One package that a dependency file asks for."""

    path: str
    """The file."""
    line: int
    """1-based."""
    name: str
    """The package, as written."""
    versions: str
    """Version specifier, e.g. `==1.2`; empty = any."""

    @property
    def exact(self) -> str:
        """The one version asked for; empty when there is a choice."""
        match = _EXACT.match(self.versions)
        return match.group(1) if match and "*" not in self.versions else ""


def parse_requirement(path: str, line: int, text: str) -> Requirement | None:
    """One requirement as PEP 508 writes it; None for what is none."""
    match = _REQUIREMENT.match(text) if len(text) <= _REQUIREMENT_LENGTH else None
    if match is None:
        return None
    versions = (match.group("versions") or "").strip()
    if versions and not _OPERATOR.match(versions):
        return None
    return Requirement(path, line, match.group("name"), versions)
