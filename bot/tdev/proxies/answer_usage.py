"""Reads what an answer used while its bytes pass: one JSON body, or server-sent events.

The provider's numbers are believed upwards only: where they are missing or smaller than the text that really passed,
the text counts. Nothing here keeps more than one line or `_MOST_KEPT` bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from tdev.core.model_usage import Tokens

CHARACTERS_PER_TOKEN = 8
"""Ordinary text has about four; less than one token in eight is never true of it."""
_ORDINARY = 4
"""Characters of a token where the last word on an answer is not true: who claims too little gains nothing by it."""
_MOST_KEPT = 8 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_FIELDS = ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_MOST_TOKENS = 100_000_000


class Reader(Protocol):
    """Sees the bytes of one answer."""

    def feed(self, data: bytes) -> None:
        """The next bytes."""

    def tokens(self) -> Tokens:
        """What was used as far as is known by now."""


class Claims:
    """The numbers that the provider told; the largest of each counts, for they only grow."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.hour = 0
        self.compaction = Tokens()
        self.characters = 0
        self.final = False
        """The answer's own last word on what it used has been heard, or should have been."""

    def hear(self, usage: object) -> None:
        """One `usage` object."""
        if not isinstance(usage, dict):
            return
        for name in _FIELDS:
            self.numbers[name] = max(self.numbers.get(name, 0), _number(usage.get(name)))
        by_time = usage.get("cache_creation")
        if isinstance(by_time, dict):
            self.hour = max(self.hour, _number(by_time.get("ephemeral_1h_input_tokens")))
        steps = usage.get("iterations")
        for step in steps if isinstance(steps, list) else ():
            if isinstance(step, dict) and step.get("type") == "compaction":
                self.compaction = Tokens(_number(step.get("input_tokens")), output=_number(step.get("output_tokens")))

    def tokens(self) -> Tokens:
        """The numbers, and at least what the text that passed must have taken."""
        get = self.numbers.get
        written = get("cache_creation_input_tokens", 0)
        hour = min(self.hour, written)
        told = Tokens(
            get("input_tokens", 0) + self.compaction.input,
            written - hour,
            hour,
            get("cache_read_input_tokens", 0),
            get("output_tokens", 0) + self.compaction.output,
        )
        least = self.characters // CHARACTERS_PER_TOKEN
        return told.at_least(0, self.characters // _ORDINARY if self.final and told.output < least else least)


class JsonAnswer:
    """One JSON body."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._length = 0

    def feed(self, data: bytes) -> None:
        """The next bytes; kept while there are few enough to be read as a whole."""
        self._length += len(data)
        if self._length <= _MOST_KEPT:
            self._kept += data
        else:
            self._kept.clear()

    def tokens(self) -> Tokens:
        """The usage that the body tells, once it is whole."""
        claims = Claims()
        claims.characters = self._length
        body = _object(bytes(self._kept))
        if body:
            claims.final = True
            claims.hear(body.get("usage"))
            claims.characters = _said(body.get("content"))
        return claims.tokens()


class EventAnswer:
    """Server-sent events."""

    def __init__(self) -> None:
        self._claims = Claims()
        self._line = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> None:
        """The next bytes; a line beyond all measure counts as text."""
        *ended, rest = data.split(b"\n")
        for part in ended:
            self._add(part)
            if not self._skipping:
                self._hear(bytes(self._line))
            self._line.clear()
            self._skipping = False
        self._add(rest)

    def tokens(self) -> Tokens:
        """What the events told so far."""
        return self._claims.tokens()

    def _add(self, part: bytes) -> None:
        if self._skipping or len(self._line) + len(part) > _LONGEST_LINE:
            self._claims.characters += len(self._line) + len(part)
            self._line.clear()
            self._skipping = True
        else:
            self._line += part

    def _hear(self, line: bytes) -> None:
        if line.startswith(b"data:"):
            hear_event(self._claims, _object(line[5:]))


def hear_event(claims: Claims, event: Mapping[str, Any]) -> None:
    """One event of the Messages API, however it was framed."""
    message = event.get("message")
    if isinstance(message, dict):
        claims.hear(message.get("usage"))
    claims.final = claims.final or event.get("type") == "message_delta"
    claims.hear(event.get("usage"))
    claims.characters += _said([event.get("delta"), event.get("content_block")])


def _said(blocks: object) -> int:
    """Characters that the model wrote: text, thinking, arguments of tools."""
    length = 0
    for block in blocks if isinstance(blocks, list) else ():
        if isinstance(block, dict):
            texts = [block.get(name) for name in ("text", "thinking", "partial_json")]
            length += sum(len(text) for text in texts if isinstance(text, str))
            if block.get("input"):
                length += len(json.dumps(block["input"], ensure_ascii=False))
    return length


def _object(data: bytes) -> dict[str, Any]:
    """JSON as an object; empty for anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    """A number of tokens; what is none, or can't be, is 0."""
    return value if type(value) is int and 0 < value <= _MOST_TOKENS else 0
