"""The trend of each repository, kept below the state folder: `trend/<repository>.jsonl`, one judged run a line.

Lines are added by one write each, so runs that end at the same time don't mix. A line that was cut off, or that another
version wrote, is passed over: nothing is decided by what stands here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from tdev.adapters.files import explained
from tdev.core.artifacts.goal import Repository
from tdev.core.run import slug
from tdev.core.trend import TrendPoint, latest

_TAIL = 256 * 1024
"""Bytes at the end of a file that are read."""


def trend_file(home: Path, repository: Repository) -> Path:
    """Where a repository's lines are: by its name on GitHub, else by its place on this machine."""
    identity = repository.full_name or repository.path
    name = slug((repository.full_name or repository.name).replace("/", " "))
    return home / "trend" / f"{name}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}.jsonl"


def add(home: Path, repository: Repository, point: TrendPoint) -> tuple[TrendPoint, ...]:
    """Add a run and return the last ones, oldest first. Raises like `explained` where it can't be written."""
    file = trend_file(home, repository)
    with explained(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, point.model_dump_json().encode() + b"\n")
        finally:
            os.close(handle)
    return last(home, repository)


def last(home: Path, repository: Repository) -> tuple[TrendPoint, ...]:
    """The last judged runs of a repository, oldest first; none where nothing is kept."""
    return latest(_points(trend_file(home, repository)))


def _points(file: Path) -> Iterator[TrendPoint]:
    try:
        with file.open("rb") as lines:
            lines.seek(max(0, file.stat().st_size - _TAIL))
            tail = lines.read().split(b"\n")
    except OSError:
        return
    for line in tail:
        try:
            yield TrendPoint.model_validate_json(line)
        except ValueError:
            continue
