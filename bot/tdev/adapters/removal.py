"""Folders removed whole, whatever a program that ran in them has left there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Remove a folder and all below it; what can't be removed stays, and a folder that is not there is no error.

    A hundred thousand folders inside one another are more than Python's own removal can go down, and it leaves what is
    in folders that may not be written to.
    """
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.is_dir() and not folder.is_symlink():
        _remove_flat(folder)


def _remove_flat(folder: Path) -> None:
    """Move every folder to the top before it is looked into: no path grows long, and each is touched twice alone.

    `rm -rf` needs minutes for what this does in seconds.
    """
    name = secrets.token_hex(8)
    waiting, moved = [folder], 0
    _open_up(folder)
    while waiting:
        place = waiting.pop()
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        Path(entry.path).unlink()
                    elif place != folder or not entry.name.startswith(name):
                        moved += 1
                        _open_up(Path(entry.path))
                        waiting.append(Path(entry.path).rename(folder / f"{name}-{moved}"))
        if place != folder:
            with contextlib.suppress(OSError):
                place.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _open_up(folder: Path) -> None:
    """Let its owner list, empty and move a folder; never what a link leads to."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY)
        try:
            Path(f"/proc/self/fd/{handle}").chmod(0o700)
        finally:
            os.close(handle)
