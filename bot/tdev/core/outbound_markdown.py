"""Markdown that a model wrote, made anew: what it says stays, what would act or hide can't be part of the result.

Nothing is filtered. The text is parsed, and a new one is written from its words, code, lists and quotes, so that no
difference between two parsers can let anything through. There are no images, no HTML, no tables, no link titles; a link
stays where its address begins with one of the origins given and names no issue, else its address is shown as code.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tdev.core.outbound import inert
from tdev.core.redaction import redact_likely
from tdev.core.untrusted_text import take_in

_PARSER = MarkdownIt("commonmark", {"maxNesting": 12})
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")
_LINE_START = re.compile(r"(?m)^(\s*)([/#+=:-]|\d+(?=[.)]))")
_CLOSES_ISSUES = re.compile(r"/(?:issues|pull|pulls|discussions|commit)/")


def rewritten(text: str, limit: int, origins: Collection[str] = (), own: Collection[str] = ()) -> str:
    """The text as Markdown that acts on nothing; `origins` are like `https://github.com`, of at most `limit` bytes in.

    Credentials are taken out, `own` values and likely ones included.
    """
    seen = redact_likely(take_in(text, limit).text, own)
    return "\n\n".join(block for block in _blocks(_PARSER.parse(seen), origins) if block.strip())


def _blocks(tokens: Sequence[Token], origins: Collection[str]) -> Iterator[str]:
    """Each paragraph, code block or item with the marks of the quotes and lists that it stands in."""
    marks: list[str] = []
    heading = False
    for token in tokens:
        if token.type == "blockquote_open":
            marks.append("> ")
        elif token.type == "list_item_open":
            marks.append("- ")
        elif token.type in ("blockquote_close", "list_item_close"):
            marks.pop()
        elif token.type in ("heading_open", "heading_close"):
            heading = token.nesting == 1
        elif token.type == "inline":
            words = _inline(token.children or (), origins)
            yield _marked(f"**{words}**" if heading and words.strip() else words, marks)
        elif token.type in ("fence", "code_block"):
            yield _marked(_fenced(token.content), marks)
        elif token.type == "html_block":
            yield _marked(_words(re.sub(r"<[^<>]*>", " ", token.content)), marks)
        marks = _after_first(marks) if token.type in ("inline", "fence", "code_block", "html_block") else marks


def _after_first(marks: list[str]) -> list[str]:
    """The marks of a second block in the same item: its dash gives way to spaces."""
    return ["  " if mark == "- " else mark for mark in marks]


def _marked(block: str, marks: Sequence[str]) -> str:
    first = "".join(marks)
    other = "".join(_after_first(list(marks)))
    return "\n".join(f"{other if number else first}{line}" for number, line in enumerate(block.split("\n")))


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{code.rstrip()}\n{fence}"


def _inline(children: Sequence[Token], origins: Collection[str]) -> str:
    parts: list[str] = []
    closing: list[str] = []
    for child in children:
        if child.type == "text":
            parts.append(_words(child.content))
        elif child.type == "code_inline":
            parts.append(_code(child.content))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type == "link_open":
            begin, end = _link(str(child.attrGet("href") or ""), origins)
            parts.append(begin)
            closing.append(end)
        elif child.type == "link_close":
            parts.append(closing.pop())
        elif child.type in ("strong_open", "strong_close"):
            parts.append("**")
    return _LINE_START.sub(r"\1\\\2", "".join(parts)).replace("\\**", "**")


def _words(text: str) -> str:
    """Words that mean nothing to Markdown and act on nothing."""
    return inert(_SPECIAL.sub(r"\\\1", text))


def _code(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * (longest + 1)
    inner = code.replace("\n", " ")
    return f"{fence} {inner} {fence}" if longest or not inner.strip() else f"{fence}{inner}{fence}"


def _link(address: str, origins: Collection[str]) -> tuple[str, str]:
    """What stands before and after the words of a link."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    known = f"{parts.scheme}://{parts.netloc}" in origins
    if known and not _CLOSES_ISSUES.search(parts.path) and not re.search(r"[\s()<>\"'\\@]", address):
        return "[", f"]({address})"
    return "", f" ({_code(address)})" if address else ""
