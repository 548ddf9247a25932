"""The transcript: every message of a session as one JSON line, redacted as it is written.

Comes in: entries, as the worker heard them. Goes out: lines of transcript.jsonl in the run directory, for people who
want to know what the model did. Every string is redacted before it is written, keys included; our own credentials are
known by value, whole or in pieces, others by their shape.

It is written as it happens, so that a killed session leaves its trace as well, and by the engine's own process: it is
the only one that knows the credentials by which it redacts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from tdev.adapters.files import explained
from tdev.core.redaction import redact
from tdev.core.run import utc_now
from tdev.engines.claude.fragments import Fragments


class Transcript:
    """Where entries are written, and what must never be."""

    def __init__(self, path: Path | None, own: Sequence[str]) -> None:
        self._path = path
        self._own = tuple(own)
        self._fragments = Fragments(self._own)

    def add(self, entry: dict[str, object]) -> None:
        """Append one entry; raises TransientError when the disk is full."""
        if self._path is not None:
            cleaned = self._cleaned({"time": utc_now(), **entry})
            append_line(self._path, json.dumps(cleaned))

    def clean(self, text: str) -> str:
        """The text without secrets."""
        return self._fragments.without(redact(text, own=self._own))

    def _cleaned(self, value: object) -> object:
        if isinstance(value, dict):
            return {self.clean(str(name)): self._cleaned(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._cleaned(item) for item in value]
        return self.clean(value) if isinstance(value, str) else value


def append_line(path: Path, line: str) -> None:
    """Append one whole line to a file, behind a half one that a full disk left there.

    Raises TransientError, or ConfigurationError where the file may not be written.
    """
    data = line.encode("utf-8", "replace") + b"\n"
    with explained(path.parent):
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if not _ends_with_a_line(handle):
                data = b"\n" + data
            while data:
                data = data[os.write(handle, data) :]
        finally:
            os.close(handle)


def _ends_with_a_line(handle: int) -> bool:
    size = os.fstat(handle).st_size
    return size == 0 or os.pread(handle, 1, size - 1) == b"\n"
