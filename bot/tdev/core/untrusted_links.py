"""Links and images in a text from outside: words stay, addresses stay, titles and images and empty links go.

Brackets are paired once for the whole text, the way CommonMark pairs them (a closing one with the nearest open one), so
the time grows with the length only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tdev.core.untrusted_report import Hidden

IMAGE = "[image]"
"""Stands where an image stood; its alternative text is not shown on a page."""
TITLED = re.compile(
    r"\]\(\s{0,100}(?P<address><[^<>\n]{0,2000}>|[^\s()<>]{0,2000}(?:\([^\s()]{0,2000}\)[^\s()<>]{0,2000}){0,20})"
    r"\s{1,100}(?:\"(?:[^\"\\]|\\.){0,4000}\"|'(?:[^'\\]|\\.){0,4000}'|\((?:[^()\\]|\\.){0,4000}\))\s{0,100}\)",
    re.DOTALL,
)
"""A link's address and title; the title is only shown to a mouse."""
_ADDRESSED = re.compile(r"\]\(\s{0,100}(?P<address><[^<>\n]{0,2000}>|[^\s()<>]{1,2000})\s{0,100}\)")
_LIKE_ADDRESS = re.compile(r"(?:https?://|mailto:)\S*|[^\s()]*[./#][^\s()]*")
"""What may stand for an address: words alone are none, and would be read by a model only."""
_TARGET = re.compile(
    r"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,2000}\)){0,2000}\)|\[(?:[^\[\]\\]|\\.){0,1000}\]", re.DOTALL
)


def shown_links(text: str, counts: Counter[Hidden]) -> str:
    """The text without link titles, images and links that have no words; what was removed is added to `counts`."""
    text, titles = TITLED.subn(lambda found: f"]({found['address']})", text)
    counts[Hidden.TITLE] += titles
    text = _ADDRESSED.sub(lambda found: _plain_address(found, counts), text)
    kept: list[str] = []
    place = 0
    for start, end in _removable(text):
        if start >= place:
            image = text[start] == "!"
            counts[Hidden.IMAGE if image else Hidden.LINK] += 1
            kept += [text[place:start], IMAGE if image else " "]
            place = end
    return "".join(kept) + text[place:]


def _plain_address(found: re.Match[str], counts: Counter[Hidden]) -> str:
    """An address without its angle brackets, or none where it is no address at all."""
    address = found["address"].removeprefix("<").removesuffix(">")
    if _LIKE_ADDRESS.fullmatch(address):
        return f"]({address})"
    counts[Hidden.LINK] += 1
    return "]()"


def _removable(text: str) -> Iterator[tuple[int, int]]:
    """Where images and empty links begin and end, in order."""
    for start, end in sorted(_pairs(text)):
        target = _TARGET.match(text, end + 1)
        image = start > 0 and text[start - 1] == "!" and not (start > 1 and text[start - 2] == "\\")
        if target and image:
            yield start - 1, target.end()
        elif target and not text[start + 1 : end].strip():
            yield start, target.end()


def _pairs(text: str) -> Iterator[tuple[int, int]]:
    """The places of brackets that belong together; those after a backslash are none."""
    opened: list[int] = []
    for found in re.finditer(r"\\.|[\[\]]", text, re.DOTALL):
        if found.group() == "[":
            opened.append(found.start())
        elif found.group() == "]" and opened:
            yield opened.pop(), found.start()
