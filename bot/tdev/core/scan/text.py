"""From bytes to text, and from text to real comments.

Decoding follows https://peps.python.org/pep-0263/. Comments are found by one regular expression over the whole text
instead of the tokenizer, which is slow and fails on some files that parse. Its alternatives exclude each other, so
there is one way to match; its groups are not possessive, because CPython 3.11.2 repeats possessive groups wrongly.
It relies on the file having been parsed: in other text a lone quote would hide what follows.
"""

from __future__ import annotations

import bisect
import io
import itertools
import re
import tokenize
from collections.abc import Iterator

from tdev.core.scan.facts import Place

_MARK = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
_LEXEME = re.compile(
    r'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*"""'
    r"|'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*'''"
    r'|"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"'
    r"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*'"
    r"|(?P<comment>#[^\n]*+)",
    re.DOTALL,
)
_IMPORT = re.compile(r"\b(?:import|from)\b[^\n\\#;]*+(?:\\.[^\n\\#;]*+)*", re.DOTALL)
_CHAIN = re.compile(r"(?:\w++[\s\\]*+\.[\s\\]*+){200}")
_LONG_STATEMENT = 400
_WORD = re.compile(r"\b(?:TODO|FIXME|XXX)\b.*")
_DETAIL_LENGTH = 100


class Undecodable(ValueError):
    """The bytes are no text in the encoding they declare; the message says which."""


def decode(source: bytes) -> str:
    """The text of a Python file by PEP 263, with line ends as newlines; raises Undecodable."""
    if b"\0" in source:
        raise Undecodable("holds null bytes")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        text = source.decode(encoding)
    except SyntaxError as error:
        undeclared = "invalid or missing encoding declaration" in error.msg
        raise Undecodable("is not UTF-8 and declares no other encoding" if undeclared else error.msg) from error
    except UnicodeDecodeError as error:
        raise Undecodable(f"is not {error.encoding} at byte {error.start}") from error
    except (LookupError, UnicodeError) as error:
        raise Undecodable(f"declares an encoding that can't be used: {error}") from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def has_endless_import(text: str) -> bool:
    """True when an import names a module of more than 200 parts: CPython's parser needs time and memory that grow with
    the square of them.
    """
    long = (match.group() for match in _IMPORT.finditer(text) if len(match.group()) > _LONG_STATEMENT)
    return any(_CHAIN.search(statement) for statement in long)


def count_lines(text: str) -> int:
    """Number of lines; an unfinished last line counts."""
    return text.count("\n") + (1 if text and not text.endswith("\n") else 0)


def comments(text: str) -> Iterator[tuple[int, str]]:
    """(offset, comment) of each comment of a file that parses: `#` in a string is none."""
    for match in _LEXEME.finditer(text):
        if match.lastgroup == "comment":
            yield match.start(), match.group()


def todo_comments(text: str) -> tuple[Place, ...]:
    """The TODO, FIXME and XXX comments, in line order."""
    if not _MARK.search(text):
        return ()
    starts = list(itertools.accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    found = []
    for offset, comment in comments(text):
        word = _WORD.search(comment)
        if word:
            found.append(Place(bisect.bisect_right(starts, offset), word.group()[:_DETAIL_LENGTH].rstrip()))
    return tuple(found)
