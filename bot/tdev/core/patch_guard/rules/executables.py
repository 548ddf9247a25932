"""New executables: files that a shell runs by their name."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import EXECUTABLE, Change
from tdev.core.patch_guard.rule import Bounds, Hit


def new_executables(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each executable file that was not there before; what a build adds in its own folder is its own."""
    for file in change.files:
        if file.kind == EXECUTABLE and (file.before is None or file.status == "C") and not bounds.own(file):
            yield Hit(file.path, 0, f"{file.path} is new and executable")
