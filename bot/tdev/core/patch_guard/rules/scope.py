"""Paths outside the write scope: where a change may write is the policy's `scope:`, policy/write_scope.py."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit


def outside_scope(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each path that the policy does not let a change touch."""
    for path, reason in bounds.outside:
        yield Hit(path, 0, f"{path} may not be changed: {reason}")
