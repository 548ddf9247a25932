"""Folders for one piece of work, which nobody else sees: removed at its end, and after a `kill -9` of tdev by the next.

Whoever makes such a folder holds a lock on it (flock on the folder itself), which the kernel drops when the process
ends, however it ends. No id of a process is trusted: another may have it by now, or have the same in another namespace.
The first folder that a process makes among the machine's temporary files sweeps those: what has our kind of name, is
ours, and nobody holds is removed. One that was made this moment and is not locked yet may be swept as well; then its
maker makes another. Where the file system knows no locks nothing is swept.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tdev.adapters.files import explained
from tdev.adapters.removal import remove_tree

PREFIX = "tdev-own-"
"""Begins the name of every such folder, and of nothing else."""
_NAME = re.compile(re.escape(PREFIX) + r"[a-z-]+-[a-z0-9_]{8}")


@contextlib.contextmanager
def private_folder(purpose: str, parent: Path | None = None) -> Iterator[Path]:
    """An empty folder, links in its path resolved, with `purpose` (small letters) in its name; gone after the block.

    It is made in `parent`, else where this machine keeps temporary files. Raises like `explained` where it can't be.
    """
    place = parent or Path(tempfile.gettempdir())
    with explained(place):
        if parent is None:
            _swept(place)
        folder, lock = _made(place, purpose)
    try:
        yield folder
    finally:
        remove_tree(folder)
        os.close(lock)


def sweep(place: Path) -> tuple[Path, ...]:
    """Remove the folders at a place whose makers have ended without doing so; returns which."""
    found = sorted(entry for entry in _listed(place) if _NAME.fullmatch(entry.name))
    return tuple(folder for folder in found if _removed(folder))


@cache
def _swept(place: Path) -> tuple[Path, ...]:
    """What was removed there; looked for once."""
    return sweep(place)


def _made(place: Path, purpose: str) -> tuple[Path, int]:
    """A new folder and the lock on it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-", dir=place)).resolve()
        with contextlib.suppress(FileNotFoundError):
            lock = _opened(folder)
            if _locked(lock, where_there_are_none=True) and _is_still(folder, lock):
                return folder, lock
            os.close(lock)


def _removed(folder: Path) -> bool:
    """Remove a folder if it is ours alone and nobody holds it; False when it stays."""
    try:
        lock = _opened(folder)
    except OSError:
        return False
    try:
        if not _is_ours_alone(os.fstat(lock)) or not _locked(lock) or not _is_still(folder, lock):
            return False
        remove_tree(folder)
    finally:
        os.close(lock)
    return not folder.exists()


def _listed(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []


def _opened(folder: Path) -> int:
    """The folder itself, never what a link leads to."""
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _locked(handle: int, *, where_there_are_none: bool = False) -> bool:
    """True when the lock is ours now; else what is given for file systems that know no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return where_there_are_none
    return True


def _is_still(folder: Path, handle: int) -> bool:
    """True when the path still leads to what is open."""
    try:
        return os.path.samestat(folder.lstat(), os.fstat(handle))
    except OSError:
        return False


def _is_ours_alone(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
