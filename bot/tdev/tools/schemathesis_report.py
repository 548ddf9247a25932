"""What schemathesis wrote: its JSON report of the run and its NDJSON events, read strictly.

Called by contract.py. Comes in: text of the two reports. Goes out: figures and findings; nothing is
run. The figures decide whether the run is evidence at all: schemathesis ends well after it left out
operations or phases, so each phase must have run and every operation must have been tested.

The formats are described in schemathesis' documentation and change between its major versions; a
field that is missing makes the report unreadable, not clean.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint

TOOL = "schemathesis"
PHASES = ("coverage", "fuzzing", "stateful")
_MOST_FINDINGS = 100
_LONGEST_CURL = 1500
_ORIGIN = re.compile(r"^http://[^/]+")
_DROPPED_HEADERS = frozenset({"user-agent", "accept-encoding", "accept", "connection", "content-length"})


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


def read_failures(lines: Iterable[str]) -> tuple[Finding, ...]:
    """One finding for each different failure in the events, with the request as a curl line."""
    found: dict[str, Finding] = {}
    for line in lines:
        if '"failure"' not in line:
            continue
        event = json.loads(line)
        scenario = event.get("ScenarioFinished")
        for finding in _of_scenario(scenario["recorder"]) if scenario else ():
            if len(found) < _MOST_FINDINGS:
                found.setdefault(finding.fingerprint, finding)
    return tuple(found.values())


def _of_scenario(recorder: Mapping[str, Any]) -> Iterator[Finding]:
    """The findings of one scenario."""
    for case, checks in recorder.get("checks", {}).items():
        for check in checks:
            if check["status"] != "success":
                yield _finding(check, recorder.get("interactions", {}).get(case))


def _finding(check: Mapping[str, Any], interaction: Mapping[str, Any] | None) -> Finding:
    """One failed check."""
    failure = (check.get("failure_info") or {}).get("failure") or {}
    operation, title = str(failure.get("operation", "")), str(failure.get("title") or check["name"])
    message = " ".join(str(failure.get("message", "")).split())[:400]
    status = ((interaction or {}).get("response") or {}).get("status_code", "none")
    return Finding(
        tool=TOOL,
        rule=str(check["name"]),
        severity=Severity.ERROR,
        message=f"{operation}: {title} (status {status}). {message}".strip(),
        path="docs/openapi.yaml",
        symbol=operation,
        remedy=curl(interaction["request"]) if interaction else "",
        fingerprint=fingerprint(TOOL, str(check["name"]), operation, title),
    )


def curl(request: Mapping[str, Any]) -> str:
    """The request as a command to repeat it, on port 8000."""
    address = _ORIGIN.sub("http://127.0.0.1:8000", str(request["uri"]))
    words = ["curl", "-i", "-X", str(request["method"]), address]
    for name, values in (request.get("headers") or {}).items():
        if name.lower() not in _DROPPED_HEADERS:
            words += ["-H", f"{name}: {', '.join(values)}"]
    if body := _body(request.get("body")):
        words += ["--data-binary", body]
    return shlex.join(words)[:_LONGEST_CURL]


def _body(body: object) -> str:
    """The body as text."""
    if not isinstance(body, dict) or "$base64" not in body:
        return ""
    try:
        return base64.b64decode(body["$base64"]).decode("utf-8", "replace")
    except binascii.Error:
        return ""
