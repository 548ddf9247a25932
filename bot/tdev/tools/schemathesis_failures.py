"""The failures in the NDJSON events of schemathesis, each as a finding with a request that repeats it.

Used by contract.py. Comes in: lines of the event file. Goes out: findings, each different failure
once. Events without a failure are passed over unread: the file holds every request and can be
large.

The curl line uses port 8000, where a person will run the service, and not the port of the test;
headers that curl sets itself are left out.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.fingerprint import fingerprint

TOOL = "schemathesis"
_MOST_FINDINGS = 100

_LONGEST_CURL = 1500
_ORIGIN = re.compile(r"^http://[^/]+")

_DROPPED_HEADERS = frozenset({"user-agent", "accept-encoding", "accept", "connection", "content-length"})


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
