"""What was taken out of a text from outside, as counts: a run says it, so that nobody wonders where words went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from tdev.core.artifacts.model import Model
from tdev.core.counting import counted


class Hidden(StrEnum):
    """What can hide text from people, or too much of it; the value is its name for one."""

    CHARACTER = "invisible character"
    COMMENT = "hidden comment"
    ELEMENT = "hidden element"
    ATTRIBUTE = "HTML attribute"
    TITLE = "link title"
    REFERENCE = "unused reference"
    IMAGE = "image"
    LINK = "empty link"
    CELL = "surplus table cell"
    DRAWING = "part of a drawing"
    ESCAPE = "terminal escape"
    SPACE = "run of spaces"
    LINE = "over-long line"
    END = "end of an over-long text"


_SEVERAL = {
    Hidden.DRAWING: "parts of drawings",
    Hidden.SPACE: "runs of spaces",
    Hidden.END: "ends of over-long texts",
}
"""Names for several, where the plural is not regular."""


class Removed(Model):
    """How much of each was removed."""

    counts: dict[Hidden, int] = {}
    """Only what was found."""

    @classmethod
    def of(cls, counts: Mapping[Hidden, int]) -> Removed:
        """The counts that are not zero, in the order of Hidden."""
        return cls(counts={what: counts[what] for what in Hidden if counts.get(what)})

    def __bool__(self) -> bool:
        """True when something was removed."""
        return bool(self.counts)

    def plus(self, other: Removed) -> Removed:
        """The sum of both."""
        return Removed.of(Counter(self.counts) + Counter(other.counts))

    def sentence(self) -> str:
        """For people, e.g. `3 hidden comments, 12 invisible characters were removed`; empty when nothing was."""
        told = [_told(what, count) for what, count in self.counts.items()]
        if not told:
            return ""
        return f"{', '.join(told)} {'was' if sum(self.counts.values()) == 1 else 'were'} removed"


def _told(what: Hidden, count: int) -> str:
    return f"{count:,} {_SEVERAL[what]}" if count > 1 and what in _SEVERAL else counted(count, what.value)
