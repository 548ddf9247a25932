"""What tests share: pinned programs and what they compile once. Runs and work are each test's own."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SHARED = ("tools", "cache/kingfisher", "cache/environments")
_EVIDENCE = ("cache/evidence", "cache/scan")


def share(state: Path, home: Path) -> None:
    """Let a state folder use the programs of another, its kept environments and its compiled rules."""
    _link(_SHARED, state, home)


def share_evidence(state: Path, home: Path) -> None:
    """Let a state folder recall what others measured of the same content, as on a developer's machine."""
    _link(_EVIDENCE, state, home)


def folder_of_this_run(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of one test run share; it is empty at its start."""
    base = factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / name
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While the block runs, other processes of this test run wait here."""
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _link(names: tuple[str, ...], state: Path, home: Path) -> None:
    for name in names:
        (state / name).mkdir(parents=True, exist_ok=True)
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(state / name)
