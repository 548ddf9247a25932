"""Markdown in a text from outside: what a forge's page does not show goes; code stays as it is.

Which lines are code, definitions, tables and raw HTML is told by a CommonMark parser, because a guess of ours would be
a way around: text that we take for code and the page takes for HTML would stay and not be seen. Code is masked with
control characters, which can't be in the text any more, while the rest is looked at. One pass; untrusted_text.py
repeats it until nothing changes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tdev.core.untrusted import without_comments
from tdev.core.untrusted_blocks import definition, fence, masked, table, used_labels
from tdev.core.untrusted_html import TAG, ended, shown_html
from tdev.core.untrusted_links import TITLED, shown_links
from tdev.core.untrusted_report import Hidden

_DEEPEST = 40
_PARSER = MarkdownIt("commonmark", {"inline_definitions": True, "maxNesting": _DEEPEST}).enable("table")
_TOO_DEEP = re.compile(r"(?m)^(?:[ \t]{0,8}(?:>|[-+*]|\d{1,9}[.)])){20,}.*$")
_SPREAD = re.compile(rf"{TAG.pattern}|{TITLED.pattern.replace('address', 'target')}", re.DOTALL)
_MASK = re.compile(r"\x00(\d+)\x00")
_FOOTNOTE = re.compile(r"(?m)^[ >]{0,40}\[\^(?P<label>[^\]\n]{1,100})\]:.*(?:\n(?:[ \t]+\S.*|(?!\[\^)\S.*))*")
_HIDDEN_MATHS = re.compile(r"\\(?:[hv]?phantom|(?:text)?color|(?:f?color)?box|transparent)\b")


def shown_markdown(text: str, counts: Counter[Hidden]) -> str:
    """The text as far as a page shows it; what was removed is added to `counts`."""
    text, deep = _TOO_DEEP.subn("", text)
    counts[Hidden.ELEMENT] += deep
    lines = text.split("\n")
    masks: list[str] = []
    tokens = _PARSER.parse(text)
    used = used_labels(text, tokens)
    for token in tokens:
        if token.map:
            _look_at(token, lines, masks, used, counts)
    page = shown_html(without_comments("\n".join(lines), counts), counts)
    seen = shown_links(_without_maths(_without_footnotes(page, counts), counts), counts)
    return _MASK.sub(lambda mask: masks[int(mask[1])], seen)


def _look_at(token: Token, lines: list[str], masks: list[str], used: frozenset[str], counts: Counter[Hidden]) -> None:
    """Mask the code of one block, and take out what it hides; the number of lines stays the same."""
    first, last = token.map or (0, 0)
    if token.type in ("inline", "html_block"):
        lines[first:last] = _joined(token.content, lines[first:last])
    if token.type == "fence":
        fence(token, lines, masks, counts)
    elif token.type == "code_block":
        lines[first:last] = [masked(line, masks) for line in lines[first:last]]
    elif token.type == "inline":
        block = "\n".join(lines[first:last])
        for span in dict.fromkeys(_code_spans(token.children or ())):
            block = block.replace(span, masked(span, masks)) if span in block else block
        lines[first:last] = block.split("\n")
    elif token.type == "html_block":
        lines[first:last] = ended("\n".join(lines[first:last]), counts).split("\n")
    elif token.type == "definition":
        definition(token, lines, used, counts)
    elif token.type == "table_open":
        table(lines, first, last, counts)


def _joined(content: str, lines: list[str]) -> list[str]:
    """The lines of a block with each tag and link title on one line: a quote's marks inside one would hide its end."""
    inner = content.removesuffix("\n").split("\n")
    together = _SPREAD.sub(_on_one_line, "\n".join(inner)).split("\n")
    if together == inner or len(inner) != len(lines):
        return lines
    marks = [line[: line.rfind(text.strip())] for line, text in zip(lines, inner, strict=True)]
    return [f"{mark}{text.strip()}" for mark, text in zip(marks, together, strict=True)]


def _on_one_line(found: re.Match[str]) -> str:
    """The same with its line ends behind it."""
    return found.group().replace("\n", " ") + "\n" * found.group().count("\n")


def _code_spans(children: Sequence[Token]) -> Iterator[str]:
    """How the code spans of a paragraph may stand in the source; those over several lines are not protected."""
    for child in children:
        if child.type == "code_inline":
            yield f"{child.markup}{child.content}{child.markup}"
            yield f"{child.markup} {child.content} {child.markup}"


def _without_footnotes(text: str, counts: Counter[Hidden]) -> str:
    """Without footnotes that no text refers to: they are not shown."""

    def kept(note: re.Match[str]) -> str:
        if text.lower().count(f"[^{note['label'].lower()}]") > 1:
            return note.group()
        counts[Hidden.REFERENCE] += 1
        return ""

    return _FOOTNOTE.sub(kept, text)


def _without_maths(text: str, counts: Counter[Hidden]) -> str:
    """Without formulas that can set text in the colour of the page or in none."""
    if not _HIDDEN_MATHS.search(text):
        return text
    parts = text.split("$")
    for number, part in enumerate(parts):
        if _HIDDEN_MATHS.search(part):
            counts[Hidden.ELEMENT] += 1
            parts[number] = ""
    return "$".join(parts)
