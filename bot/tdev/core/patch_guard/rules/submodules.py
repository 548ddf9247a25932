"""Submodules (mode 160000): a commit of another repository, fetched and checked out by whoever clones with them."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import SUBMODULE, Change
from tdev.core.patch_guard.rule import Bounds, Hit


def submodules(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each entry that is a submodule before or after."""
    for file in change.files:
        if any(side is not None and side.mode == SUBMODULE for side in (file.before, file.after)):
            yield Hit(file.path, 0, f"{file.path} is a submodule, a commit of another repository")
