"""Hidden text: characters that are drawn as nothing or turn the order of what is read, so that people and machines
read different things. https://trojansource.codes, https://www.unicode.org/reports/tr36/

Looked for in added lines, in paths, in commit messages and in the branch's name. Joiners between letters of scripts
that need them, and the selectors behind emoji, are ordinary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit
from tdev.core.untrusted import hidden_characters

_JOINERS = "\u200c\u200d"
_SELECTORS = "\ufe0e\ufe0f"
_ORDINARY = "\f"
_OTHER_LINE_ENDS = "\r\x0b\x0c\x85\u2028\u2029"
_JOINING = (
    "ARABIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM",
    "SINHALA", "KHMER", "MYANMAR", "TIBETAN", "MONGOLIAN", "SYRIAC", "THAANA", "NKO", "LAO", "THAI",
)  # fmt: skip
"""First words of the names of letters that join, or are shaped by a joiner."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def hidden_text(change: Change, bounds: Bounds) -> Iterator[Hit]:
    """Each place that holds such a character, with the character's name."""
    for file in change.files:
        if (name := hidden_in(file.path)) and file.after is not None:
            yield Hit(file.path, 0, f"the name of a file holds {name}")
        for line in file.added:
            text = line.text.removesuffix("\r")
            text = text.removeprefix("\ufeff") if line.number == 1 else text
            if name := hidden_in(text):
                yield Hit(file.path, line.number, f"the line holds {name}")
    for commit in change.commits:
        if name := hidden_in(commit.message.replace("\r\n", "\n") + commit.people):
            yield Hit("", 0, f"the message of commit {commit.sha[:10]} holds {name}")
    if name := hidden_in(change.branch):
        yield Hit("", 0, f"the name of the branch holds {name}")


def hidden_in(text: str) -> str:
    """The first such character as `U+202E RIGHT-TO-LEFT OVERRIDE`; empty when there is none."""
    if text.isascii() and not _CONTROL.search(text):
        return ""
    for place, char in enumerate(text):
        if char in _ORDINARY or not (hidden_characters(char) or char in _OTHER_LINE_ENDS):
            continue
        if not _wanted(text, place, char):
            return f"U+{ord(char):04X} {unicodedata.name(char, 'CONTROL CHARACTER')}"
    return ""


def _wanted(text: str, place: int, char: str) -> bool:
    """True for a joiner or selector where writing needs one."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if char in _SELECTORS:
        return bool(before) and (unicodedata.category(before) in ("So", "Sk", "Sm", "Po") or before in "#*0123456789")
    if char in _JOINERS:
        return _joined(before) and _joined(after)
    return False


def _joined(char: str) -> bool:
    """True for emoji, their modifiers, and letters and marks of scripts in which letters join."""
    if not char or char.isascii():
        return False
    if char in _SELECTORS or unicodedata.category(char) in ("So", "Sk", "Mn", "Mc"):
        return True
    return unicodedata.name(char, "").split(" ")[0] in _JOINING
