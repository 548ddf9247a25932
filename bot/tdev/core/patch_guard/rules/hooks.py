"""Files that say what programs run or obey by themselves in a checkout."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import HOOK_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit


def hook_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path of that name, whether added, altered or taken away; what a build adds in its own folder is its own."""
    for file in change.files:
        for path in file.paths:
            if not bounds.own(file) and named(path, HOOK_FILES):
                yield Hit(path, 0, f"{path} is run or obeyed without being asked for")
