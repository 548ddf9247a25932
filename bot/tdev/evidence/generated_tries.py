"""Trying generated tests: which of them pass in the project's own environment and run lines that no test runs.

Comes in: a desk for one change, a module with its gap, and drafts. Goes out: the drafts worth a look, with the lines
that each gains. Each runs in a process of its own in the sandbox; the clone may have been changed by what ran before,
so files are put into it without following a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tdev.adapters.confined_files import write_file
from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.generated_tests import Generated, module_of
from tdev.errors import Refused
from tdev.evidence.subject import Commit
from tdev.evidence.tests_of import Bench
from tdev.tools.pytest import run_tests

_FILE = "test_tdev_generated.py"
_MOST_SECONDS = 30.0
"""For one test."""


@dataclass(frozen=True)
class Desk:
    """Where drafts are made and tried."""

    commit: Commit
    """The head."""
    clone: Path
    """A clone of it that may be changed."""
    bench: Bench
    """The project in it, and its environment."""


class Gap(NamedTuple):
    """One changed module with lines that no test runs."""

    path: str
    """POSIX, relative to the repository."""
    module: str
    """Its dotted name."""
    root: str
    """Folder that it is imported from, POSIX, relative to the repository; `.` = the repository."""
    lines: frozenset[int]
    """Changed lines that no test runs, 1-based."""


def useful(desk: Desk, gap: Gap, drafts: Sequence[Generated]) -> Iterator[tuple[Generated, frozenset[int]]]:
    """Drafts that pass alone, twice, with the lines of the gap that each runs and none before it did."""
    left = gap.lines
    for one in drafts:
        if not left:
            return
        text = module_of((one,), gap.module)
        gained = _lines(desk, gap, _tried(desk, text, coverage=True)) & left
        if gained and _passes(_tried(desk, text, coverage=False)):
            left -= gained
            yield one, gained


def _tried(desk: Desk, text: str, *, coverage: bool) -> TestRun:
    run, folder = desk.commit.run, desk.commit.folder
    file = _FILE if folder == "." else f"{folder}/{_FILE}"
    try:
        write_file(desk.clone, file, text.encode("utf-8", "replace"))
    except Refused as error:
        return TestRun(ok=False, reason=str(error))
    seconds = min(float(run.policy.limits.test_seconds), _MOST_SECONDS)
    bench = desk.bench
    return run_tests(bench.environment, bench.project, run.settings, seconds, coverage, (_FILE,), run.policy.sandbox)


def _passes(tests: TestRun) -> bool:
    """One test was run, and it passed."""
    return tests.ok and list(tests.outcomes.values()) == [TestOutcome.PASSED]


def _lines(desk: Desk, gap: Gap, tests: TestRun) -> frozenset[int]:
    """Lines of the module that the test ran, if it passed."""
    folder = desk.commit.folder
    path = gap.path if folder == "." else gap.path.removeprefix(f"{folder}/")
    return frozenset(tests.covered_lines.get(path, ())) if _passes(tests) else frozenset()
