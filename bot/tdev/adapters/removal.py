"""Folders removed whole, whatever a program that ran in them has left there."""

from __future__ import annotations

import shutil
from pathlib import Path

from tdev.adapters import process

_SECONDS = 600.0
_PATH = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def remove_tree(folder: Path) -> None:
    """Remove a folder and all below it; what can't be removed stays, and a folder that is not there is no error.

    A hundred thousand folders inside one another are more than Python's own removal can go down.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:
        process.run(("rm", "-rf", "--", folder), cwd=Path("/"), environment=_PATH, timeout=_SECONDS)
