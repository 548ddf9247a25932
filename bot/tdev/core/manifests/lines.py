"""On which line of a dependency file something stands.

TOML, INI and JSON parsers give values without places, so the text is searched for what was found in it. A line that
begins with a name is preferred to one that merely holds it; where both fail the answer is 0, the file as a whole.
Each look-up is fast whatever the file's length: files of strangers may name tens of thousands of packages.
"""

from __future__ import annotations

import bisect
import re

_WORD = re.compile(r"\"?([\w.-]+)")


class Lines:
    """The lines of one text, numbered from 1."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._starts: dict[str, int] = {}
        for number, line in enumerate(text.split("\n"), 1):
            bare = line.strip()
            word = _WORD.match(bare)
            if bare:
                self._starts.setdefault(bare, number)
            if word:
                self._starts.setdefault(word.group(1), number)

    def starting(self, piece: str) -> int:
        """The first line that is the piece or has it as its first word, else the first that holds it; 0 = none."""
        return self._starts.get(piece) or self.holding(piece)

    def holding(self, piece: str) -> int:
        """The first line that holds the piece, as it is or with its quotes escaped; 0 = none."""
        at = self._text.find(piece) if piece else -1
        if at < 0 and '"' in piece:
            at = self._text.find(piece.replace('"', '\\"'))
        return bisect.bisect_left(self._ends, at) + 1 if at >= 0 else 0
