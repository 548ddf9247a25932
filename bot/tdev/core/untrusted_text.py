"""The one way in for text from outside: what people can't see is taken out, what is too much is cut, all is counted.

Issues, comments and pull requests are Markdown that a forge shows as a page; tool output, file content and names are
shown as they are. A text that was taken in and is taken in again stays as it is. It is still untrusted: a model gets it
inside a marked block (core/untrusted.py), a page through core/outbound.py.
"""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from tdev.core.untrusted import capped, without_comments, without_escapes, without_hidden
from tdev.core.untrusted_markdown import shown_markdown
from tdev.core.untrusted_openers import without_lost_openers
from tdev.core.untrusted_report import Hidden, Removed

LONGEST_LINE = 8_000
"""Most characters of one line."""
MOST_LINES = 10_000
"""Most lines of a text."""
MOST_MARKDOWN = 262_144
"""Most characters of a page that are looked at; no forge keeps a longer text."""
LINE_MARK = " [line cut here]"
_PASSES = 8
_SPACES = re.compile(r"[ \t]{200,}")
_ACTIVE = re.compile(r"[<\[`~$|]")


class Form(StrEnum):
    """How people see a text."""

    PAGE = "page"
    """As Markdown that a forge shows: an issue, a comment, a pull request."""
    PLAIN = "plain"
    """As it is: what a program printed, a file, a name."""


class Taken(NamedTuple):
    """A text that was taken in."""

    text: str
    """All that people see, at most as long as was asked for."""
    removed: Removed
    """What was taken out."""


def take_in(text: str, limit: int, form: Form = Form.PAGE) -> Taken:
    """The text as people see it, at most `limit` bytes as UTF-8, and what was removed from it."""
    counts: Counter[Hidden] = Counter()
    before = None
    for _ in range(_PASSES):
        if text == before:
            return Taken(text, Removed.of(counts))
        before, text = text, _pass(text, limit, form, counts)
    if text != before:
        counts[Hidden.ELEMENT] += 1
        text = _pass(_ACTIVE.sub("", text), limit, Form.PLAIN, counts)
    return Taken(text, Removed.of(counts))


def _pass(text: str, limit: int, form: Form, counts: Counter[Hidden]) -> str:
    """Everything once; `take_in` repeats it, because what is left may look like something again."""
    text = without_hidden(without_escapes(text, counts), counts)
    lines = text.split("\n")
    text = "\n".join(_line(line, counts) for line in lines[:MOST_LINES])
    if form is Form.PAGE:
        text = shown_markdown(without_lost_openers(text[:MOST_MARKDOWN]), counts)
    text, spaces = _SPACES.subn("  ", text if form is Form.PAGE else without_comments(text, counts))
    counts[Hidden.SPACE] += spaces
    cut = capped(text, limit)
    counts[Hidden.END] += cut != text or len(lines) > MOST_LINES
    return cut


def _line(line: str, counts: Counter[Hidden]) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    counts[Hidden.LINE] += 1
    return line[: LONGEST_LINE - len(LINE_MARK)] + LINE_MARK
