"""What the rules look at.

stages/research.py builds one Material per commit; the rules are functions of it and know nothing of git or disk.
Three circles of files: all, `readable` (parsed and not vendored or generated), `own` (also neither tests nor build
scripts). A rule that blames code for its looks takes `own`; one that asks whether a name is used takes all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tdev.core.code_paths import is_own_code
from tdev.core.insight.python_versions import oldest_supported
from tdev.core.manifests import PythonFloor, python_floor
from tdev.core.scan import FileFacts

_FOREIGN_FOLDERS = frozenset({"_vendor", "vendor", "vendored", "third_party", "node_modules", "site-packages"})
_GENERATED = ("_pb2.py", "_pb2_grpc.py", "_pb2.pyi")


class Place(NamedTuple):
    """One place that shows an insight."""

    kind: str
    """Key of core.insight.kinds.KINDS."""
    path: str
    """POSIX path."""
    line: int
    """1-based; 0 = the file as a whole."""
    detail: str
    """What is seen there."""
    hours: float
    """Estimated work for a person on this place."""
    weight: float = 0.0
    """Heavier places of one insight are listed first."""


@dataclass(frozen=True)
class Thresholds:
    """What counts as too much; the policy's section `research` explains each."""

    complexity: int = 10
    """Cyclomatic number of a function."""
    long_function_lines: int = 60
    """Lines of a function."""
    todo_per_1000_lines: float = 5.0
    """TODO, FIXME and XXX comments of a file."""
    insights: int = 500
    """Length of the list."""


@dataclass(frozen=True)
class Material:
    """A repository at one commit, as facts."""

    files: tuple[FileFacts, ...]
    """Its Python files."""
    limits: Thresholds
    """What counts as too much."""
    today: date
    """The day of the run."""
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Text of its dependency files, by path."""
    pinned_on: Mapping[tuple[str, int], date] = field(default_factory=dict)
    """Day on which a line of a dependency file was written, by (path, line), where history knows."""
    commits: Mapping[str, int] = field(default_factory=dict)
    """How many of the last commits touched a path."""

    @functools.cached_property
    def readable(self) -> tuple[FileFacts, ...]:
        """Files that were parsed and belong to the project, tests included."""
        return tuple(facts for facts in self.files if not facts.error and not is_foreign(facts.path))

    @functools.cached_property
    def own(self) -> tuple[FileFacts, ...]:
        """Of those, the product's own code: no tests, no build scripts."""
        return tuple(facts for facts in self.readable if is_own_code(facts.path))

    @functools.cached_property
    def floor(self) -> PythonFloor | None:
        """The oldest Python the project says it runs on."""
        return python_floor(self.manifests)

    @functools.cached_property
    def oldest_python(self) -> tuple[int, int]:
        """The oldest Python whose syntax the project may have to keep to."""
        return self.floor.version if self.floor else oldest_supported(self.today)

    @functools.cached_property
    def lines(self) -> Mapping[str, int]:
        """Lines by path."""
        return {facts.path: facts.lines for facts in self.files}


def is_foreign(path: str) -> bool:
    """True for vendored and generated files: others keep them."""
    return path.endswith(_GENERATED) or not _FOREIGN_FOLDERS.isdisjoint(path.split("/"))
