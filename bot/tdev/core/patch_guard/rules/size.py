"""Size: what a person can review and the later stages must hold in memory; the figures are the policy's."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit


def size(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """The whole change when it is too large, each file that is, and each that was not read for its size."""
    files, length = len(change.files), change.diff_bytes
    if files > bounds.patch_files:
        yield Hit("", 0, f"the change touches {files} files; limits.patch_files is {bounds.patch_files}")
    if length > bounds.patch_bytes:
        yield Hit("", 0, f"the diff is {length:,} bytes long; limits.patch_bytes is {bounds.patch_bytes:,}")
    for file in change.files:
        after = file.after
        if after is not None and after.size > bounds.file_bytes:
            grown = file.before is None or after.size > file.before.size
            if grown:
                limit = f"guard.file_bytes is {bounds.file_bytes:,}"
                yield Hit(file.path, 0, f"{file.path} has {after.size:,} bytes; {limit}")
    for file in (*change.files, *change.history):
        if any(side is not None and side.unread for side in (file.before, file.after)):
            yield Hit(file.path, 0, f"{file.path} is too large to be looked at")
