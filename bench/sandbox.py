"""The sandbox: how much longer an interpreter that does nothing takes inside it than outside."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Bar
from tdev.adapters import process
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.run import run
from tdev.adapters.sandbox.table import chosen
from tdev.errors import TransientError
from tdev.settings import Settings

BARS = (Bar("sandbox_start_ms", at_most=60.0),)
METHOD = {
    "sandbox_start_ms": "Median of 25 runs of `python -c pass` in a cell with a writable folder, from the call to its "
    "result, control groups made and removed, minus the median of as many without a sandbox, taken in turns.",
}
_RUNS = 25
_PYTHON = Path("/usr/bin/python3")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/home/user"}


def measure() -> tuple[dict[str, float], list[str]]:
    """Milliseconds on top, and which sandbox it was."""
    settings = Settings.from_environment()
    words = (str(_PYTHON), "-c", "pass")
    with tempfile.TemporaryDirectory(prefix="tdev-bench-") as scratch:
        folder = Path(scratch).resolve()
        cell = Cell(cwd=folder, environment=_ENVIRONMENT, writable=(folder,))
        walled: list[float] = []
        plain: list[float] = []
        for _ in range(_RUNS + 1):
            walled.append(_seconds(lambda: run(settings, cell, words, timeout=60)))
            plain.append(_seconds(lambda: process.run(words, cwd=folder, environment=_ENVIRONMENT, timeout=60)))
    inside, outside = statistics.median(walled[1:]), statistics.median(plain[1:])
    sandbox = chosen(settings)
    note = f"{sandbox.name} {sandbox.version()}: {inside * 1000:.1f} ms inside, {outside * 1000:.1f} ms outside"
    return {"sandbox_start_ms": (inside - outside) * 1000}, [note]


def _seconds(function: Callable[[], process.Completed]) -> float:
    """How long one run takes; raises TransientError when it fails."""
    started = time.perf_counter()
    done = function()
    if not done.ok:
        raise TransientError(f"The sandbox could not be measured: {done.tail(3)}")
    return time.perf_counter() - started
