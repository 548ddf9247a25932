"""Folders at the repository's top whose name begins with a dot: settings of programs, seldom looked at in a review."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit


def dot_folders(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path in such a folder; what a build adds in its own folder is its own."""
    for file in change.files:
        for path in file.paths:
            first, slash, _ = path.partition("/")
            if first.startswith(".") and slash and not bounds.own(file):
                yield Hit(path, 0, f"{path} is in {first}/, where programs keep their settings")
