"""The order of versions as https://semver.org/#spec-item-11 has it, for npm, Go and Cargo."""

from __future__ import annotations

import re

_VERSION = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?")

Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]
"""Sorts as the versions do."""


def precedence(version: str) -> Precedence | None:
    """What to compare a version by; None for what is none. A leading `v` and what follows a `+` do not count."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    numbers = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    parts = match[4].split(".") if match[4] else []
    keys = tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)
    return numbers, not parts, keys
