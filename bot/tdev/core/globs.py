"""Paths against a policy's globs, in time that grows with the path alone: a hostile file name can't hold up a run.

`*` and `?` stay inside a folder, `**` between slashes crosses folders (none included), `name/` means all below it.
No part of a pattern is ever tried in more than one way.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable


def matches(path: str, patterns: Iterable[str]) -> bool:
    """True when a POSIX path fits one of the globs."""
    return any(fits(path, pattern) for pattern in patterns)


def fits(path: str, pattern: str) -> bool:
    """True when a POSIX path matches a glob, from its first character to its last."""
    return _regex(pattern).fullmatch(path) is not None


@functools.lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    """The glob as a regular expression without backtracking between its parts.

    What stands between two `**` has one way to match at a given folder, so taking the first folder where it does
    leaves the most for what follows: each step can be atomic.
    """
    parts = (f"{pattern}**" if pattern.endswith("/") else pattern).split("/")
    chunks: list[list[str]] = [[]]
    for part in parts:
        if part == "**":
            chunks.append([])
        else:
            chunks[-1].append(_part(part))
    first, *rest = ("/".join(chunk) for chunk in chunks)
    if not rest:
        return re.compile(first, re.DOTALL)
    *middle, last = rest
    whole = f"{first}/" if first else ""
    whole += "".join(f"(?>(?:[^/]*/)*?{chunk}/)" for chunk in middle if chunk)
    whole += f"(?:.*/)?{last}" if last else ".*"
    return re.compile(whole, re.DOTALL)


def _part(part: str) -> str:
    """One part of a path, without slashes: a fixed beginning, fixed pieces in order, a fixed end."""
    first, *rest = (_fixed(piece) for piece in part.split("*"))
    if not rest:
        return first
    *middle, last = rest
    pieces = "".join(f"(?>[^/]*?{piece})" for piece in middle if piece)
    end = f"[^/]*?{last}(?![^/])" if last else "[^/]*"
    return f"(?>{first}{pieces}{end})"


def _fixed(text: str) -> str:
    return "".join("[^/]" if char == "?" else re.escape(char) for char in text)
