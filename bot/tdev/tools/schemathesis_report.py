"""The figures of a run of schemathesis: its JSON report, read strictly.

Called by contract.py. The failures are read from another file, by schemathesis_failures.py. The
figures decide whether the run is evidence at all: schemathesis ends well after it left out
operations or phases, so each phase must have run and every operation must have been tested.

The format is described in schemathesis' documentation and changes between its major versions; a
field that is missing makes the report unreadable, not clean.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PHASES = ("coverage", "fuzzing", "stateful")


@dataclass(frozen=True)
class RunSummary:
    """The figures of one run."""

    tested: int
    """Operations that were tested."""
    cases: int
    """Requests that were made as test cases."""
    failures: int
    """Different failures."""
    problem: str
    """Why the run is no evidence; empty when it is."""


def read_summary(text: str, expected: int) -> RunSummary:
    """The figures of the JSON report; `problem` is set unless it is complete and covers `expected` operations."""
    try:
        report = json.loads(text)
        operations, cases = report["operations"], report["test_cases"]
        tested, generated = int(operations["tested"]), int(cases["generated"])
        problem = _problem(report, expected)
        return RunSummary(tested, generated, int(cases["unique_failures"]), problem)
    except (ValueError, KeyError, TypeError) as error:
        return RunSummary(0, 0, 0, f"its report could not be read ({type(error).__name__}: {error})")


def _problem(report: Mapping[str, Any], expected: int) -> str:
    """Why the report is no evidence, or an empty string."""
    operations, phases = report["operations"], report["phases"]
    if not report["complete"] or report["stop_reason"] != "completed":
        return f"it stopped early: {report['stop_reason']}"
    if report["errors"] or operations["errored"]:
        return f"{len(report['errors']) or operations['errored']} operations ended in an error of the tester"
    if not operations["total"] == operations["selected"] == operations["tested"] == expected:
        return f"it tested {operations['tested']} of {expected} operations"
    idle = [name for name in PHASES if phases.get(name, {}).get("status") not in ("success", "failure")]
    if idle:
        return f"its phase {idle[0]} did not run"
    if report["test_cases"]["without_checks"] or not report["test_cases"]["generated"]:
        return "requests were made that nothing checked"
    return ""
