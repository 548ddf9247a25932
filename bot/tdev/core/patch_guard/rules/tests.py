"""Tests that are made weaker: the evidence on which the gates rest. What counts is in core/weakened_tests/."""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import SYMLINK, Change, FileChange, Side
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.weakened_tests import TextPair, weakened


def weakened_tests(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each place where a test, or what it is run with, says less than before."""
    for found in weakened(tuple(_pair(file) for file in change.files if _is_text(file))):
        yield Hit(found.path, found.line, found.message)


def _is_text(file: FileChange) -> bool:
    sides = [side for side in (file.before, file.after) if side is not None]
    return all(side.text is not None and side.mode != SYMLINK for side in sides)


def _pair(file: FileChange) -> TextPair:
    return TextPair(
        path=file.path,
        before=_text(file.before),
        after=_text(file.after),
        old_path=file.old_path or file.path,
    )


def _text(side: Side | None) -> str | None:
    return side.text if side is not None else None
