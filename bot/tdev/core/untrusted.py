"""Untrusted text (issues, comments, requirements) made fit to be read by people and models: nothing hidden, capped.

A person who approves a text must see all that a model will read. So what is drawn as nothing is removed, by Unicode's
Default_Ignorable_Code_Point (https://www.unicode.org/reports/tr44/) and the control and format categories.
Emptied text is still untrusted: models get it inside `marked_block`, pages through core/outbound.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from tdev.core.lookalikes import skeleton
from tdev.core.untrusted_report import Hidden, Removed

_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters (category Cf) that are drawn, so that people do see them."""

_INVISIBLE_RANGES = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2065, 0x2065),
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFF0, 0xFFF8),
    (0xE0000, 0xE0FFF),  # tags, further variation selectors and the unassigned rest of that block
)
"""Characters that are drawn as nothing though their category is not Cf (Unicode's Default_Ignorable_Code_Point)."""

COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>|.*\Z)", re.DOTALL)
"""A comment of HTML, or the beginning of one that does not end."""
_ESCAPE = re.compile(
    r"(?:\x1b\[[0-?]{0,100}|\x9b[0-?]{1,100})[ -/]{0,20}[@-~]"  # control sequences: colours, places, erasing
    r"|\x1b\][^\x07\x1b\n]{0,4000}(?:\x07|\x1b\\)"  # operating system commands: titles, links
    r"|\x1b[PX^_][^\x1b\n]{0,4000}\x1b\\"  # device control and other strings
    r"|\x1b[ -/][0-~]"  # character sets
)
"""ECMA-48 escape sequences."""
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
CUT_MARK = "\n[cut here: too long]"
_MARK = re.compile(r"(?i)[\W_]*(?:(?:BEGIN|END)[\W_]*DATA\b|DATA[\W_]+[0-9a-f]{8})")
_MARK_LENGTH = 200
_QUOTED = "[quoted] "


def clean(text: str, limit: int) -> str:
    """The text without anything a person would not see in it, at most `limit` bytes long as UTF-8.

    Removed: HTML comments (an unfinished one to the end; a space stays, so that what stood around one can't join to
    a new one), terminal escapes, zero-width and bidirectional controls, tag characters, variation selectors, fillers,
    other control characters and lone surrogates. Line ends become newlines. Cleaning a cleaned text changes nothing; a
    text that was cut ends with CUT_MARK where the limit has room for it. What a forge's page hides besides is
    untrusted_text.py's.
    """
    return cleaned(text, limit)[0]


def cleaned(text: str, limit: int) -> tuple[str, Removed]:
    """The text as `clean` gives it, and how much was removed."""
    counts: Counter[Hidden] = Counter()
    shown = without_comments(without_hidden(without_escapes(text, counts), counts), counts)
    return capped(shown, limit), Removed.of(counts)


def without_escapes(text: str, counts: Counter[Hidden]) -> str:
    """The text without the sequences by which a terminal is told colours, places, titles and links."""
    if "\x1b" not in text and "\x9b" not in text:
        return text
    text, found = _ESCAPE.subn("", text)
    counts[Hidden.ESCAPE] += found
    return text


def without_hidden(text: str, counts: Counter[Hidden]) -> str:
    """The text without characters that are drawn as nothing; every line end becomes a newline."""
    if text.isascii() and text.isprintable():  # most lines are
        return text
    lines = _LINE_ENDS.sub("\n", text)
    hidden = {ord(char): None for char in set(lines) if not _drawn(char)}
    shown = lines.translate(hidden) if hidden else lines
    counts[Hidden.CHARACTER] += len(lines) - len(shown)
    return shown


def without_comments(text: str, counts: Counter[Hidden]) -> str:
    """The text with a space for each HTML comment."""
    text, found = COMMENT.subn(" ", text)
    counts[Hidden.COMMENT] += found
    return text


def marked_block(text: str, boundary: str) -> str:
    """The text between two lines that hold the boundary, which is random and so can't be foreseen by its author."""
    return f"BEGIN DATA {boundary}\n{without_marks(text, boundary)}\nEND DATA {boundary}"


def marked_sections(sections: Iterable[tuple[str, str]], boundary: str) -> str:
    """Several texts in one block, each after a line with its name and the boundary; empty ones are left out."""
    filled = [(name, without_marks(text, boundary)) for name, text in sections if text.strip()]
    inner = "\n\n".join(f"DATA {boundary} {name}\n{text}" for name, text in filled)
    return f"BEGIN DATA {boundary}\n{inner}\nEND DATA {boundary}"


def without_marks(text: str, boundary: str) -> str:
    """The text without the boundary; a line that looks like a mark of ours, in whatever letters, says it is quoted.

    Doing it twice changes nothing.
    """
    while boundary and boundary in text:
        text = text.replace(boundary, "")
    lines = text.split("\n")
    return "\n".join(
        f"{_QUOTED}{line}" if _MARK.match(skeleton(line.lstrip()[:_MARK_LENGTH])) else line for line in lines
    )


def hidden_characters(text: str) -> int:
    """How many characters of the text are ones that `clean` removes, HTML comments not counted."""
    return sum(1 for char in _LINE_ENDS.sub("\n", text) if not _drawn(char))


def _drawn(char: str) -> bool:
    """True when a person would see the character, as a mark or as white space."""
    if char in "\n\t" or char in _VISIBLE_FORMAT:
        return True
    if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
        return False
    code = ord(char)
    return not any(first <= code <= last for first, last in _INVISIBLE_RANGES)


def capped(text: str, limit: int) -> str:
    """At most `limit` bytes of the text, cut between characters."""
    data = text.encode()
    if len(data) <= limit:
        return text
    room = limit - len(CUT_MARK)
    if room < 0:
        return data[: max(limit, 0)].decode("utf-8", "ignore")
    return data[:room].decode("utf-8", "ignore") + CUT_MARK
