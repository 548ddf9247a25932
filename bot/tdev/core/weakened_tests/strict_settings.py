"""Settings that made a test runner or a checker strict and are gone, and lists that leave something out and have grown.

In go two texts of one file of settings, out come places. Read line by line, as settings come in many forms: a line that
continues a list belongs to the last name before it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_STRICT = re.compile(
    r"(?i)^\s*[\"']?(xfail_strict|strict|branch|warn_\w+|disallow_\w+|check_untyped_defs|no_implicit_\w+|strict_\w+"
    r"|extra_checks)[\"']?\s*[:=]\s*[\"']?(?:true|yes|on|1)\b"
)
_OPTIONS = re.compile(
    r"--strict(?:-\w+)?\b|-W[\s=]*error\b|--doctest-modules\b|--cov-branch\b|--cov-fail-under\b|--runxfail\b"
)
_WARNINGS = re.compile(r"(?m)^\s*(?:filterwarnings\s*=)?[\s\[\"']*error\b")
_KEY = re.compile(r"^\s*[\"']?([\w.-]+)[\"']?\s*[:=]")
_SECTION = re.compile(r"^\s*\[+([^\]]*)\]+\s*$")
_LEAVING_OUT = frozenset(
    {
        "omit", "exclude", "exclude_lines", "exclude_also", "extend-exclude", "ignore", "extend-ignore", "disable",
        "disable_error_code", "norecursedirs", "collect_ignore", "skips", "exclude_dirs", "ignore_patterns",
        "exclude_files", "allowlist", "per-file-ignores", "extend-per-file-ignores", "testPathIgnorePatterns",
        "coveragePathIgnorePatterns",
    }
)  # fmt: skip


def strictness_gone(before: str, after: str, elsewhere: str) -> Iterator[str]:
    """Names of what was switched on and is nowhere now; `elsewhere` are the other files that changed."""
    now = f"{after}\n{elsewhere}"
    for pattern in (_STRICT, _OPTIONS):
        yield from sorted(_names(pattern, before) - _names(pattern, now))
    if _WARNINGS.search(before) and not _WARNINGS.search(now):
        yield "filterwarnings = error"


def grown_lists(before: str, after: str) -> Iterator[tuple[int, str]]:
    """1-based line and text of each entry that was added to a list of what is left out."""
    old = Counter(line.strip() for line in before.split("\n"))
    section = key = ""
    for number, line in enumerate(after.split("\n"), 1):
        text = line[:1000].strip()
        if found := _SECTION.match(line[:1000]):
            section, key = found.group(1).rpartition(".")[2], ""
        elif found := _KEY.match(line[:1000]):
            key = found.group(1)
        elif line[:1] not in (" ", "\t", '"', "'"):
            key = "" if text[:1] not in ("]", "}") else key
        if not text or text[:1] in "#;])}[":
            continue
        continues = key in _LEAVING_OUT and not _KEY.match(line[:1000])
        if old[text] > 0:
            old[text] -= 1
        elif continues or (section in _LEAVING_OUT and bool(_KEY.match(line[:1000]))):
            yield number, text


def _names(pattern: re.Pattern[str], text: str) -> set[str]:
    lines = (line[:1000] for line in text.split("\n") if not line.lstrip().startswith(("#", ";")))
    return {found.group(found.lastindex or 0).casefold() for line in lines for found in pattern.finditer(line)}
