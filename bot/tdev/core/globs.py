"""Path globs as policies use them: `*` stays inside a folder, `**` crosses folders, `name/` means all below it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

_PARTS = re.compile(r"(?P<deep>\*\*/)|(?P<any>\*\*)|(?P<star>\*)|(?P<one>\?)|(?P<text>[^*?]+)")
_REGEXES = {"deep": r"(?:.*/)?", "any": r".*", "star": r"[^/]*", "one": r"[^/]"}


def matches(path: str, patterns: Iterable[str]) -> bool:
    """True when a POSIX path fits one of the globs, from its first character to its last."""
    return any(_regex(pattern).fullmatch(path) for pattern in patterns)


@functools.lru_cache(maxsize=1024)
def _regex(pattern: str) -> re.Pattern[str]:
    """The glob as a regular expression; everything but `*` and `?` stands for itself."""
    whole = f"{pattern}**" if pattern.endswith("/") else pattern
    pieces = (_REGEXES.get(match.lastgroup or "") or re.escape(match.group()) for match in _PARTS.finditer(whole))
    return re.compile("".join(pieces), re.DOTALL)
