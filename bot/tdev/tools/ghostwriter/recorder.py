"""A pytest plugin for trying drafts: one JSON line per test, limits on memory and time; stands on its own.

Copied beside the drafts and loaded by the pytest of the project's own environment, so it can import
nothing of T-Developer. runs.py reads what it writes to the file that TDEV_DRAFT_RECORD names.

A test that never ends is stopped from inside, by a timer of processor time: killing the process
would lose the answers of all other tests. `Stuck` is no Exception, or Hypothesis would shrink it
for minutes.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

_BYTES = 4 * 1024**3
_SECONDS = 6.0
"""Processor time of one test: a busy machine does not stop it."""


class Stuck(BaseException):
    """A test that takes too long; no Exception, so that nobody tries to find a smaller example of it."""


def pytest_configure(config: Any) -> None:
    """Limit this process: a draft may ask a function for a list of a billion things."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _BYTES if hard == resource.RLIM_INFINITY else min(_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    signal.signal(signal.SIGPROF, _stop)


def _stop(number: int, frame: Any) -> NoReturn:
    raise Stuck(f"used more than {_SECONDS:g} s of processor time")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Stop a test that never ends, again and again should it catch that; coverage notes lines under its name."""
    coverage = sys.modules.get("coverage")
    running = coverage.Coverage.current() if coverage is not None else None
    if running is not None:
        running.switch_context(item.name)
    signal.setitimer(signal.ITIMER_PROF, _SECONDS, 1.0)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        if running is not None:
            running.switch_context("")


def pytest_runtest_logreport(report: Any) -> None:
    """Note how a test ended."""
    if report.when == "call" or report.outcome != "passed":
        crash = getattr(report.longrepr, "reprcrash", None)
        why = "" if report.outcome == "passed" else str(getattr(crash, "message", report.longrepr))
        row = {"name": report.nodeid.rpartition("::")[2], "outcome": report.outcome, "why": why[:300]}
        with Path(os.environ["TDEV_DRAFT_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
