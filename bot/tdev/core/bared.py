"""A Python file without some of its silencers: what a checker would see if they had never been written.

Comes in: a file's bytes, and which silencers to leave out on which lines. Goes out: bytes with as many lines, the rest
untouched. The tokenizer tells comments from strings; of a file that it can't read, a plainer reading does.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Mapping

from tdev.core.scan.text import comments
from tdev.core.silencers import Silencer, without

_MYPY = "# mypy:"
"""mypy takes a line that begins so for its own, inside a string too."""


def bared(source: bytes, lines: Mapping[int, frozenset[Silencer]]) -> bytes:
    """The file without these silencers, by 1-based line; as it is where its bytes are no text (nobody can read it)."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except (SyntaxError, LookupError, UnicodeError):
        return source
    rows = text.split("\n")
    starts = dict(_starts(text))
    for number, gone in lines.items():
        row = rows[number - 1] if number <= len(rows) else ""
        start = 0 if row.startswith(_MYPY) else starts.get(number)
        if start is not None:
            rows[number - 1] = _without(row, start, gone)
    return "\n".join(rows).encode(encoding)


def _without(row: str, start: int, gone: frozenset[Silencer]) -> str:
    said = without(row[start:], gone)
    if said == row[start:]:
        return row
    end = "\r" if row.endswith("\r") else ""
    kept = (row[:start] + said).rstrip()
    return (kept or f"{row[:start]}#") + end


def _starts(text: str) -> Iterator[tuple[int, int]]:
    """(line, column) of each comment: lines from 1, columns from 0."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, UnicodeError):
        yield from _plainly(text)
        return
    yield from (token.start for token in tokens if token.type == tokenize.COMMENT)


def _plainly(text: str) -> Iterator[tuple[int, int]]:
    for offset, _ in comments(text):
        before = text[:offset]
        yield before.count("\n") + 1, offset - before.rfind("\n") - 1
