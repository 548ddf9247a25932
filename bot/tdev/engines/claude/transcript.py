"""The transcript: every message of a session as one JSON line, redacted as it is written.

Comes in: messages of the SDK, of whatever class. Goes out: lines of transcript.jsonl in the run
directory, for people who want to know what the model did. Every string is redacted
before it is written, keys included; our own credentials are known by value, others by their shape.

It is written as it happens, so that a killed session leaves its trace as well.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tdev.core.redaction import redact
from tdev.core.run import utc_now

MAX_TEXT = 100_000
"""Characters kept of one text; a tool result can be a whole file."""
_LEFT_OUT = {"tool_use_result"}
"""Fields that say again, at length, what another field of the same message says."""


@dataclasses.dataclass(frozen=True)
class Transcript:
    """Where messages are written, and what must never be."""

    path: str
    """File to append to; empty = nowhere."""
    own: Sequence[str]
    """Values of our own credentials."""

    def add(self, kind: str, message: object) -> None:
        """Append one message; `kind` is the name of its type."""
        if self.path:
            append_line(self.path, json.dumps({"time": utc_now(), "type": kind, **self._fields(message)}))

    def clean(self, text: str) -> str:
        """The text without secrets."""
        return redact(text, own=self.own)

    def _fields(self, message: object) -> dict[str, object]:
        cleaned = self._cleaned(message)
        return cleaned if isinstance(cleaned, dict) else {"value": cleaned}

    def _cleaned(self, value: object) -> object:
        """The value as JSON has it, every text in it cleaned, empty fields left out."""
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return {"kind": type(value).__name__, **self._mapped(fields)}
        if isinstance(value, Mapping):
            return self._mapped(value)
        if isinstance(value, list | tuple):
            return [self._cleaned(item) for item in value]
        if isinstance(value, str):
            return self.clean(value if len(value) <= MAX_TEXT else value[:MAX_TEXT] + " [cut]")
        return value if isinstance(value, bool | int | float) or value is None else self.clean(str(value))

    def _mapped(self, fields: Mapping[str, object]) -> dict[str, object]:
        kept = {name: item for name, item in fields.items() if item is not None and name not in _LEFT_OUT}
        return {self.clean(str(name)): self._cleaned(item) for name, item in kept.items()}


def append_line(path: str, line: str) -> None:
    """Append one line to a file in one write, so that lines of several writers never mix."""
    handle = os.open(Path(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, line.encode("utf-8", "replace") + b"\n")
    finally:
        os.close(handle)
