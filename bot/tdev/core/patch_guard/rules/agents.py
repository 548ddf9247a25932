"""Files that say what coding agents take instructions and tools from."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import AGENT_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit


def agent_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path of that name, whether added, altered or taken away; what a build adds in its own folder is its own."""
    for file in change.files:
        for path in file.paths:
            if not bounds.own(file) and named(path, AGENT_FILES):
                yield Hit(path, 0, f"{path} instructs coding agents")
