"""Which lines of the new tree a diff added or altered.

The diff is git's unified format, https://git-scm.com/docs/diff-format, without context lines. Hunks are skipped by
their counts and not searched, because an added line may itself look like a header.
stages/evaluate.py uses it for coverage and findings, tools/secrets.py to say on which line a credential was added.
Paths that git quotes are unquoted; bytes that are no UTF-8 become replacement characters, as elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPES = {"n": b"\n", "t": b"\t", "r": b"\r", '"': b'"', "\\": b"\\", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}
_QUOTED = re.compile(r'\\([0-7]{3}|[ntrabfv"\\])|([^\\]+)')


def changed_lines(diff: str) -> dict[str, tuple[int, ...]]:
    """1-based lines of the new tree by POSIX path, from `git diff -U0 --dst-prefix=b/`.

    Deleted files, binaries and files whose mode alone changed are left out.
    """
    lines = iter(diff.split("\n"))
    found: dict[str, list[int]] = {}
    path = ""
    for line in lines:
        if line.startswith("diff --git "):
            path = ""
        elif line.startswith("+++ "):
            path = _path(line[4:])
        elif (hunk := _HUNK.match(line)) is not None:
            removed, start, added = (int(number) if number else 1 for number in hunk.group(1, 2, 3))
            _skip(lines, removed + added)
            if path and added:
                found.setdefault(path, []).extend(range(start, start + added))
    return {name: tuple(numbers) for name, numbers in found.items()}


def _skip(lines: Iterator[str], count: int) -> None:
    """Pass over the lines of a hunk: their text must not be taken for headers."""
    while count > 0:
        line = next(lines, None)
        if line is None:
            return
        count -= line[:1] in ("+", "-")


def _path(text: str) -> str:
    """The path of a `+++` header without its prefix; empty for /dev/null."""
    name = text.removesuffix("\t")
    if name.startswith('"') and name.endswith('"'):
        name = _unquoted(name[1:-1])
    return name.removeprefix("b/") if name.startswith("b/") else ""


def _unquoted(text: str) -> str:
    """A path that git quoted as a C string."""
    parts = []
    for escape, plain in _QUOTED.findall(text):
        if plain:
            parts.append(plain.encode("utf-8", "replace"))
        else:
            parts.append(bytes([int(escape, 8)]) if escape.isdigit() else _ESCAPES[escape])
    return b"".join(parts).decode("utf-8", "replace")
