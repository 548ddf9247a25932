"""Marks that open something and never close it, in numbers no person writes: a parser looks for each one's end anew.

Taken out before Markdown is parsed, so that the time for a hostile text stays in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_OPEN = 200
"""Marks of one kind that may stand open in one paragraph."""
_ENDED_BY = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"), ("<!", ">"))
_PARAGRAPH = re.compile(r"\n[ \t>]*\n")
_BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)


def without_lost_openers(text: str) -> str:
    """The text without the openers beyond MOST_OPEN that are never closed; an ordinary text stays as it is."""
    for opener, closer in _ENDED_BY:
        place = text.rfind(closer) + len(closer) if closer in text else 0
        if text.count(opener, place) > MOST_OPEN:
            text = text[:place] + text[place:].replace(opener, "")
    if text.count("[") <= MOST_OPEN:
        return text
    return "".join(_without_brackets(part) for part in _paragraphs(text))


def _paragraphs(text: str) -> Iterator[str]:
    """The text in pieces that end with an empty line."""
    place = 0
    for gap in _PARAGRAPH.finditer(text):
        yield text[place : gap.end()]
        place = gap.end()
    yield text[place:]


def _without_brackets(paragraph: str) -> str:
    opened: list[int] = []
    for found in _BRACKET.finditer(paragraph):
        if found.group() == "[":
            opened.append(found.start())
        elif found.group() == "]" and opened:
            opened.pop()
    if len(opened) <= MOST_OPEN:
        return paragraph
    lost = set(opened)
    return "".join(char for place, char in enumerate(paragraph) if place not in lost)
