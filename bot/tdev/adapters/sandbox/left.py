"""Files that a program left in a folder it could write to, read without being led elsewhere.

Comes in: the folder and a plain name in it. Goes out: the bytes of a regular file, or None. A program may leave a
link, a pipe that never ends, a device or a file of any size under the name that we look for.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

LARGEST = 64 * 1024 * 1024


def read_left(folder: Path, name: str, limit: int = LARGEST) -> bytes | None:
    """The content of `folder/name`; None when it is not a regular file of at most `limit` bytes.

    `folder` is ours, and only what is in it is the program's.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(folder / name, flags)
    except OSError:
        return None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or found.st_size > limit:
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        return file.read(limit)
