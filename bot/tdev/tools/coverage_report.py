"""coverage's JSON report of a project's own code, read as what it is: a file that the project's tests could write.

Format: https://coverage.readthedocs.io/en/latest/commands/cmd_json.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from tdev.core.code_paths import is_own_code

Lines = Mapping[str, tuple[int, ...]]


class CoveredLines(NamedTuple):
    """Lines by path relative to the project."""

    executed: Lines
    """Those that were run."""
    missing: Lines
    """Those that were not."""


class _File(BaseModel):
    executed_lines: tuple[int, ...]
    missing_lines: tuple[int, ...]


class _Report(BaseModel):
    files: dict[str, _File]


def read_coverage(report: bytes | None, project: Path) -> CoveredLines | None:
    """The lines of the project's own code; None when the report is absent or something else."""
    try:
        files = _Report.model_validate_json(report or b"").files
    except ValidationError:
        return None
    own = {
        Path(name).relative_to(project).as_posix(): file
        for name, file in files.items()
        if Path(name).is_relative_to(project) and is_own_code(Path(name).relative_to(project).as_posix())
    }
    return CoveredLines(
        {path: file.executed_lines for path, file in own.items()},
        {path: file.missing_lines for path, file in own.items()},
    )
