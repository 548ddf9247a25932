"""Secrets in what an attack left, however they are written: found anywhere in data of any length, a block at a time.

White space and what joins pieces of text in programs do not count, neither in a secret nor in what is searched; so a
hole in a file, which reads as zeros, need not be read.
"""

from __future__ import annotations

import base64
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

BLOCK = 4 * 1024 * 1024
"""Bytes that are held at once."""
_SHORTEST = 12
_DOES_NOT_COUNT = bytes(range(33)) + b"\\\"'+,"


class Spellings:
    """All ways in which some secrets may be written."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: {_squeezed(form) for form in forms(value)} for name, value in secrets.items()}
        self._overlap = max((len(form) for found in self._forms.values() for form in found), default=0)

    def names_in(self, blocks: Iterable[bytes]) -> list[str]:
        """Names of the secrets that are in the data, which come in blocks of any size."""
        found: set[str] = set()
        seen = b""
        for block in blocks:
            before, seen = seen, seen[-self._overlap :] + _squeezed(block)
            if seen != before:
                found |= {name for name, shapes in self._forms.items() if any(shape in seen for shape in shapes)}
        return [name for name in self._forms if name in found]


def forms(value: str) -> set[bytes]:
    """How a secret may be written: plain, reversed, Base64, hexadecimal, percent-encoded."""
    raw = value.encode()
    shapes = {raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode(), quote(value, safe="").encode()}
    for start, lead in enumerate((0, 2, 3)):
        coded = base64.b64encode(b"\0" * start + raw).rstrip(b"=")
        shapes.add(coded[lead : len(coded) - bool((start + len(raw)) % 3)])
    return {shape for shape in shapes if len(_squeezed(shape)) >= _SHORTEST}


def _squeezed(data: bytes) -> bytes:
    return data.translate(None, _DOES_NOT_COUNT)


def blocks_of(file: Path) -> Iterator[bytes]:
    """What is in a regular file, holes left out; nothing of one that is none, is a link or can't be read."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        found = os.fstat(handle)
        if stat.S_ISREG(found.st_mode):
            yield from _read(handle, found.st_size)
    finally:
        os.close(handle)


def _read(handle: int, size: int) -> Iterator[bytes]:
    """Blocks of an open file up to `size`; what is appended meanwhile does not count."""
    place = 0
    while place < size:
        try:
            place = os.lseek(handle, place, os.SEEK_DATA)
        except OSError:
            return
        end = min(os.lseek(handle, place, os.SEEK_HOLE), size)
        while place < end and (block := os.pread(handle, min(BLOCK, end - place), place)):
            place += len(block)
            yield block
        if place < end:
            return


def files_below(folder: Path) -> Iterator[Path]:
    """Every regular file that is not empty, as deep as a path can lead."""
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_size:
                        yield Path(entry.path)
        except OSError:
            continue
