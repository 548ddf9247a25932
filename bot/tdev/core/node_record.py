"""What Node's own test runner wrote down about a run: from its events to a TestRun, judged as evidence.

Events are those of https://nodejs.org/api/test.html#class-testsstream, one JSON object per line, as tools/npm.py lets
the runner write them; the runner works in another process than the tests. A run counts only if the last line is
`finish`, the exit code agrees, and at least one test has an outcome; a file without tests, which Node calls a test that
passes, is none. Ids are `path::suite > test`, like those of pytest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.test_record import LONGEST_TEXT, MOST_TEXTS, NO_TESTS

RUNNER = "node --test"
_WORST_LAST = (TestOutcome.PASSED, TestOutcome.SKIPPED, TestOutcome.FAILED, TestOutcome.ERROR)


def run_from_events(lines: Iterable[str], project: str, *, exit_code: int, seconds: float, last_words: str) -> TestRun:
    """The run behind the events; `project` is the absolute folder below which the files are."""
    outcomes: dict[str, TestOutcome] = {}
    texts: dict[str, str] = {}
    names: list[str] = []
    finished = False
    try:
        for row in map(json.loads, lines):
            finished = row.get("kind") == "finish"
            if row.get("type") == "test:start":
                names = [*names[: int(row["nesting"])], str(row["name"])]
            elif row.get("type") in ("test:pass", "test:fail"):
                _note(row, names, project, outcomes, texts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _none("the record of npm test is damaged", seconds)
    if not finished:
        return _none(f"npm test ended before it had finished (exit code {exit_code}): {last_words}", seconds)
    failed = any(outcome.bad for outcome in outcomes.values())
    if not outcomes:
        return _none(f"{NO_TESTS} by npm test", seconds)
    if (exit_code == 0) == failed:
        return _none(
            f"npm test ended with exit code {exit_code}, which its tests do not explain: {last_words}", seconds
        )
    kept = {test: texts[test] for test in sorted(texts)[:MOST_TEXTS]}
    return TestRun(ok=True, runner=RUNNER, outcomes=outcomes, failures=kept, seconds=round(seconds, 3))


def _none(reason: str, seconds: float) -> TestRun:
    return TestRun(ok=False, reason=reason, runner=RUNNER, seconds=round(seconds, 3))


def _note(
    row: Mapping[str, Any], names: list[str], project: str, outcomes: dict[str, TestOutcome], texts: dict[str, str]
) -> None:
    """Note how one test, or a suite that failed by itself, ended; of two with one name the worse counts."""
    suite, failed = row.get("kind") == "suite", row["type"] == "test:fail" and not row.get("todo")
    whole = [*names[: int(row["nesting"])], str(row["name"])]
    is_file = whole == [str(row.get("file"))]
    if (suite or is_file) and not failed:
        return
    path = str(row.get("file") or "").removeprefix(f"{project}/")
    test = path if is_file else f"{path}::{' > '.join(whole)}"
    outcome = TestOutcome.PASSED
    if failed:
        outcome = TestOutcome.ERROR if suite or test == path else TestOutcome.FAILED
        texts[test] = str(row.get("text") or "")[:LONGEST_TEXT]
    elif row.get("skip") or row.get("todo"):
        outcome = TestOutcome.SKIPPED
    outcomes[test] = max(outcomes.get(test, outcome), outcome, key=_WORST_LAST.index)
