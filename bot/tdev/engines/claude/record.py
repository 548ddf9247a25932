"""Claude Code's own record of a session: the one thing of a HOME that is taken into the next.

Called by the engine before a try that goes on with a session. The HOME of each try is new; what wrote into the last one
was the model's, so nothing of it is used but this file, and it only if it is a plain file with the session's own name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from tdev.adapters.files import explained

PROJECTS = Path(".claude", "projects")
"""Below HOME: a folder per working directory, in it a file per session."""
_LARGEST = 256 * 1024 * 1024
_FOLDER_NAME = re.compile(r"[A-Za-z0-9-]{1,255}")
_SESSION = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def record_of(homes: Iterable[Path], session: str) -> Path | None:
    """The record of a session in the first HOME that has it; None where it is gone, empty or no plain file."""
    if not _SESSION.fullmatch(session):
        return None
    for home in homes:
        projects = home / PROJECTS
        if projects.is_symlink() or not projects.is_dir():
            continue
        for folder in sorted(projects.iterdir()):
            file = folder / f"{session}.jsonl"
            if _FOLDER_NAME.fullmatch(folder.name) and not folder.is_symlink() and _is_plain(file):
                return file
    return None


def take(record: Path, home: Path) -> None:
    """Copy a record into a new HOME; raises TransientError when the disk is full."""
    target = home / PROJECTS / record.parent.name / record.name
    with explained(home):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(record, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as source:
            target.write_bytes(_whole_lines(source.read(_LARGEST)))


def _whole_lines(data: bytes) -> bytes:
    """The record without a last line that was cut when its writer was killed."""
    return data[: data.rfind(b"\n") + 1]


def _is_plain(file: Path) -> bool:
    try:
        status = file.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and 0 < status.st_size <= _LARGEST
