"""Which of several drafts of tests are worth keeping: each adds something that the others do not.

Comes in: what each draft runs that no test ran, and which mutants it kills that no test killed. Goes out: the drafts to
keep, the most useful first. Of two that add the same the shorter one stays, of two as short the first. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Worth(NamedTuple):
    """What one draft adds to the project's tests."""

    name: str
    """Tells it from the others."""
    size: int
    """How much of it there is to read, in statements."""
    lines: frozenset[int] = frozenset()
    """Changed lines that it runs and no test does, 1-based."""
    kills: frozenset[int] = frozenset()
    """Mutants that it notices and no test does, by number."""


def worth_keeping(drafts: Iterable[Worth]) -> tuple[Worth, ...]:
    """The drafts to keep, each with what it adds to those before it; none that adds nothing."""
    left, kept = list(drafts), list[Worth]()
    while left:
        best = min(left, key=_rank)
        if not best.lines and not best.kills:
            break
        kept.append(best)
        left = [_without(one, best) for one in left if one is not best]
    return tuple(kept)


def _rank(one: Worth) -> tuple[int, int]:
    return -len(one.lines) - len(one.kills), one.size


def _without(one: Worth, kept: Worth) -> Worth:
    return one._replace(lines=one.lines - kept.lines, kills=one.kills - kept.kills)
