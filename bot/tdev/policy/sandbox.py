"""Policy section `sandbox`: what a program in the sandbox may use up. A repository may ask for less, never for more.

The ceiling is the machine's own default file (policies/default.yml, or the one that TDEV_POLICIES names): who runs
T-Developer raises a limit there, and a repository lowers it in its own file. adapters/sandbox holds the limits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from pydantic import Field

from tdev.core.artifacts.model import Model
from tdev.policy.document import Document
from tdev.policy.problems import Place, Problem

MIB = 1024 * 1024
SECTION = "sandbox"
_NONE = {"cpus": 0.0}
"""Values that mean there is no limit."""


class CellLimits(Model):
    """What a program in the sandbox and its children may use up; a repository may only lower it."""

    memory_bytes: int = Field(default=4096 * MIB, ge=1)
    """Memory of all together, swap included."""
    processes: int = Field(default=512, ge=1)
    """Processes and threads."""
    cpus: float = Field(default=0.0, ge=0)
    """Processors' worth of time; 0 = all."""
    cpu_seconds: int = Field(default=7200, ge=1)
    """Processor time of one process."""
    file_bytes: int = Field(default=2048 * MIB, ge=1)
    """Largest single file, standard output included."""
    disk_bytes: int = Field(default=4096 * MIB, ge=1)
    """What the writable folders may grow by."""
    disk_files: int = Field(default=200_000, ge=1)
    """How many files and folders may be added to them."""
    temporary_bytes: int = Field(default=1024 * MIB, ge=1)
    """Size of /tmp and HOME where they are in memory."""
    open_files: int = Field(default=4096, ge=1)
    """Open files of one process."""


USUAL_LIMITS = CellLimits()
"""What holds where no policy says anything."""


def beyond(document: Document, ceiling: CellLimits, source: str) -> tuple[Problem, ...]:
    """The limits of a checked document that are above the ceiling, which `source` sets."""
    asked = document.data.get(SECTION)
    rows = asked.items() if isinstance(asked, Mapping) else ()
    return tuple(
        Problem(
            document.places.get((SECTION, name), Place(1, 1)),
            f"{SECTION}.{name} is {value}, and {source} allows {getattr(ceiling, name)}; it can only be lowered here",
            f"{SECTION}.{name}",
        )
        for name, value in rows
        if _size(name, value) > _size(name, getattr(ceiling, name))
    )


def _size(name: str, value: object) -> float:
    found = float(value) if isinstance(value, int | float) else 0.0
    return math.inf if _NONE.get(name) == found else found
