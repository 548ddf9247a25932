from __future__ import annotations

import gzip
import json
from typing import Any

import jsonschema
import pytest

from support.evaluations import evaluated, measured, outcomes_of
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.sarif import MOST_RESULTS, sarif

TEXT = {"type": "string", "minLength": 1}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def shape(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object of the specification with these members and no others."""
    members = {**required, **(optional or {})}
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def listed(items: dict[str, Any], least: int = 0, unique: bool = False) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": least, "uniqueItems": unique}


MESSAGE = shape({"text": TEXT}, {"markdown": TEXT})
URI = {"type": "string", "format": "uri-reference", "minLength": 1}
RULE = shape(
    {
        "id": TEXT,
        "shortDescription": MESSAGE,
        "fullDescription": MESSAGE,
        "help": MESSAGE,
        "helpUri": {"format": "uri"},
    },
    {"name": TEXT, "defaultConfiguration": shape({"level": LEVEL}), "properties": {"type": "object"}},
)
REGION = shape({"startLine": {"type": "integer", "minimum": 1}}, {"endLine": {"type": "integer", "minimum": 1}})
PLACE = shape({"artifactLocation": shape({"uri": URI, "uriBaseId": TEXT})}, {"region": REGION})
LOCATION = shape({"physicalLocation": PLACE}, {"logicalLocations": listed(shape({"fullyQualifiedName": TEXT}), 1)})
RESULT = shape(
    {
        "ruleId": TEXT,
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": MESSAGE,
        "locations": listed(LOCATION, 1),
        "partialFingerprints": {"type": "object", "additionalProperties": TEXT},
    },
    {
        "properties": {"type": "object"},
        "suppressions": listed(
            shape(
                {"kind": {"enum": ["inSource", "external"]}}, {"status": {"enum": ["accepted"]}, "justification": TEXT}
            )
        ),
    },
)
INVOCATION = shape(
    {"executionSuccessful": {"type": "boolean"}},
    {"exitCodeDescription": TEXT, "toolExecutionNotifications": listed(shape({"message": MESSAGE, "level": LEVEL}))},
)
DRIVER = shape(
    {"name": TEXT}, {"semanticVersion": TEXT, "informationUri": {"format": "uri"}, "rules": listed(RULE, unique=True)}
)
RUN = shape(
    {"tool": shape({"driver": DRIVER}, {"extensions": listed(shape({"name": TEXT}, {"version": TEXT}), unique=True)})},
    {
        "automationDetails": shape({"id": TEXT}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "invocations": listed(INVOCATION),
        "originalUriBaseIds": {"type": "object"},
        "results": listed(RESULT),
        "properties": {"type": "object"},
    },
)
SPECIFIED = shape({"version": {"const": "2.1.0"}, "runs": listed(RUN)}, {"$schema": {"format": "uri"}})
"""What we use of SARIF 2.1.0, member by member as the specification has it."""


def finding(number: int = 1, severity: Severity = Severity.ERROR, **facts: object) -> Finding:
    given = {
        "tool": "semgrep",
        "rule": "weak-hash",
        "severity": severity,
        "message": f"message {number}",
        "path": "src/a b.py",
        "line": number,
        "remedy": "Use another.",
        "fingerprint": "f1",
    }
    return Finding.model_validate({**given, **facts})


def verdict(*checks: Verdict) -> Verdict:
    return Verdict.of("gates", (Verdict.of("security", checks),))


def failed(*findings: Finding, remarks: tuple[Finding, ...] = ()) -> Verdict:
    outcome = Outcome.FAIL if findings else Outcome.PASS
    return Verdict(name="static-analysis", outcome=outcome, reason="r", findings=findings, remarks=remarks)


def evaluation() -> Evaluation:
    side = measured(outcomes_of({"t.py::a": "passed"}))
    more = (*side.reports, ToolReport(tool="semgrep", version="1.2", ok=True, examined=1))
    return evaluated(side, side.model_copy(update={"reports": more}))


def run_of(judged: Verdict, **facts: Any) -> dict[str, Any]:
    """The only run of the document, which is as the specification says."""
    document = sarif(judged, evaluation(), "0.1.0", **facts)
    checker = jsonschema.FormatChecker()
    jsonschema.validate(
        json.loads(json.dumps(document)), SPECIFIED, jsonschema.Draft202012Validator, format_checker=checker
    )
    (only,) = document["runs"]
    for result in only["results"]:
        assert only["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return dict(only)


def test_a_finding_has_rule_place_page_and_fingerprint() -> None:
    run = run_of(verdict(failed(finding(7, end_line=9, symbol="a.f"))))
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("semgrep/weak-hash", "error")
    assert result["message"]["text"] == "message 7 Use another."
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "src/a%20b.py"
    assert physical["region"] == {"startLine": 7, "endLine": 9}
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "a.f"}]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["helpUri"].endswith("/static-analysis.md")
    assert rule["properties"]["security-severity"] == "8.0"
    assert {"name": "semgrep", "version": "1.2"} in run["tool"]["extensions"]


def test_equal_findings_have_fingerprints_of_their_own() -> None:
    results = run_of(verdict(failed(finding(1), finding(2))))["results"]
    assert [each["partialFingerprints"]["primaryLocationLineHash"] for each in results] == ["f1:1", "f1:2"]


def test_remarks_come_last_and_waived_ones_say_why() -> None:
    old, waived = finding(2, Severity.NOTE), finding(3, rule="old-tls", fingerprint="f3")
    judged = verdict(failed(remarks=(old, waived)), failed(finding(1)))
    results = run_of(judged, waived=lambda each: "two people said so" if each.rule == "old-tls" else "")["results"]
    assert [each["properties"]["blocks"] for each in results] == [True, False, False]
    assert [each.get("suppressions", [{}])[0].get("justification") for each in results] == [
        None,
        None,
        "two people said so",
    ]


def test_no_evidence_is_not_a_clean_bill() -> None:
    silent = Verdict(name="secrets", outcome=Outcome.ERROR, reason="kingfisher was stopped")
    (invocation,) = run_of(verdict(silent))["invocations"]
    assert not invocation["executionSuccessful"]
    assert (
        "secrets: no evidence: kingfisher was stopped" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    )
    assert run_of(verdict(failed()))["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize("path", ["", "../up", "a\ufffd.py", "ü/#?.py", "C:\\x.py", "a:b.py"])
def test_odd_places_are_still_places(path: str) -> None:
    location = run_of(verdict(failed(finding(0, path=path))))["results"][0]["locations"][0]
    assert ":" not in location["physicalLocation"]["artifactLocation"]["uri"]


def test_too_many_findings_are_cut_and_told_what_blocks_first() -> None:
    remarks = tuple(finding(1, Severity.NOTE, message="x" * 3000, fingerprint=str(n)) for n in range(MOST_RESULTS))
    (run,) = sarif(verdict(failed(finding(1), remarks=remarks)), evaluation(), "0.1.0")["runs"]
    assert len(run["results"]) == MOST_RESULTS and run["results"][0]["properties"]["blocks"]
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("1 more finding")
    assert len(gzip.compress(json.dumps(run).encode())) < 10_000_000
