"""Facts about processes from /proc, and which of them are the ones we started: an id alone may have a new owner."""

from __future__ import annotations

from pathlib import Path

_PARENT, _START = 1, 19


def parent_of(process: int) -> int:
    """Its parent's id; 0 when there is no such process."""
    fields = _fields(_read(process))
    return int(fields[_PARENT]) if fields else 0


def start_of(process: int) -> str:
    """When it was started, in ticks since the machine was; empty when there is no such process."""
    return start_in(_read(process))


def start_in(line: str) -> str:
    """The start that a line of /proc/PID/stat tells; empty when it is none."""
    fields = _fields(line)
    return fields[_START] if fields else ""


def _read(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""


def _fields(line: str) -> list[str]:
    """What follows the program's name, which may hold anything; empty when it is too short."""
    fields = line.rpartition(")")[2].split()
    return fields if len(fields) > _START else []
