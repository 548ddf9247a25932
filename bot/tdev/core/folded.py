"""A Markdown page of a few open lines and folded parts, no longer than GitHub takes; what was cut is said.

In go lines that are Markdown already; out comes the page. A part that does not fit keeps its first lines and is closed
properly, for a fold that is never closed would swallow the rest. A part without lines is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST = 64_000
"""Longest page in characters: GitHub takes 65,535, and taking credentials out may lengthen a text."""
_REST = 400
"""Characters kept free for what is said of a cut."""


class Part(NamedTuple):
    """What is folded behind one line."""

    title: str
    """That line, Markdown."""
    lines: Sequence[str]
    """What is shown when it is opened; `""` parts blocks."""
    foot: Sequence[str] = ()
    """Lines that a cut may not take, such as the end of a code block."""


def page(head: Sequence[str], parts: Sequence[Part], most: int = MOST) -> str:
    """The head, the parts folded, and a last line that names the parts that were cut."""
    text = "\n".join(head) + "\n"
    cut: list[str] = []
    for part in parts:
        if not part.lines:
            continue
        room = most - _REST - len(text)
        folded, whole = _folded(part, room)
        text += folded
        if not whole:
            cut.append(part.title)
    if cut:
        text += f"\n**Cut here: {', '.join(cut)}; the rest is in the run directory.**\n"
    return text


def _folded(part: Part, room: int) -> tuple[str, bool]:
    """As much of a part as there is room for, and whether that is all of it."""
    opening = f"\n<details><summary>{part.title}</summary>\n\n"
    closing = "\n".join(("", *part.foot, "", "</details>", ""))
    room -= len(opening) + len(closing)
    kept: list[str] = []
    for line in part.lines:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    whole = len(kept) == len(part.lines)
    return (opening + "\n".join(kept) + closing, whole) if kept else ("", whole)
