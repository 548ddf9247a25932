"""Files that say who has to be asked before something is merged."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import OWNER_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit


def owner_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path of that name, whether added, altered or taken away; what a build adds in its own folder is its own."""
    for file in change.files:
        for path in file.paths:
            if not bounds.own(file) and named(path, OWNER_FILES):
                yield Hit(path, 0, f"{path} says who is asked, or what bots may do")
