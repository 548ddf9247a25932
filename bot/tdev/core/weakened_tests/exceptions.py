"""Exceptions that a test expects: whether it takes more of them for the right one than before.

In go the names at both sides, counted; out come ends of sentences. How Python's own exceptions derive from each other
is known; of others only that `Exception` holds them all.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterator

_BROAD = ("Exception", "BaseException")


def broader(before: Counter[str], after: Counter[str], more_asserted: bool) -> Iterator[str]:
    """Why more exceptions are taken; `more_asserted` says that the test asserts more than it did."""
    if any(after[name] > before[name] for name in _BROAD):
        yield "takes any exception for the one it expects"
        return
    gained, lost = after - before, before - after
    if gained and not lost and not more_asserted:
        yield f"takes another exception as well: {', '.join(sorted(gained))}"
    for new in sorted(gained):
        if old := next((name for name in sorted(lost) if _derives(name, new)), ""):
            yield f"takes any {new} for a {old}"


def _derives(name: str, other: str) -> bool:
    one, two = (getattr(builtins, each, None) for each in (name, other))
    return isinstance(one, type) and isinstance(two, type) and one is not two and issubclass(one, two)
