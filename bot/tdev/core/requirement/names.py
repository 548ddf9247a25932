"""Names of resources and fields: an ASCII name for code, and the name people use beside it.

Generated code needs ASCII names, people may use any script: `회의실 (Meeting room)` gives both, in either order.
What can't be spelled in ASCII letters has no words, and the caller asks; nothing is transliterated.
How a name is then spelled in paths, tables and code is decided in core/service_names.py alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tdev.core.service_names import words_of

_WORD = re.compile(r"[A-Za-z0-9]+")
LONGEST_NAME = 50


class Name(NamedTuple):
    """One name."""

    words: tuple[str, ...]
    """Lower-case ASCII words; empty when there is no ASCII name."""
    label: str
    """The name in another script, or an empty string."""
    aside: str
    """ASCII text in brackets after an ASCII name: a resource's plural."""


def read_name(text: str) -> Name:
    """`Meeting room (회의실)`, `회의실 (Meeting room)`, `Person (people)`, `meeting_room`."""
    head, _, rest = text.partition("(")
    head, inside = head.strip(" `*_:"), rest.rpartition(")")[0].strip() if ")" in rest else rest.strip()
    if _ascii_name(head):
        aside = inside if inside.isascii() else ""
        return Name(_words(head), "" if aside else inside, aside)
    if _ascii_name(inside.partition(",")[0].strip()):
        first, _, plural = inside.partition(",")
        return Name(_words(first), head, plural.strip())
    return Name((), head, "")


def _ascii_name(text: str) -> bool:
    """True when the text can be spelled in code: ASCII letters first, then also digits, spaces, `-` and `_`."""
    return len(text) <= LONGEST_NAME and re.fullmatch(r"[A-Za-z][A-Za-z0-9 _-]*", text) is not None


def _words(text: str) -> tuple[str, ...]:
    """Lower-case words; capitals inside a word begin a new one."""
    return tuple(word for part in _WORD.findall(text) for word in words_of(part))
