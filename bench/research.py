"""Research: time cold and warm, memory, and growth with the size of the tree."""

from __future__ import annotations

import json
import math
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.report import Bar
from bench.synthetic import write_tree
from tdev.adapters.git import Git
from tdev.adapters.process import run
from tdev.errors import TransientError
from tdev.settings import Settings

BARS = (
    Bar("research_100k_s", at_most=10),
    Bar("research_100k_warm_s", at_most=1),
    Bar("research_100k_mib", at_most=300),
    Bar("research_growth_exponent", at_most=1.15),
)
METHOD = {
    "research_100k_s": "Median wall clock of the stage `research` on a synthetic tree of 100,000 lines with 20 commits "
    "of history, in a new process, with an empty cache.",
    "research_100k_warm_s": "The same in another new process, with the cache that the first one left.",
    "research_100k_process_s": "Median wall clock of that whole process, cold: interpreter, imports and making the run "
    "directory included.",
    "research_100k_warm_process_s": "The same, warm.",
    "research_100k_mib": "Largest peak memory of that process plus that of its largest child (git), cold.",
    "research_growth_exponent": "Slope of log(seconds of the stage, cold) over log(lines), least squares over all "
    "sizes measured.",
    "research_growth_last": "The same slope between the two largest sizes alone.",
    "research_parse_ratio": "Seconds of the stage, cold, by seconds of `ast.parse` alone on the same files in the "
    "same process: does not depend on the machine.",
}
SIZES = (1_000, 10_000, 100_000, 1_000_000)
_TIMEOUT = 900.0
_REPEATS = 5


def measure(*, short: bool, root: Path, scratch: Path) -> tuple[dict[str, float], list[str]]:
    """The figures, and a line per size."""
    figures: dict[str, float] = {}
    notes: list[str] = []
    points: list[tuple[int, float]] = []
    for size in SIZES[:-1] if short else SIZES:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            repeats = 1 if size > 100_000 else 3 if short else _REPEATS
            cold, warm = _runs(Path(folder), size, repeats, root)
        stage = statistics.median(one["seconds"] for one in cold)
        points.append((int(cold[0]["lines"]), stage))
        notes.append(_line(cold, warm))
        if size == 100_000:
            figures["research_100k_s"] = stage
            figures["research_100k_warm_s"] = statistics.median(one["seconds"] for one in warm)
            figures["research_100k_process_s"] = statistics.median(one["wall"] for one in cold)
            figures["research_100k_warm_process_s"] = statistics.median(one["wall"] for one in warm)
            figures["research_100k_mib"] = max(one["mib"] for one in cold)
            ratios = [one["seconds"] / one["parse_seconds"] for one in cold]
            figures["research_parse_ratio"] = statistics.median(ratios)
    figures["research_growth_exponent"] = slope(points)
    figures["research_growth_last"] = slope(points[-2:])
    return figures, notes


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of log(second) over log(first)."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    return statistics.linear_regression([size for size, _ in logs], [seconds for _, seconds in logs]).slope


def _runs(folder: Path, size: int, repeats: int, root: Path) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    """Cold and warm measurements of one size, each in a process of its own."""
    repository = folder / "repository"
    repository.mkdir()
    write_tree(repository, size)
    _commit(repository)
    cold, warm = [], []
    for number in range(repeats):
        home = folder / f"home{number}"
        cold.append(_once(repository, home, root))
        warm.append(_once(repository, home, root))
        if warm[-1]["cached"] != warm[-1]["files"]:
            raise TransientError("The second run was not answered by the cache, so nothing was measured.")
        shutil.rmtree(home)
    return cold, warm


def _once(repository: Path, home: Path, root: Path) -> dict[str, float]:
    """One run, with `wall` = seconds of the whole process; what --parse adds is taken off."""
    environment = {**Settings.from_environment().child_environment, "PYTHONPATH": str(root)}
    words = (sys.executable, "-m", "bench.research_once", repository, home, "--parse")
    done = run(words, cwd=root, environment=environment, timeout=_TIMEOUT)
    if not done.ok:
        raise TransientError(f"Research could not be measured: {done.tail(3)}")
    answer: dict[str, float] = json.loads(done.stdout)
    answer["wall"] = done.seconds - answer["whole_parse_seconds"]
    return answer


def _commit(repository: Path) -> None:
    """A repository with a few commits, as history is read too."""
    git = Git(repository, Settings.from_environment().child_environment)
    git.run("init", "--quiet")
    git.commit_all("start")
    for number, file in enumerate(sorted(repository.glob("src/*/*.py"))[:20]):
        file.write_text(f"{file.read_text()}\n\nREVISION = {number}\n")
        git.commit_all(f"revision {number}")


def _line(cold: list[dict[str, float]], warm: list[dict[str, float]]) -> str:
    """One size in words."""
    first = cold[0]
    seconds = statistics.median(one["seconds"] for one in cold)
    again = statistics.median(one["seconds"] for one in warm)
    mib = max(one["mib"] for one in cold)
    return (
        f"{int(first['lines']):>9,} lines in {int(first['files']):,} files: {seconds:.2f} s cold, {again:.2f} s warm, "
        f"{mib:.0f} MiB, {int(first['insights'])} insights"
    )
