"""Files below a folder, opened without ever following a link, whatever happens to the folder meanwhile.

For programs of ours that touch a checkout in which a hostile program may be running: each part of a path is opened on
its own, relative to the folder opened before, so that swapping a folder for a link between check and use leads
nowhere. Paths are POSIX and relative, without `.` and `..` parts; empty = the folder itself.
Raises Refused, in words for the model, for what is no plain file or can't be done.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tdev.errors import Refused

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 64


@dataclass(frozen=True)
class Entry:
    """One entry of a folder."""

    name: str
    """Its name."""
    kind: str
    """`file`, `folder`, `link` or `other`."""
    size: int
    """Bytes, of files."""


def read_file(root: Path, path: str, most: int) -> bytes:
    """A file's content; Refused where it is larger than `most` bytes."""
    with _explained(path), _opened(root, path) as handle:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode):
            raise Refused(f"{path} is no regular file.")
        if seen.st_size > most:
            raise Refused(f"{path} is larger than {most} bytes.")
        with os.fdopen(os.dup(handle), "rb") as file:
            data = file.read(most + 1)
    if len(data) > most:
        raise Refused(f"{path} is larger than {most} bytes.")
    return data


def write_file(root: Path, path: str, data: bytes) -> None:
    """Put a file in place at once, with the permissions of the one it replaces; folders are made as needed."""
    folder, name = _split(path)
    with _explained(path), _folder(root, folder, make=True) as place:
        mode = _mode_of(name, place, path)
        temporary = f".{secrets.token_hex(8)}.new"
        handle = os.open(temporary, _NEW, mode, dir_fd=place)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=place)
            raise


def list_folder(root: Path, path: str) -> tuple[Entry, ...]:
    """What is in a folder, by name; links are named and not followed."""
    with _explained(path or "."), _folder(root, _parts(path)) as place:
        return tuple(_entry(name, place) for name in sorted(os.listdir(place)))  # noqa: PTH208


def files_below(root: Path, path: str, depth: int = 0) -> Iterator[str]:
    """Paths of all regular files below a folder, in order; git's own and all behind links are left out."""
    if depth > _DEEPEST:
        return
    for entry in list_folder(root, path):
        inner = f"{path}/{entry.name}" if path else entry.name
        if entry.kind == "file":
            yield inner
        elif entry.kind == "folder" and entry.name.casefold() != ".git":
            yield from files_below(root, inner, depth + 1)


def _parts(path: str) -> tuple[str, ...]:
    parts = tuple(path.split("/")) if path else ()
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise Refused(f"{path!r} is no plain path inside the repository.")
    return parts


def _split(path: str) -> tuple[tuple[str, ...], str]:
    *folder, name = _parts(path) or ("",)
    if not name:
        raise Refused("Give the path of a file.")
    return tuple(folder), name


@contextlib.contextmanager
def _opened(root: Path, path: str) -> Iterator[int]:
    folder, name = _split(path)
    with _folder(root, folder) as place:
        handle = os.open(name, _READ, dir_fd=place)
        try:
            yield handle
        finally:
            os.close(handle)


@contextlib.contextmanager
def _folder(root: Path, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
    """A handle of a folder, reached part by part."""
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=handle)
            inner = os.open(part, _FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _mode_of(name: str, place: int, path: str) -> int:
    """Permissions of the file that is replaced; those of a new one where there is none."""
    try:
        seen = os.stat(name, dir_fd=place, follow_symlinks=False)
    except FileNotFoundError:
        return 0o644
    if not stat.S_ISREG(seen.st_mode):
        raise Refused(f"{path} is no regular file.")
    return stat.S_IMODE(seen.st_mode) & 0o755


def _entry(name: str, place: int) -> Entry:
    try:
        seen = os.stat(name, dir_fd=place, follow_symlinks=False)
    except FileNotFoundError:
        return Entry(name, "other", 0)
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    kind = kinds.get(stat.S_IFMT(seen.st_mode), "other")
    return Entry(name, kind, seen.st_size if kind == "file" else 0)


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """Failures of the file system as Refused."""
    try:
        yield
    except OSError as error:
        raise Refused(f"{path} can't be used: {error.strerror or error}.") from error
    except UnicodeEncodeError as error:
        raise Refused(f"{path!r} can't be used as a name.") from error
