"""The files of one commit, read from git's own store: no checkout is needed and a dirty work tree is not seen.

Speaks to `git ls-tree` and `git cat-file --batch`, whose formats are in git's own manual pages.
Only source_scan asks it. Links and submodules are named but not followed: what they point to is no
part of the commit. Files above 2 MiB are data or generated code in practice and are skipped with a
reason.

Content is read in batches through a temporary file: one process for thousands of files, and a
bounded amount of memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import IO, NamedTuple

from tdev.adapters.git import Git
from tdev.errors import TransientError

MAX_BLOB_BYTES = 2 * 1024 * 1024
_BATCH_BYTES = 16 * 1024 * 1024
_BATCH_FILES = 2000
_REASONS = {"120000": "symbolic link", "160000": "submodule"}


class Blob(NamedTuple):
    """One file of a commit."""

    path: str
    """POSIX path; bytes that are not UTF-8 are shown as U+FFFD."""
    sha: str
    """Id of its content."""
    size: int
    """Bytes."""


class Skipped(NamedTuple):
    """One entry of a commit that is not read."""

    path: str
    """POSIX path."""
    reason: str
    """Why."""


class Listing(NamedTuple):
    """What a commit holds."""

    blobs: tuple[Blob, ...]
    """Files of at most MAX_BLOB_BYTES, in path order."""
    skipped: tuple[Skipped, ...]
    """Symbolic links, submodules and larger files."""


def list_commit(git: Git, sha: str, folder: str = ".") -> Listing:
    """The files of a commit (below a folder of it); raises TransientError when git can't tell or lacks one."""
    below = () if folder in ("", ".") else ("--", folder)
    raw = git.run("ls-tree", "-r", "-z", "-l", "--full-tree", sha, *below).stdout
    blobs: list[Blob] = []
    skipped: list[Skipped] = []
    for row in filter(None, raw.split("\0")):
        head, _, path = row.partition("\t")
        mode, _, blob, size = head.split()
        if mode in _REASONS:
            skipped.append(Skipped(path, _REASONS[mode]))
        elif not size.isdigit():
            raise _missing(path, blob)
        elif int(size) > MAX_BLOB_BYTES:
            skipped.append(Skipped(path, f"larger than {MAX_BLOB_BYTES // 2**20} MiB"))
        else:
            blobs.append(Blob(path, blob, int(size)))
    return Listing(tuple(blobs), tuple(skipped))


def read_blobs(git: Git, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
    """The content of each blob, in order; reads some megabytes at a time.

    Raises TransientError when one is missing or the store is damaged.
    """
    for batch in _batches(blobs):
        with tempfile.TemporaryFile() as output:
            wanted = "".join(f"{blob.sha}\n" for blob in batch).encode()
            git.run("cat-file", "--batch", "--buffer", stdin=wanted, output=output)
            output.seek(0)
            for blob in batch:
                yield blob, _content(output, blob)


def _batches(blobs: Sequence[Blob]) -> Iterator[list[Blob]]:
    """The blobs in runs of limited size."""
    batch: list[Blob] = []
    size = 0
    for blob in blobs:
        if batch and (size + blob.size > _BATCH_BYTES or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(blob)
        size += blob.size
    if batch:
        yield batch


def _content(stream: IO[bytes], blob: Blob) -> bytes:
    """The next object of `cat-file --batch`, which must be the blob."""
    head = stream.readline().split()
    if len(head) != 3 or head[0].decode() != blob.sha or head[1] != b"blob":
        raise _missing(blob.path, blob.sha)
    size = int(head[2])
    content = stream.read(size)
    if len(content) != size or stream.read(1) != b"\n":
        raise TransientError(f"git broke off while reading {blob.path}.", next_step="Run `git fsck` there.")
    return content


def _missing(path: str, sha: str) -> TransientError:
    """The error for a file whose content git does not have."""
    return TransientError(
        f"git has no content for {path} ({sha[:12]}).",
        next_step="Run `git fsck` there; in a partial clone fetch the missing objects first.",
    )
