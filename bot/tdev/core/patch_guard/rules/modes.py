"""Modes: a file that becomes executable, or anything but a plain file, though its text may be the same."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Change
from tdev.core.patch_guard.rule import Bounds, Hit

_KNOWN = (REGULAR, EXECUTABLE, SYMLINK, SUBMODULE)


def mode_changes(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each file whose mode changed, and each mode that git does not make."""
    for file in change.files:
        before, after = file.before, file.after
        if after is not None and after.mode not in _KNOWN:
            yield Hit(file.path, 0, f"{file.path} has the mode {after.mode}, which git does not make")
        elif before is not None and after is not None and before.mode != after.mode:
            yield Hit(file.path, 0, f"the mode of {file.path} changes from {before.mode} to {after.mode}")
