"""A thread that looks at a running cell four times a second and ends it at a limit which the kernel does not hold.

Comes in: the cell, its control groups, the folder in which its processes leave their ids. Goes out: which limit ended
it. Disk is always looked at; memory and processes only where no control group counts them.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path

from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cgroups import Group
from tdev.adapters.sandbox.processes import start_in, start_of
from tdev.adapters.sandbox.usage import DiskUse, descendants, memory_of

_EVERY_SECONDS = 0.25


class Watch:
    """What was seen of one run. `started` is the folder in which processes that were started leave their ids."""

    def __init__(self, cell: Cell, group: Group, started: Path) -> None:
        self._limits, self._group, self._started = cell.limits, group, started
        self._disk = DiskUse(cell.writable, cell.limits)
        self._over = threading.Event()
        self._seen = ""
        self._thread = threading.Thread(target=self._look, name="sandbox-watch", daemon=True)
        self._thread.start()

    @property
    def stopped_by(self) -> str:
        """The limit that ended the run; empty when none did."""
        return self._seen or self._group.stopped_by()

    def close(self) -> None:
        """End whatever still runs, and look no more."""
        self._over.set()
        self._thread.join()
        self._kill()

    def _look(self) -> None:
        self._disk.begin(self._over.is_set)
        while not self._over.wait(_EVERY_SECONDS):
            self._seen = self._exceeded()
            if self._seen:
                self._kill()
                return

    def _exceeded(self) -> str:
        """The limit that is exceeded now; empty when none is."""
        inside = descendants(self._roots())
        if "memory" not in self._group.folders and self._too_much_memory(inside):
            return "memory"
        if "pids" not in self._group.folders and len(inside) > self._limits.processes:
            return "processes"
        return self._group.stopped_by() or self._disk.exceeded(inside)

    def _too_much_memory(self, inside: list[int]) -> bool:
        return memory_of(inside, self._limits.memory_bytes) > self._limits.memory_bytes

    def _roots(self) -> list[int]:
        """Processes that were started in the cell and have not ended."""
        found = ((int(file.name), file.read_text("utf-8", "replace")) for file in self._started.iterdir())
        return [process for process, line in found if line and start_of(process) == start_in(line)]

    def _kill(self) -> None:
        """End what was started in the cell; what it started ends with it."""
        for process in self._roots():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
