"""Comments that tell a checker to look away, and settings of checkers: the gates measure by them.

Those that name a rule of style are ordinary. What is told of is what switches off a security rule, coverage, types
for a whole line, or a rule that is not named.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.weakened_tests.suppressions import suppression_in


def suppressions(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each added line with such a comment."""
    for file in change.files:
        for line in file.added:
            if what := suppression_in(line.text):
                yield Hit(file.path, line.number, f"the line tells a checker to look away: {what}")
