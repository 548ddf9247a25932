"""What a test run's record proves: the lines that tools/pytest_recorder.py wrote, judged as evidence.

Code under test can end the process, print anything and delete files. So outcomes come from our own recorder inside
pytest; a run counts only if the recorder saw the end, the exit code agrees, and each collected test has an outcome.
What is missing is named in `reason`; gates and pages show it word for word.
A test's outcome is its worst over all phases. Exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tdev.core.artifacts.evaluation import TestOutcome, TestRun

NO_TESTS = "no tests were found"
"""How the reason starts when pytest collected nothing: the tests gate may waive that."""

LONGEST_TEXT = 2000
"""Characters kept of one failure's text."""

MOST_TEXTS = 50
"""Failures whose text is kept."""

_WORST_LAST = (TestOutcome.PASSED, TestOutcome.SKIPPED, TestOutcome.FAILED, TestOutcome.ERROR)
_MEANING = {
    2: "was interrupted",
    3: "had an internal error",
    4: "could not start",
    5: "found no tests",
}


@dataclass
class _Record:
    collected: list[str] | None = None
    outcomes: dict[str, TestOutcome] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    running: str = ""
    finished: int | None = None
    damaged: bool = False


def run_from_record(
    record: Iterable[str], *, exit_code: int, timed_out: bool, seconds: float, last_words: str
) -> TestRun:
    """The run behind a record. `ok` only when pytest came to its end, and every test it collected has an outcome.

    `exit_code` is the process's own, `last_words` the end of what it printed. Coverage is left empty.
    """
    read = _read(record)
    reason = _shortcoming(read, exit_code=exit_code, timed_out=timed_out, seconds=seconds, last_words=last_words)
    texts = {name: read.texts[name] for name in sorted(read.texts)[:MOST_TEXTS]}
    return TestRun(ok=not reason, reason=reason, outcomes=read.outcomes, failures=texts, seconds=round(seconds, 3))


def _read(lines: Iterable[str]) -> _Record:
    """The record, line by line."""
    record = _Record()
    for line in lines:
        try:
            _take(record, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            record.damaged = True
    return record


def _take(record: _Record, row: Mapping[str, Any]) -> None:
    """Note one line."""
    kind = row.get("kind")
    if kind == "collected":
        record.collected = [str(name) for name in row["ids"]]
    elif kind == "start":
        record.running = str(row["id"])
    elif kind == "collect":
        _note(record, str(row["id"]), TestOutcome.ERROR, str(row["text"]))
    elif kind == "report":
        outcome = _outcome(row)
        if outcome is not None:
            _note(record, str(row["id"]), outcome, str(row["text"]))
    elif kind == "finish":
        record.finished = int(row["exit_code"])


def _outcome(row: Mapping[str, Any]) -> TestOutcome | None:
    """What one phase of a test says of it; None = nothing (a passed set-up or teardown, a try that is repeated)."""
    if row["outcome"] == "failed":
        return TestOutcome.FAILED if row["when"] == "call" else TestOutcome.ERROR
    if row["outcome"] == "skipped" or (row["expected"] and row["outcome"] == "passed"):
        return TestOutcome.SKIPPED
    return TestOutcome.PASSED if row["outcome"] == "passed" and row["when"] == "call" else None


def _note(record: _Record, name: str, outcome: TestOutcome, text: str) -> None:
    """Keep the worst outcome a test had in any phase or subtest."""
    known = record.outcomes.get(name)
    if known is None or _WORST_LAST.index(outcome) > _WORST_LAST.index(known):
        record.outcomes[name] = outcome
    if outcome.bad and name not in record.texts:
        record.texts[name] = shortened(text)


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text's beginning and its end, at most `longest` characters."""
    text = text.strip()
    if len(text) <= longest:
        return text
    head = longest // 3
    return f"{text[:head]}\n[…]\n{text[-(longest - head - 5) :]}"


def _shortcoming(record: _Record, *, exit_code: int, timed_out: bool, seconds: float, last_words: str) -> str:
    """Why the run is no evidence; empty when it is."""
    at = f" while running {record.running}" if record.running else ""
    if timed_out:
        return f"the tests were stopped after {seconds:.0f} s{at}"
    words = f": {last_words}" if last_words else ""
    if record.finished is None and exit_code in _MEANING and not record.running:
        return f"pytest {_MEANING[exit_code]}{words}"
    if record.finished is None:
        return f"pytest ended before it had finished (exit code {exit_code}{at}){words}"
    if record.damaged:
        return "the record of the tests is damaged"
    return _incomplete(record, exit_code, words)


def _incomplete(record: _Record, exit_code: int, words: str) -> str:
    """Why a run that came to its end is no evidence; empty when it is."""
    collected = record.collected or []
    left = [name for name in collected if name not in record.outcomes]
    if exit_code == 5 or (exit_code == 0 and not record.outcomes):
        return NO_TESTS
    if exit_code not in (0, 1):
        return f"pytest {_MEANING.get(exit_code, f'ended with exit code {exit_code}')}{words}"
    if left:
        return f"{len(left)} of {len(collected)} tests have no outcome, the first is {left[0]}"
    failed = any(outcome.bad for outcome in record.outcomes.values())
    if exit_code == 0 and failed:
        return "pytest ended with exit code 0 although tests failed"
    if exit_code == 1 and record.outcomes and not failed:
        return f"pytest ended with exit code 1 although no test failed{words}"
    if not record.outcomes:
        return f"{NO_TESTS}{words}"
    return ""
