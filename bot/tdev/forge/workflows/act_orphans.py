"""Ends what a job has left running, as GitHub's runner does: by RUNNER_TRACKING_ID in the environment of processes.

act gives each step a session of its own, so what a step started is not in act's process group and outlives an act that
is killed. Comes in: the id. Goes out: how many processes were killed. One that emptied its environment is not found.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "RUNNER_TRACKING_ID"
_ROUNDS = 20


def end_orphans(tracking_id: str, processes: Path = Path("/proc")) -> int:
    """Kill every process with this id, and what those start meanwhile."""
    killed: set[int] = set()
    for _ in range(_ROUNDS):
        found = [number for number in _with(f"{VARIABLE}={tracking_id}".encode(), processes) if number not in killed]
        if not found:
            break
        for number in found:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed.add(number)
    return len(killed)


def _with(entry: bytes, processes: Path) -> Iterator[int]:
    """The processes that have this entry in their environment."""
    for folder in processes.iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            entries = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if entry in entries:
            yield int(folder.name)
