"""Sentences of a recipe's report: numbers first, then what was left alone.

The sentences end in commit messages and in the pull request, so they are whole, short, and say
numbers before names. Lists are cut after a few entries with the count of the rest: a summary with
two hundred paths is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tdev.engines.recipes.source_files import LeftAlone

_SHOWN = 5


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def by_rule(fixes: Mapping[str, int]) -> str:
    """`UP025 x39, UP032 x11`: most frequent first."""
    return ", ".join(f"{rule} x{count}" for rule, count in sorted(fixes.items(), key=lambda one: (-one[1], one[0])))


def left_alone(files: Sequence[LeftAlone]) -> str:
    """A sentence that says which files were not touched and why; empty when there are none."""
    if not files:
        return ""
    shown = "; ".join(f"{one.path} {one.reason}" for one in files[:_SHOWN])
    more = f"; and {len(files) - _SHOWN} more" if len(files) > _SHOWN else ""
    return f"Left alone: {shown}{more}."


def joined(*sentences: str) -> str:
    """The sentences that are not empty, in one paragraph."""
    return " ".join(sentence for sentence in sentences if sentence)


def fixes_in(fixes: Counter[str], files: int) -> str:
    """How many fixes in how many files, by rule."""
    return f"{counted(fixes.total(), 'fix').replace('fixs', 'fixes')} in {counted(files, 'file')} ({by_rule(fixes)})"
