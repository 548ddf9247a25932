"""Start-up: how long `tdev --version` takes, and how that compares with an interpreter that does nothing."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.report import Bar
from tdev.adapters.process import run
from tdev.errors import TransientError
from tdev.settings import Settings

BARS = (Bar("version_s", at_most=0.20),)
METHOD = {
    "version_s": "Median wall clock of `tdev --version`, 15 runs after one that warms the disk cache.",
    "version_ratio": "The same by the median of `python -c pass`: does not depend on the machine.",
}
_RUNS = 15


def measure() -> dict[str, float]:
    """Seconds of `tdev --version` and their ratio to a bare interpreter."""
    tdev = Path(sys.executable).with_name("tdev")
    version = _median((tdev, "--version"))
    return {"version_s": version, "version_ratio": version / _median((sys.executable, "-c", "pass"))}


def _median(words: Sequence[str | Path]) -> float:
    """Median seconds of a command."""
    environment = Settings.from_environment().child_environment
    seconds = []
    for _ in range(_RUNS + 1):
        done = run(words, cwd=Path.cwd(), environment=environment, timeout=60)
        if not done.ok:
            raise TransientError(f"{words[0]} failed: {done.tail(3)}")
        seconds.append(done.seconds)
    return statistics.median(seconds[1:])
