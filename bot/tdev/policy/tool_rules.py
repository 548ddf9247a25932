"""What a tool call is judged by: the rules of a session, the call, and the facts about the files and programs it names.

Data only. Facts come from adapters/tool_places.py; a name without a fact is denied, so a forgotten look is no hole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tdev.policy.agent import Agent
from tdev.policy.model import Scope

SEARCH_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
"""Where programs are looked for; never in the repository, whatever PATH says."""


@dataclass(frozen=True)
class ToolRules:
    """What holds for one session."""

    root: str
    """Absolute path of the checkout."""
    tools: frozenset[str]
    """Claude Code's own tools that are offered."""
    scope: Scope
    """Where may be written."""
    agent: Agent
    """Servers, programs and tasks."""
    allowed_root: str = ""
    """Folder in which protected names may be added, `.` = all of the checkout; empty = nowhere."""
    answers: bool = False
    """An answer was asked for by a JSON Schema, so the tool that hands it over may be used."""
    search_path: tuple[str, ...] = SEARCH_PATH
    """Folders programs are looked for in, outside the checkout."""


class Kind(StrEnum):
    """What stands at a path."""

    MISSING = "missing"
    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"
    """A device, a socket, a named pipe."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path as it lies on disk. Relative paths are POSIX and relative to the checkout; empty = the checkout itself."""

    spelled: str | None
    """As it is spelled, `..` taken out; None = it leads out of the checkout."""
    real: str | None
    """With links followed; None = it leads out of the checkout."""
    kind: Kind = Kind.MISSING
    """What stands there, links followed."""
    links: int = 1
    """How many names a file has (hard links)."""
    trouble: str = ""
    """Why it can't be told; then nothing else counts."""


@dataclass(frozen=True, slots=True)
class Located:
    """A program's file, found by its name."""

    path: str = ""
    """Absolute path with links followed; empty = not found."""
    inside: bool = False
    """It lies in the checkout, where the model may have written it."""


@dataclass(frozen=True)
class Call:
    """One tool call with the facts about what it names."""

    tool: str
    """Name, e.g. `Edit`, `mcp__fs__write`."""
    arguments: Mapping[str, object]
    """As the model gave them."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Every path it names, in each reading (tool_paths.readings)."""
    programs: Mapping[str, Located] = field(default_factory=dict)
    """Every program it names."""
