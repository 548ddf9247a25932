"""A Change for the patch guard, read from git: two trees, the commits between them, nothing of what a job says.

In goes a clone that has both commits. Only plumbing is asked (`diff-tree --raw`, `cat-file --batch`, `ls-tree`), which
knows no hooks, filters, attributes or external programs; replaced objects and grafts are off (adapters/git.py). Names
are separated by NUL and content is addressed by its id, so no name can break the reading. What is too large to be held
is not read and says so: the guard blocks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from tdev.adapters.git import Git
from tdev.core.patch_guard.change import SUBMODULE, Change, CommitText, FileChange, Side
from tdev.errors import TransientError

MOST_BYTES = 64 * 1024 * 1024
"""Most content that is read of one change."""
MOST_FILE = 4 * 1024 * 1024
"""Largest file that is read."""
MOST_FILES = 5_000
"""Most files whose content is read."""
_HEAD = 64
_RAW = re.compile(r":(\d{6}) (\d{6}) ([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ([A-Z])\d*")
_RENAMES = ("-M50%", "-l1000")


@dataclass(frozen=True)
class _Entry:
    """One line of git's raw listing."""

    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    status: str
    path: str
    old_path: str


def read_change(git: Git, base: str, head: str, branch: str = "") -> Change:
    """What differs between two commits; `head` may be a tree, which has no commits.

    Raises TransientError when git fails or says something that is not understood.
    """
    entries = tuple(_entries(git, base, head))
    commits = tuple(_commits(git, base, head)) if git.commit_of(head) else ()
    steps = _steps(git, commits) if len(commits) > 1 else ()
    blobs = _blobs(git, (*entries, *steps))
    tree = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", head).stdout
    return Change(
        files=tuple(_file(entry, blobs) for entry in entries),
        history=tuple(_file(entry, blobs) for entry in steps),
        paths=tuple(path for path in tree.split("\0") if path),
        commits=commits,
        branch=branch,
        diff_bytes=_diff_bytes(git, base, head),
    )


def _steps(git: Git, commits: Iterable[CommitText]) -> tuple[_Entry, ...]:
    """What each commit changes against its first parent."""
    return tuple(entry for commit in commits for entry in _entries(git, f"{commit.sha}^", commit.sha))


def _entries(git: Git, base: str, head: str) -> Iterator[_Entry]:
    raw = git.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--full-index", *_RENAMES, base, head).stdout
    fields = iter(raw.split("\0"))
    for row in fields:
        if not row:
            continue
        match = _RAW.fullmatch(row)
        if match is None:
            raise TransientError(f"git diff-tree said something that is not understood: {row[:80]!r}.")
        old_mode, new_mode, old_id, new_id, status = match.groups()
        path, old_path = next(fields, ""), ""
        if status in "RC":
            old_path, path = path, next(fields, "")
        yield _Entry(old_mode, new_mode, old_id, new_id, status, path, old_path)


def _file(entry: _Entry, blobs: dict[str, Side]) -> FileChange:
    return FileChange(
        path=entry.path,
        status=entry.status,
        before=_side(entry.old_mode, entry.old_id, blobs),
        after=_side(entry.new_mode, entry.new_id, blobs),
        old_path=entry.old_path,
    )


def _side(mode: str, oid: str, blobs: dict[str, Side]) -> Side | None:
    if mode == "000000":
        return None
    if mode == SUBMODULE:
        return Side(mode=mode, text=None)
    blob = blobs[oid]
    return Side(mode, blob.size, blob.text, blob.binary, blob.invalid, blob.head, blob.unread)


def _blobs(git: Git, entries: Iterable[_Entry]) -> dict[str, Side]:
    """Id -> content of every blob that the entries name, as far as it may be read."""
    sides = [(e.old_mode, e.old_id) for e in entries] + [(e.new_mode, e.new_id) for e in entries]
    ids = list(dict.fromkeys(oid for mode, oid in sides if mode not in ("000000", SUBMODULE)))
    if not ids:
        return {}
    sizes = _sizes(git, ids)
    wanted, left = [], MOST_BYTES
    for oid in ids[: 2 * MOST_FILES]:
        if sizes[oid] <= min(MOST_FILE, left):
            wanted.append(oid)
            left -= sizes[oid]
    found = {oid: Side(mode="", size=size, text=None, unread=True) for oid, size in sizes.items()}
    with TemporaryFile() as file:
        git.run("cat-file", "--batch", "--buffer", stdin="\n".join(wanted).encode() + b"\n", output=file)
        file.seek(0)
        found |= {oid: _content(data) for oid, data in _batch(file, wanted)}
    return found


def _sizes(git: Git, ids: list[str]) -> dict[str, int]:
    out = git.run("cat-file", "--batch-check", "--buffer", stdin="\n".join(ids).encode() + b"\n").stdout
    sizes = {}
    for oid, row in zip(ids, out.splitlines(), strict=False):
        words = row.split(" ")
        if len(words) != 3 or words[0] != oid or words[1] != "blob" or not words[2].isdigit():
            raise TransientError(f"git cat-file does not know the blob {oid[:12]}: {row[:80]!r}.")
        sizes[oid] = int(words[2])
    if len(sizes) != len(ids):
        raise TransientError("git cat-file did not answer for every blob.")
    return sizes


def _batch(file: IO[bytes], ids: list[str]) -> Iterator[tuple[str, bytes]]:
    """Id and content of each answer of `git cat-file --batch`."""
    for oid in ids:
        words = file.readline(200).split()
        if len(words) != 3 or words[0].decode("ascii", "replace") != oid or words[1] != b"blob":
            raise TransientError(f"git cat-file did not give the blob {oid[:12]}.")
        data = file.read(int(words[2]))
        if len(data) != int(words[2]) or file.read(1) != b"\n":
            raise TransientError(f"git cat-file cut the blob {oid[:12]} short.")
        yield oid, data


def _content(data: bytes) -> Side:
    if b"\0" in data:
        return Side(mode="", size=len(data), text=None, binary=True, head=data[:_HEAD])
    try:
        return Side(mode="", size=len(data), text=data.decode(), head=data[:_HEAD])
    except UnicodeDecodeError:
        return Side(mode="", size=len(data), text=data.decode("utf-8", "replace"), invalid=True, head=data[:_HEAD])


def _commits(git: Git, base: str, head: str) -> Iterator[CommitText]:
    form = "%H%x00%an <%ae> %cn <%ce>%x00%B%x00"
    out = git.run("log", "-z", "--reverse", "--encoding=UTF-8", f"--format=tformat:{form}", f"{base}..{head}").stdout
    fields = out.split("\0")
    for start in range(0, len(fields) - 3, 4):
        yield CommitText(sha=fields[start], people=fields[start + 1], message=fields[start + 2])


def _diff_bytes(git: Git, base: str, head: str) -> int:
    """Length of the unified diff, in bytes; git writes it to a file, so that its length can't fill our memory."""
    with TemporaryFile() as file:
        git.run("diff-tree", "-p", "-M", "--no-ext-diff", "--no-textconv", "--no-color", base, head, output=file)
        return file.seek(0, 2)
