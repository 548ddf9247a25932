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
    excluded: Lines
    """Those that a comment takes out of the measure; only of files that have some."""


ContextLines = Mapping[str, frozenset[int]]
"""Executed lines by path relative to the project, of one context (a test)."""


class _File(BaseModel):
    executed_lines: tuple[int, ...]
    missing_lines: tuple[int, ...]
    excluded_lines: tuple[int, ...] = ()
    contexts: dict[int, tuple[str, ...]] = {}


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
        {path: file.excluded_lines for path, file in own.items() if file.excluded_lines},
    )


def read_contexts(report: bytes | None, folder: Path, project: Path) -> dict[str, ContextLines] | None:
    """Executed lines of the project by context; None when the report is absent or something else.

    Paths in the report are absolute, or relative to `folder`.
    """
    try:
        files = _Report.model_validate_json(report or b"").files
    except ValidationError:
        return None
    found: dict[str, dict[str, set[int]]] = {}
    for name, file in files.items():
        path = folder / name
        if path.is_relative_to(project):
            for line, contexts in file.contexts.items():
                for context in contexts:
                    by_path = found.setdefault(context, {})
                    by_path.setdefault(path.relative_to(project).as_posix(), set()).add(line)
    return {context: {path: frozenset(lines) for path, lines in by_path.items()} for context, by_path in found.items()}
