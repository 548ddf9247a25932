"""Which lines of the new tree a diff added or altered, and the hunks in which it says so.

The diff is git's unified format, https://git-scm.com/docs/diff-format, without context lines. Hunks are skipped by
their counts and not searched, because an added line may itself look like a header.
stages/evaluate.py uses it for coverage and findings, tools/secrets.py to say on which line a credential was added.
Paths that git quotes are unquoted; bytes that are no UTF-8 become replacement characters, as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", '"': b'"', "\\": b"\\", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}
_QUOTED = re.compile(r'\\([0-7]{3}|[ntrabfv"\\])|([^\\]+)')


class Hunk(NamedTuple):
    """One piece of a diff without context lines."""

    old_path: str
    """The file at the base, POSIX; empty for a new one."""
    path: str
    """The file at the head; empty for a deleted one."""
    start: int
    """1-based line of the new tree on which the first added line stands."""
    removed: tuple[str, ...]
    """Texts of removed lines."""
    added: tuple[str, ...]
    """Texts of added lines."""


def changed_lines(diff: str) -> dict[str, tuple[int, ...]]:
    """1-based lines of the new tree by POSIX path, from `git diff -U0 --dst-prefix=b/`.

    Deleted files, binaries and files whose mode alone changed are left out.
    """
    found: dict[str, list[int]] = {}
    for place in _places(diff.split("\n")):
        count = place.added.stop - place.added.start
        if place.path and count:
            found.setdefault(place.path, []).extend(range(place.start, place.start + count))
    return {name: tuple(numbers) for name, numbers in found.items()}


def hunks(diff: str) -> Iterator[Hunk]:
    """The hunks of a diff, in its order, from `git diff -U0 --src-prefix=a/ --dst-prefix=b/`."""
    lines = diff.split("\n")
    for old_path, path, start, removed, added in _places(lines):
        gone, new = (tuple(line[1:] for line in lines[texts]) for texts in (removed, added))
        yield Hunk(old_path, path, start, gone, new)


class _Place(NamedTuple):
    """Where a hunk's texts stand among the lines of its diff; else as in Hunk."""

    old_path: str
    path: str
    start: int
    removed: slice
    added: slice


def _places(lines: Sequence[str]) -> Iterator[_Place]:
    """The hunks among the lines of a diff; their texts are stepped over, so they are not taken for headers."""
    old_path = path = ""
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith("diff --git "):
            old_path = path = ""
        elif line.startswith("--- "):
            old_path = _path(line[4:], "a/")
        elif line.startswith("+++ "):
            path = _path(line[4:], "b/")
        elif (hunk := _HUNK.match(line)) is not None:
            gone, start, new = (int(number) if number else 1 for number in hunk.group(1, 2, 3))
            removed = _texts(lines, at, gone)
            added = _texts(lines, removed.stop, new)
            at = added.stop
            yield _Place(old_path, path, start, removed, added)


def _texts(lines: Sequence[str], at: int, count: int) -> slice:
    """The next `count` texts: from `at` on, or after git's word that the last one has no line end."""
    at += at < len(lines) and lines[at].startswith("\\")
    return slice(at, min(at + count, len(lines)))


def _path(text: str, prefix: str) -> str:
    """The path of a `---` or `+++` header without its prefix; empty for /dev/null."""
    name = text.removesuffix("\t")
    if name.startswith('"') and name.endswith('"'):
        name = _unquoted(name[1:-1])
    return name.removeprefix(prefix) if name.startswith(prefix) else ""


def _unquoted(text: str) -> str:
    """A path that git quoted as a C string."""
    parts = []
    for escape, plain in _QUOTED.findall(text):
        if plain:
            parts.append(plain.encode("utf-8", "replace"))
        else:
            parts.append(bytes([int(escape, 8)]) if escape.isdigit() else _ESCAPES[escape])
    return b"".join(parts).decode("utf-8", "replace")
