"""A folder as a hash: what must not change is told by it."""

from __future__ import annotations

import hashlib
from pathlib import Path


def fingerprint(folder: Path, leave_out: tuple[str, ...] = ()) -> str:
    """A hash over every name, link, mode and content below a folder; `leave_out` are names of files in it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.parent == folder and path.name in leave_out:
            continue
        digest.update(f"{path.relative_to(folder)}\0{path.lstat().st_mode:o}\0".encode("utf-8", "surrogateescape"))
        if path.is_symlink():
            digest.update(str(path.readlink()).encode("utf-8", "surrogateescape"))
        elif path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
