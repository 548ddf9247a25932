"""Files written so that a reader sees the old or the new content, never a half.

All rooms that keep a result on disk write through `write_atomically`: a temporary file in the same
folder, fsync, rename, fsync of the folder. A crash at any moment leaves the old or the new file.

What can go wrong with a disk (full, read-only, not ours) is turned by `explained` into an error
with a next step; no other room catches OSError of a write. Reading is not wrapped: a missing file
means something else to each caller.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tdev.errors import ConfigurationError, TransientError

_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn a failed write below `folder` into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise TransientError(
                f"The disk that holds {folder} is full.", next_step="Free some space, then `tdev run resume` the run."
            ) from error
        if error.errno in _READ_ONLY:
            raise ConfigurationError(
                f"{folder} can't be written to.", next_step="Set TDEV_HOME to a folder that can."
            ) from error
        raise TransientError(f"Could not write below {folder}: {error.strerror or error}.") from error


def write_atomically(path: Path, data: bytes, *, backup: bool = True) -> None:
    """Write through a temporary file, fsync and rename; a different older file is kept as `NAME.bak-<timestamp>`."""
    with explained(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o644)
            if backup:
                _keep_old(path, data)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _keep_old(path: Path, data: bytes) -> None:
    """Link the file's present content to its backup name, unless it is the same as `data`."""
    if not path.is_file() or path.read_bytes() == data:
        return
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    os.link(path, path.with_name(f"{path.name}.bak-{stamp}"))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path, size: int | None = None) -> tuple[str, int]:
    """Hex SHA-256 and length of a file's first `size` bytes (all of it when None)."""
    digest = hashlib.sha256()
    left = path.stat().st_size if size is None else size
    total = 0
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
            total += len(block)
    return digest.hexdigest(), total
