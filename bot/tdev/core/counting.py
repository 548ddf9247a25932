"""Numbers with their nouns, for sentences that people read.

Used where a reason or a report names how many of something there are. Regular English plurals only: a noun that ends
otherwise is given in full by the caller. Nothing is translated, and numbers keep their digits, so that a reader can
search for them.
"""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`; the noun may have words before it (`changed file`)."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
