"""Package names that are nearly the name of a popular package: a slip of the finger, or someone who waits for one.

Comes in: a name and the list of popular ones. Goes out: the popular one that it may be taken for. Compared are the
names without their separators and with characters that look alike made one (`rn` as `m`, `0` as `o`); they may differ
by one character added, left out, changed, or by two neighbours that changed places (optimal string alignment,
distance 1). Short names differ by one character from everything, so those need the same look, not the same sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

SHORT = 5
"""Names of at most so many characters are only compared as they look."""
_ALIKE = {"0": "o", "1": "l", "3": "e", "5": "s", "i": "l"}
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def popular_names(text: str) -> frozenset[str]:
    """The names of a list, one a line; lines that begin with `#` say what it is."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def taken_for(name: str, popular: frozenset[str]) -> str:
    """The popular package that a normalised name may be taken for; empty for none, and for a popular name itself."""
    if name in popular:
        return ""
    looks, bare = _spellings(popular)
    if _look(name) in looks:
        return looks[_look(name)]
    return min((bare[each] for each in _neighbours(_bare(name)) if each in bare), default="")


@cache
def _spellings(popular: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The popular names by how they look, and the longer ones by their letters alone."""
    backwards = sorted(popular, reverse=True)
    return {_look(each): each for each in backwards}, {
        _bare(each): each for each in backwards if len(_bare(each)) > SHORT
    }


def _bare(name: str) -> str:
    return re.sub(r"[-_.]", "", name.lower())


def _look(name: str) -> str:
    """The name as it looks at a glance."""
    drawn = _bare(name).replace("rn", "m").replace("vv", "w")
    return "".join(_ALIKE.get(letter, letter) for letter in drawn)


def _neighbours(name: str) -> Iterator[str]:
    """Every text at distance 1."""
    for at in range(len(name) + 1):
        head, tail = name[:at], name[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _ALPHABET:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
