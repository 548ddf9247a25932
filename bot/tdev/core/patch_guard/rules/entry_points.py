"""Files that run when somebody installs, builds or tests the project, and what a manifest names to run then.

A Python file whose syntax tree stays the same, comments and layout aside, runs as before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change, FileChange, Side
from tdev.core.patch_guard.names import BUILD_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit

_BACKEND = re.compile(
    r"^\s*(?:build-backend|backend-path|requires)\s*=|^\s*\[\s*build-system\s*\]|^\s*\[tool\.hatch\.build\.hooks"
)
_SCRIPT = re.compile(r'^\s*"(?:pre|post)?(?:install|prepare|publish|pack|uninstall)"\s*:')


def entry_points(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each such path, and each added line that names a build backend or a script of an installation."""
    for file in change.files:
        if bounds.own(file):
            continue
        for path in file.paths:
            if named(path, BUILD_FILES) and not _same_program(file):
                yield Hit(path, 0, f"{path} runs when the project is installed, built or tested")
        pattern = {"pyproject.toml": _BACKEND, "package.json": _SCRIPT}.get(file.path.rpartition("/")[2].casefold())
        for line in file.added if pattern else ():
            if pattern is not None and pattern.search(line.text[:500]):
                yield Hit(file.path, line.number, f"what runs at an installation is changed: {line.text}")


def _same_program(file: FileChange) -> bool:
    """True for a Python file that stays where it is and is the same to the interpreter."""
    if file.status != "M" or not file.path.endswith(".py"):
        return False
    before, after = _tree(file.before), _tree(file.after)
    return bool(before) and before == after


def _tree(side: Side | None) -> str:
    """The syntax tree of a side as a text; empty where there is none."""
    try:
        return ast.dump(ast.parse(side.text)) if side is not None and side.text else ""
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
