"""The modules of a whole project as the drafting of tests sees them, by path.

The whole is read, because whether a function is pure depends on what it calls elsewhere. Comes in: a folder and paths
in it. Goes out: a Module for each file that parses and can be imported by name, from the folder or from its `src`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tdev.core.code_paths import is_own_code
from tdev.tools.ghostwriter.module_facts import Module, read_module


def modules_of(project: Path, paths: Iterable[str]) -> dict[str, Module]:
    """The project's own modules; `paths` are regular files, POSIX, inside the project."""
    read = {path: _read(project, path) for path in paths if path.endswith(".py") and is_own_code(path)}
    return {path: module for path, module in read.items() if module is not None}


def _read(project: Path, path: str) -> Module | None:
    """A module's facts; None when it does not parse or its path gives no importable name."""
    parts = path.removesuffix(".py").removeprefix("src/").split("/")
    package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if package else parts)
    if not name or not all(part.isidentifier() for part in name.split(".")):
        return None
    try:
        return read_module(name, package, (project / path).read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return None
