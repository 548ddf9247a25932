"""Files that say what runs on a server with the repository's own rights."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import WORKFLOW_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit


def workflow_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path of that name, whether added, altered or taken away; what a build adds in its own folder is its own."""
    for file in change.files:
        for path in file.paths:
            if not bounds.own(file) and named(path, WORKFLOW_FILES):
                yield Hit(path, 0, f"{path} steers what a server runs")
