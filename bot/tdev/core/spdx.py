"""SPDX licence expressions, and whether a policy accepts one: `MIT OR GPL-3.0-only` leaves a choice, `AND` does not.

Comes in: an expression as https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/ writes it, and
globs of identifiers that are allowed and denied. Goes out: accepted, denied or not known. Identifiers are compared
without their case. What can't be parsed, and what no list knows, is not known; it is never accepted by accident.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase

LONGEST = 500
"""Longest expression that is read, in characters."""
_TOKEN = re.compile(r"\s*(?:(\()|(\))|([A-Za-z0-9][A-Za-z0-9.+:-]*))")
_MOST_NESTED = 20
_WORDS = ("and", "or", "with")


class Acceptance(IntEnum):
    """What a policy says of a licence, the worst first."""

    DENIED = 0
    UNKNOWN = 1
    ACCEPTED = 2


@dataclass(frozen=True)
class Terms:
    """What a policy says of licences."""

    allow: tuple[str, ...] = ()
    """Globs of identifiers; empty: all that are known and not denied."""
    deny: tuple[str, ...] = ()
    """Globs of identifiers, stronger than `allow`; an allowed `X WITH Y` is stronger still."""
    known: Collection[str] = ()
    """Identifiers that are licences, in small letters."""


@dataclass(frozen=True)
class _Licence:
    """One identifier, perhaps with an exception."""

    name: str
    exception: str = ""


@dataclass(frozen=True)
class _Either:
    """A choice (`OR`), or several at once (`AND`)."""

    parts: tuple[_Expression, ...]
    choice: bool


_Expression = _Licence | _Either


def acceptance(expression: str, terms: Terms) -> Acceptance:
    """What the terms say of an expression."""
    parsed = _parsed(expression)
    return Acceptance.UNKNOWN if parsed is None else _judged(parsed, terms)


def is_expression(text: str) -> bool:
    """Whether a text has the form of an expression; its identifiers may be unknown."""
    return _parsed(text) is not None


def _judged(expression: _Expression, terms: Terms) -> Acceptance:
    if isinstance(expression, _Licence):
        return _of_licence(expression, terms)
    said = [_judged(part, terms) for part in expression.parts]
    return max(said) if expression.choice else min(said)


def _of_licence(licence: _Licence, terms: Terms) -> Acceptance:
    whole = f"{licence.name} with {licence.exception}"
    if licence.exception and _matches(whole, (glob for glob in terms.allow if " with " in glob.lower())):
        return Acceptance.ACCEPTED
    if _matches(licence.name, terms.deny) or (licence.exception and _matches(whole, terms.deny)):
        return Acceptance.DENIED
    if terms.allow:
        return Acceptance.ACCEPTED if _matches(licence.name, terms.allow) else Acceptance.DENIED
    return Acceptance.ACCEPTED if licence.name.removesuffix("+") in terms.known else Acceptance.UNKNOWN


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob.lower()) for glob in globs)


def _parsed(text: str) -> _Expression | None:
    """The expression, or None for what is none."""
    tokens = _tokens(text)
    if not tokens or tokens.count("(") > _MOST_NESTED:
        return None
    found, rest = _alternatives(tokens, 0)
    return found if rest == len(tokens) else None


def _tokens(text: str) -> list[str]:
    """Words in small letters and parentheses; empty where something else is in the text."""
    tokens, position, text = [], 0, text.strip()
    while position < len(text) <= LONGEST:
        match = _TOKEN.match(text, position)
        if match is None:
            return []
        tokens.append(match.group().strip().lower())
        position = match.end()
    return tokens


def _alternatives(tokens: Sequence[str], at: int) -> tuple[_Expression | None, int]:
    return _joined(tokens, at, "or")


def _joined(tokens: Sequence[str], at: int, word: str) -> tuple[_Expression | None, int]:
    """Parts that `or` joins, each of which `and` may join."""
    parts: list[_Expression] = []
    while True:
        part, at = _joined(tokens, at, "and") if word == "or" else _single(tokens, at)
        if part is None:
            return None, at
        parts.append(part)
        if at >= len(tokens) or tokens[at] != word:
            return (parts[0] if len(parts) == 1 else _Either(tuple(parts), word == "or")), at
        at += 1


def _single(tokens: Sequence[str], at: int) -> tuple[_Expression | None, int]:
    """An identifier with its exception, or an expression in parentheses."""
    if at >= len(tokens) or tokens[at] in (*_WORDS, ")"):
        return None, at
    if tokens[at] == "(":
        inner, end = _alternatives(tokens, at + 1)
        closed = end < len(tokens) and tokens[end] == ")"
        return (inner, end + 1) if closed else (None, end)
    if at + 1 < len(tokens) and tokens[at + 1] == "with":
        named = at + 2 < len(tokens) and tokens[at + 2] not in (*_WORDS, "(", ")")
        return (_Licence(tokens[at], tokens[at + 2]), at + 3) if named else (None, at)
    return _Licence(tokens[at]), at + 1
