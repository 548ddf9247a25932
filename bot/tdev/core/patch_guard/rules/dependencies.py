"""Manifests and lock files: what a project depends on, and so whose code everybody runs who installs it.

A goal that is about dependencies may change them, and a build adds its own. The known vulnerabilities of what is
brought in are looked up elsewhere, tools/dependencies.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.names import LOCK_FILES, MANIFEST_FILES, named
from tdev.core.patch_guard.rule import Bounds, Hit


def dependency_files(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each such path, unless the goal is about dependencies or a build adds it in its own folder."""
    if bounds.dependencies:
        return
    for file in change.files:
        for path in file.paths:
            if not bounds.own(file) and named(path, MANIFEST_FILES + LOCK_FILES):
                yield Hit(path, 0, f"{path} says what the project depends on, and the goal is not about that")
