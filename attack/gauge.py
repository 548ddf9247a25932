"""How much of the machine an attack takes, looked at while it goes on."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_EVERY_SECONDS = 0.4
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Most:
    """The most that was seen at once."""

    processes: int = 0
    """Threads count, as the kernel counts them."""
    memory_bytes: int = 0
    """Resident."""
    disk_bytes: int = 0
    """Below the scene's folder."""


@contextlib.contextmanager
def gauged(folder: Path) -> Iterator[Most]:
    """Look at our own descendants and at a folder until the block ends."""
    most = Most()
    over = threading.Event()
    before = _free(folder)

    def look() -> None:
        while not over.wait(_EVERY_SECONDS):
            processes, memory = _taken()
            most.processes = max(most.processes, processes)
            most.memory_bytes = max(most.memory_bytes, memory)
            most.disk_bytes = max(most.disk_bytes, before - _free(folder))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _taken() -> tuple[int, int]:
    """Threads and resident bytes of all our descendants."""
    rows = list(_rows())
    parents = {pid: parent for pid, parent, _, _ in rows}
    threads = memory = 0
    for pid, _, count, resident in rows:
        if _descends(pid, parents):
            threads += count
            memory += resident
    return threads, memory


def _descends(pid: int, parents: dict[int, int]) -> bool:
    seen: set[int] = set()
    while (pid := parents.get(pid, 0)) not in seen:
        if pid == os.getpid():
            return True
        seen.add(pid)
    return False


def _rows() -> Iterator[tuple[int, int, int, int]]:
    """Process, parent, threads and resident bytes of every process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), int(fields[1]), int(fields[17]), int(fields[21]) * _PAGE
