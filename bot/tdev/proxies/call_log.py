"""What passed a proxy, one JSON line each: no body, no header, no key."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tdev.adapters.files import explained

Log = Callable[[dict[str, object]], None]
"""Adds one line; the time is added to it."""


def call_log(path: Path | None) -> Log:
    """A log into that file, which only our own user may read; without a file, one that keeps nothing."""
    if path is None:
        return lambda _: None

    def add(line: dict[str, object]) -> None:
        text = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **line})
        with explained(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(handle, f"{text}\n".encode())
            finally:
                os.close(handle)

    return add
