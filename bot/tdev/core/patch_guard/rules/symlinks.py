"""Symbolic links: a new name for another file, which may lie outside the repository or be protected under its own.

Where a link leads is judged by name alone; a chain of links is caught because each of them is one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tdev.core.patch_guard.change import SYMLINK, Change, FileChange
from tdev.core.patch_guard.rule import Bounds, Hit


def symlinks(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each link that is new or leads elsewhere than before."""
    for file in change.files:
        if file.after is not None and file.kind == SYMLINK:
            yield Hit(file.path, 0, f"{file.path} is a symbolic link to {_target(file)}{_where(file)}")


def _target(file: FileChange) -> str:
    text = file.after.text if file.after is not None else None
    return repr(text[:200]) if text is not None else "an unreadable place"


def _where(file: FileChange) -> str:
    text = (file.after.text if file.after is not None else None) or ""
    if text.startswith(("/", "~", "\\")) or text[1:2] == ":":
        return ", an absolute path"
    led = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), text))
    if led == ".." or led.startswith("../"):
        return ", outside the repository"
    return ", git's own folder" if ".git" in led.casefold().split("/") else ""
