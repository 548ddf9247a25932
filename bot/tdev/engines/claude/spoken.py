"""The SDK's messages as plain JSON values. Pure.

The worker calls it for each message it hears, whatever class that is. Goes out: what the transcript shall show, not yet
redacted: that happens where the line is written, in the engine's process, which alone knows the run's secrets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

MAX_TEXT = 100_000
"""Characters kept of one text; a tool result can be a whole file."""
_LEFT_OUT = {"tool_use_result"}
"""Fields that say again, at length, what another field of the same message says."""


def spoken(value: object) -> object:
    """The value as JSON has it, long texts cut, empty fields left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **_mapped(fields)}
    if isinstance(value, Mapping):
        return _mapped(value)
    if isinstance(value, list | tuple):
        return [spoken(item) for item in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " [cut]"


def _mapped(fields: Mapping[str, object]) -> dict[str, object]:
    kept = {name: item for name, item in fields.items() if item is not None and name not in _LEFT_OUT}
    return {str(name): spoken(item) for name, item in kept.items()}
