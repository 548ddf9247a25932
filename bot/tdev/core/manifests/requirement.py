"""One requirement, as PEP 508 writes it, and all that one dependency file says.

The grammar is https://peps.python.org/pep-0508/ in one regular expression; names are compared as PEP 503 asks.
It is strict: what it does not match is reported as unclear and never taken for no requirement, because the audit of a
change rests on it. White space is folded and length bounded first, so no text can make the expression slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LONGEST = 4000
_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_CLAUSE = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    rf"^({_NAME})\s*(?:\[([A-Za-z0-9._,\s-]*)\])?\s*"
    rf"(?:@\s*(?P<url>\S+)|\(?\s*(?P<spec>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*,?\s*\)?)"
    rf"\s*(?:;\s*(?P<marker>[^;#]+))?$"
)
_EXACT = re.compile(r"={2,3}\s*([A-Za-z0-9.+!_-]+)")


@dataclass(frozen=True)
class Requirement:
    """One package that one dependency file asks for."""

    name: str
    """Lower case, runs of `-_.` as one `-`."""
    specifier: str
    """E.g. `==1.2` or `>=1,<2`; empty = any version."""
    path: str
    """Dependency file, POSIX."""
    line: int
    """1-based; 0 = not known."""
    extras: str = ""
    """E.g. `async,cli`."""
    marker: str = ""
    """Environment marker."""
    url: str = ""
    """Where it comes from, when not from an index."""
    written: str = field(default="", compare=False)
    """The name as the file spells it, for people."""

    @property
    def version(self) -> str:
        """The exact version it is pinned to, or an empty string."""
        match = _EXACT.fullmatch(self.specifier)
        return match.group(1) if match else ""

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same requirement, in whichever file and line it stands."""
        return (self.name, self.specifier, self.extras, self.url)

    @property
    def text(self) -> str:
        """As an installer takes it."""
        extras = f"[{self.extras}]" if self.extras else ""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{self.specifier}{marker}"


@dataclass(frozen=True)
class Dependencies:
    """What one dependency file says."""

    requirements: tuple[Requirement, ...] = ()
    """Packages."""
    indexes: tuple[tuple[str, int], ...] = ()
    """Addresses of package indexes it names, with their lines."""
    includes: tuple[str, ...] = ()
    """Further requirement files it names, relative to its folder."""
    unclear: tuple[tuple[str, int], ...] = ()
    """Lines that could not be understood."""
    project: str = ""
    """Name of the project it describes, normalised."""
    error: str = ""
    """Why it could not be read at all."""


def normalised(name: str) -> str:
    """A package name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_requirement(raw: str, path: str, line: int) -> Requirement | None:
    """One requirement as PEP 508 writes it; None for what is none."""
    text = " ".join(raw.split())
    match = _REQUIREMENT.match(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    extras = ",".join(sorted(normalised(extra.strip()) for extra in (match.group(2) or "").split(",") if extra.strip()))
    return Requirement(
        name=normalised(match.group(1)),
        specifier=re.sub(r"\s+", "", match.group("spec") or ""),
        path=path,
        line=line,
        extras=extras,
        marker=(match.group("marker") or "").strip(),
        url=match.group("url") or "",
        written=match.group(1),
    )
