"""The gates: all three on a package of 10,000 lines with 300 tests; cold, unchanged, and with one more changed file."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.gates_tree import write_repository
from bench.report import Bar
from tdev.adapters.git import Git
from tdev.adapters.process import run
from tdev.errors import TransientError
from tdev.settings import Settings

BARS = (
    Bar("gates_vs_limit", at_most=1.25),
    Bar("gates_vs_sum", at_most=0.65),
    Bar("gates_unchanged_s", at_most=1.5),
    Bar("gates_one_file_ratio", at_most=0.35),
    Bar("gate_overhead_s", at_most=1.0),
)
METHOD = {
    "gates_vs_limit": "Median over repeats of the wall clock of a cold `tdev gate --json` divided by the larger of the "
    "slowest program run alone and the processor seconds of all of them by cores, both measured in the same repeat.",
    "gates_vs_sum": "The same wall clock by the sum of all programs run one after another.",
    "gates_cold_s": "That wall clock: nothing is known of the repository; programs, their compiled rules and the "
    "project's environment are there.",
    "gates_slowest_s": "The slowest program run alone.",
    "gates_processor_s": "Processor seconds of all programs, divided by cores.",
    "gates_unchanged_s": "Median wall clock of the same command again.",
    "gates_one_file_ratio": "Median wall clock after one more file and its test have changed, with what was kept of "
    "the earlier run, by the cold one.",
    "gate_overhead_s": "Median of the cold wall clock without the time in which at least one program ran.",
}
_SECONDS = 1200.0


def measure(*, short: bool, scratch: Path) -> tuple[dict[str, float], list[str]]:
    """The figures, and a line per repeat; the short form measures once."""
    rows: list[dict[str, float]] = []
    slowest: list[str] = []
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        repository = Path(folder, "repository")
        repository.mkdir()
        git = Git(repository, Settings.from_environment().child_environment)
        base, change, more = write_repository(repository, git)
        for number in range(1 if short else 3):
            git.run("checkout", "--quiet", "--detach", change)
            alone = _alone(repository, base, _home(Path(folder, f"alone{number}")))
            home = _home(Path(folder, f"home{number}"))
            cold, overhead = _gate(repository, base, home)
            unchanged, _ = _gate(repository, base, home)
            git.run("checkout", "--quiet", "--detach", more)
            one_file, _ = _gate(repository, base, home)
            rows.append(_row(alone, cold, overhead, unchanged, one_file))
            slowest.append(_told(rows[-1], alone["seconds"]))
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}, slowest


def _row(alone: Mapping[str, Any], cold: float, overhead: float, unchanged: float, one_file: float) -> dict[str, float]:
    """The figures of one repeat."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    longest, shared = max(alone["seconds"].values()), alone["processor"] / cores
    return {
        "gates_vs_limit": cold / max(longest, shared),
        "gates_vs_sum": cold / sum(alone["seconds"].values()),
        "gates_unchanged_s": unchanged,
        "gates_one_file_ratio": one_file / cold,
        "gate_overhead_s": overhead,
        "gates_cold_s": cold,
        "gates_slowest_s": longest,
        "gates_processor_s": shared,
    }


def _home(folder: Path) -> Path:
    """A state folder that knows no repository, with the programs of this machine."""
    real = Settings.from_environment()
    for name, place in (("tools", real.tool_environments), ("cache/kingfisher", real.cache / "kingfisher"),
                        ("cache/environments", real.cache / "environments")):  # fmt: skip
        place.mkdir(parents=True, exist_ok=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(place.resolve())
    return folder


def _alone(repository: Path, base: str, home: Path) -> dict[str, Any]:
    """Seconds of each program run alone, and processor time."""
    root = Path(__file__).parents[1]
    words = (sys.executable, "-m", "bench.gates_alone", repository, base, home)
    environment = {**Settings.from_environment().child_environment, "PYTHONPATH": str(root)}
    done = run(words, cwd=root, environment=environment, timeout=_SECONDS)
    if not done.ok:
        raise TransientError(f"The programs of the gates could not be measured: {done.tail(3)}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _gate(repository: Path, base: str, home: Path) -> tuple[float, float]:
    """Wall clock of `tdev gate`, and how much of it no program ran; raises TransientError when it had no evidence."""
    tdev = Path(sys.executable).with_name("tdev")
    environment = {**Settings.from_environment().child_environment, "TDEV_HOME": str(home)}
    started = time.time()
    done = run((tdev, "gate", "--repo", repository, "--base", base, "--json"), cwd=repository,
               environment=environment, timeout=_SECONDS)  # fmt: skip
    ended = time.time()
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"verdict": {"outcome": "error", "reason": done.tail(3)}}
    if answer["verdict"]["outcome"] != "pass":
        raise TransientError(f"The gates were to let the change pass, and did not: {answer['verdict']['reason']}")
    busy = _busy(Path(answer["run_dir"], "events.jsonl").read_text("utf-8").splitlines())
    return ended - started, ended - started - busy


def _busy(lines: Iterable[str]) -> float:
    """Seconds in which at least one program ran."""
    running, since, total = 0, 0.0, 0.0
    for event in map(json.loads, lines):
        at = datetime.fromisoformat(event["time"]).timestamp()
        if event["name"] == "tdev.tool.start":
            since = since if running else at
            running += 1
        elif event["name"] == "tdev.tool.end":
            running -= 1
            total += 0.0 if running else at - since
    return total


def _told(row: Mapping[str, float], seconds: Mapping[str, float]) -> str:
    """One repeat in words."""
    top = sorted(seconds.items(), key=lambda one: -one[1])[:5]
    return (
        f"gates: {row['gates_cold_s']:.1f} s cold, {row['gates_unchanged_s']:.2f} s unchanged; alone: "
        + ", ".join(f"{name} {took:.1f} s" for name, took in top)
        + f"; all of them {sum(seconds.values()):.1f} s"
    )
