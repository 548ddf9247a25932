"""What Node's own test runner wrote down about a run: from its events to a TestRun, judged as evidence.

Events are those of https://nodejs.org/api/test.html#class-testsstream, one JSON object per line, as our reporter in
tools/npm_runners.py writes them; the runner works in another process than the tests. A run counts only if the last line
is `finish`; a file without tests, which Node calls a test that passes, is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.javascript_outcomes import Ended, JavascriptOutcomes

RUNNER = "node --test"


def run_from_events(lines: Iterable[str], project: str, ended: Ended) -> TestRun:
    """The run behind the events; `project` is the absolute folder below which the files are."""
    found = JavascriptOutcomes(RUNNER, project, ended)
    names: list[str] = []
    finished = False
    try:
        for row in map(json.loads, lines):
            finished = row.get("kind") == "finish"
            if row.get("type") == "test:start":
                names = [*names[: int(row["nesting"])], str(row["name"])]
            elif row.get("type") in ("test:pass", "test:fail"):
                _note(row, names, found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return found.none("the record of npm test is damaged")
    return found.run() if finished else found.unfinished()


def _note(row: Mapping[str, Any], names: list[str], found: JavascriptOutcomes) -> None:
    """Note how one test, or a suite that failed by itself, ended."""
    suite, failed = row.get("kind") == "suite", row["type"] == "test:fail" and not row.get("todo")
    whole = [*names[: int(row["nesting"])], str(row["name"])]
    is_file = whole == [str(row.get("file"))]
    if (suite or is_file) and not failed:
        return
    outcome = TestOutcome.PASSED
    if failed:
        outcome = TestOutcome.ERROR if suite or is_file else TestOutcome.FAILED
    elif row.get("skip") or row.get("todo"):
        outcome = TestOutcome.SKIPPED
    found.note(str(row.get("file") or ""), [] if is_file else whole, outcome, str(row.get("text") or ""))
