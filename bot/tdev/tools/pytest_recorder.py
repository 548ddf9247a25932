"""A pytest plugin that writes down each test's outcome as it happens.

It is copied into the project's environment and runs there, so it imports nothing of T-Developer. One JSON object per
line: `collected` (test ids), `start` (a test begins), `report` (one phase of one test), `collect` (a file that could
not be collected), `finish` (pytest came to its end). A run without `finish` did not end by itself.

tools/pytest.py reads the record through core/test_record.py. A process that a test forks writes
nothing, so no outcome is counted twice.
"""

from __future__ import annotations

import json
import os
from typing import Any

_LONGEST = 20_000
_open: dict[str, int] = {}


def pytest_configure(config: Any) -> None:
    """Open the record before any of the project's tests is imported."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    _open["file"] = os.open(os.environ["TDEV_TEST_RECORD"], flags, 0o600)
    _open["process"] = os.getpid()


def pytest_collection_finish(session: Any) -> None:
    """Write down which tests are about to run."""
    _write("collected", ids=[str(item.nodeid) for item in session.items])


def pytest_runtest_logstart(nodeid: Any, location: Any) -> None:
    """Write down that a test begins."""
    _write("start", id=str(nodeid))


def pytest_runtest_logreport(report: Any) -> None:
    """Write down how one phase of one test ended."""
    expected = hasattr(report, "wasxfail")
    text = report.longreprtext[-_LONGEST:] if report.failed else ""
    _write("report", id=str(report.nodeid), when=report.when, outcome=report.outcome, expected=expected, text=text)


def pytest_collectreport(report: Any) -> None:
    """Write down a file that could not be collected."""
    if report.failed:
        _write("collect", id=str(report.nodeid) or ".", text=report.longreprtext[-_LONGEST:])


def pytest_sessionfinish(session: Any, exitstatus: Any) -> None:
    """Write down that pytest came to its end."""
    _write("finish", exit_code=int(exitstatus))


def _write(kind: str, **values: Any) -> None:
    if _open.get("process") == os.getpid():
        line = json.dumps({"kind": kind, **values}, ensure_ascii=True) + "\n"
        os.write(_open["file"], line.encode("ascii"))
