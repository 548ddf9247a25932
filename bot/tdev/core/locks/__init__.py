"""Lock files of npm, pnpm, Yarn, Go and Cargo: which packages in which exact versions, and what a change adds to them.

Comes in: paths and texts, no network. Goes out: packages as a vulnerability service calls them. Python's own formats
are read in core/manifests, since they are resolved and installed as well; these here are looked up alone. A new format
gets a module with a function `of_...` and a line in readers.py.
"""

from __future__ import annotations

from tdev.core.locks.asked import Asked, asked_by, is_manifest, unlocked
from tdev.core.locks.change import LockChange, lock_change
from tdev.core.locks.package import Locked, Package
from tdev.core.locks.readers import is_lock, locked_by

__all__ = [
    "Asked",
    "LockChange",
    "Locked",
    "Package",
    "asked_by",
    "is_lock",
    "is_manifest",
    "lock_change",
    "locked_by",
    "unlocked",
]
