"""Which lines of the new tree a diff added or altered, and the hunks in which it says so.

The diff is git's unified format, https://git-scm.com/docs/diff-format, without context lines. Hunks are skipped by
their counts and not searched, because an added line may itself look like a header.
stages/evaluate.py uses it for coverage and findings, tools/secrets.py to say on which line a credential was added.
Paths that git quotes are unquoted; bytes that are no UTF-8 become replacement characters, as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    for hunk in hunks(diff):
        if hunk.path and hunk.added:
            found.setdefault(hunk.path, []).extend(range(hunk.start, hunk.start + len(hunk.added)))
    return {name: tuple(numbers) for name, numbers in found.items()}


def hunks(diff: str) -> Iterator[Hunk]:
    """The hunks of a diff, in its order, from `git diff -U0 --src-prefix=a/ --dst-prefix=b/`."""
    lines = iter(diff.split("\n"))
    old_path = path = ""
    for line in lines:
        if line.startswith("diff --git "):
            old_path = path = ""
        elif line.startswith("--- "):
            old_path = _path(line[4:], "a/")
        elif line.startswith("+++ "):
            path = _path(line[4:], "b/")
        elif (hunk := _HUNK.match(line)) is not None:
            removed, start, added = (int(number) if number else 1 for number in hunk.group(1, 2, 3))
            texts = list(_texts(lines, removed + added))
            gone, new = ([text[1:] for text in texts if text[0] == sign] for sign in "-+")
            yield Hunk(old_path, path, start, tuple(gone), tuple(new))


def _texts(lines: Iterator[str], count: int) -> Iterator[str]:
    """The lines of a hunk with their signs: their text must not be taken for headers."""
    while count > 0:
        line = next(lines, None)
        if line is None:
            return
        if line[:1] in ("+", "-"):
            count -= 1
            yield line


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
