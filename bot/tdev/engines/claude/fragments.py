"""Pieces of a known secret: a value that was cut in two, and each half put into another line, is found by its halves.

The transcript asks for each text that it writes. core/redaction finds whole values in all their forms; a stream is cut
where the network likes, and a model can cut where it likes, so a piece of SHORTEST characters is as bad as the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

SHORTEST = 12
"""Pieces of fewer characters say too little, and occur by chance."""
_BLOCK = SHORTEST // 2
"""Every piece of SHORTEST characters holds a whole block of this length that begins at a multiple of it."""


class Fragments:
    """The secrets of a run, prepared for the search."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= SHORTEST)
        self._blocks: Sequence[tuple[str, str, int]] = tuple(
            (secret[start : start + _BLOCK], secret, start)
            for secret in self._secrets
            for start in range(0, len(secret) - _BLOCK + 1, _BLOCK)
        )

    def without(self, text: str) -> str:
        """The text with each piece of a secret that is SHORTEST characters long or longer taken out."""
        for block, secret, start in self._blocks:
            at = text.find(block)
            while at >= 0:
                first, last = _grown(text, at, secret, start)
                if last - first >= SHORTEST:
                    text = f"{text[:first]}[redacted:part]{text[last:]}"
                    last = first
                at = text.find(block, max(last, at + 1))
        return text


def _grown(text: str, at: int, secret: str, start: int) -> tuple[int, int]:
    """First and behind the last character of the longest piece around a block that was found."""
    before = 0
    while before < min(at, start) and text[at - before - 1] == secret[start - before - 1]:
        before += 1
    behind = _BLOCK
    while start + behind < len(secret) and at + behind < len(text) and text[at + behind] == secret[start + behind]:
        behind += 1
    return at - before, at + behind
