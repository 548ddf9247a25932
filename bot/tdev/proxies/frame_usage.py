"""Reads what an answer in Amazon's event-stream frames used while its bytes pass.

A frame: its length, the length of its headers, a checksum of the two, headers, payload, a checksum; all numbers of four
bytes. The payload of a chunk is JSON, `{"bytes": "<base64 of an event of the Messages API>"}`.
"""

from __future__ import annotations

import base64
import binascii
import json

from tdev.core.model_usage import Tokens
from tdev.proxies.answer_usage import Claims, hear_event

_PRELUDE, _CHECKSUM = 12, 4
_LONGEST_FRAME = 1024 * 1024


class FrameAnswer:
    """Event-stream frames."""

    def __init__(self) -> None:
        self._claims = Claims()
        self._waiting = bytearray()
        self._skip = 0

    def feed(self, data: bytes) -> None:
        """The next bytes; a frame beyond all measure counts as text."""
        self._waiting += data
        while self._next():
            pass

    def tokens(self) -> Tokens:
        """What the frames told so far."""
        return self._claims.tokens()

    def _next(self) -> bool:
        """Take one frame, or a part of one that is skipped; whether there may be more."""
        if self._skip:
            part = min(self._skip, len(self._waiting))
            self._skip -= part
            self._claims.characters += part
            del self._waiting[:part]
            return part > 0
        if len(self._waiting) < _PRELUDE:
            return False
        length = int.from_bytes(self._waiting[:4], "big")
        headers = int.from_bytes(self._waiting[4:8], "big")
        if length > _LONGEST_FRAME or length < _PRELUDE + headers + _CHECKSUM:
            self._skip = max(length, _PRELUDE)
            return True
        if len(self._waiting) < length:
            return False
        self._hear(bytes(self._waiting[_PRELUDE + headers : length - _CHECKSUM]))
        del self._waiting[:length]
        return True

    def _hear(self, payload: bytes) -> None:
        try:
            chunk = json.loads(payload)
            event = json.loads(base64.b64decode(chunk["bytes"], validate=True))
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
            self._claims.characters += len(payload)
            return
        if isinstance(event, dict):
            hear_event(self._claims, event)
