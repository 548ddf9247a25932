"""Redaction of a text that comes in pieces: a credential that is cut between two of them is still found.

What was fed is held back until it is certain that its end is not the beginning of a credential: the text up to a place
may go when redacting it alone and the rest alone gives the same as redacting both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tdev.core.redaction import redact

HELD = 16_384
"""Characters held back: more than the longest credential, so each one is seen whole."""
MOST_HELD = 16 * HELD
"""When so much could not be let go, it is redacted as it is: only a text made for it is one credential that long."""
_PLACES = 8


class Redactor:
    """One stream of text; `feed` and `end` return what may be written."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._own = tuple(own)
        self._waiting = ""
        self._due = 2 * HELD

    def feed(self, piece: str) -> str:
        """The part of all that was fed which can't change any more, redacted; often empty."""
        self._waiting += piece
        if len(self._waiting) < self._due:
            return ""
        self._due = 2 * HELD
        whole = redact(self._waiting, self._own)
        for place in self._places():
            head = redact(self._waiting[:place], self._own)
            if head + redact(self._waiting[place:], self._own) == whole:
                self._waiting = self._waiting[place:]
                return head
        if len(self._waiting) < MOST_HELD:
            self._due = 2 * len(self._waiting)
            return ""
        self._waiting = ""
        return whole

    def end(self) -> str:
        """The rest, redacted."""
        rest, self._waiting = redact(self._waiting, self._own), ""
        return rest

    def _places(self) -> Iterator[int]:
        """Where the text may be cut: at the last ends of lines, else of words, that leave HELD characters behind."""
        place = len(self._waiting) - HELD
        for _ in range(_PLACES):
            place = max(self._waiting.rfind(mark, 0, place) for mark in ("\n", " ")) + 1
            if place <= 0:
                return
            yield place
            place -= 1
