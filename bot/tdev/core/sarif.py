"""The verdict as one SARIF 2.1.0 document, for code scanning and editors: verdict.sarif. Pure.

In go verdict, evaluation and waivers; out comes plain data (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
All tools stand in one run, each named as an extension: an upload replaces the whole of the last one, so a tool that
finds nothing any more closes what it had found. A rule is `TOOL/RULE`, with its remedy and its page. What blocks comes
first; remarks are there too, as a code scanning alert that is missing counts as mended. Checks without evidence are
notifications of an invocation that was not successful: no results must not look like a clean bill.

Kept below GitHub's limits (https://docs.github.com/en/code-security/reference/code-scanning/sarif-support): it takes
25,000 results and 10 MB compressed, and shows 5,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.outbound import visible
from tdev.core.rule_pages import PROJECT, page_of

VERSION = "2.1.0"
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5_000
MOST_MESSAGE = 1_000
_NAME = "T-Developer"
_WHOLE_TREE = "."
_DANGER = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
"""GitHub's scale of security, 0 to 10: high, medium, low."""


class _Said(NamedTuple):
    """A finding where it stands in the verdict."""

    finding: Finding
    gate: str
    check: str
    blocks: bool

    @property
    def rule(self) -> str:
        return f"{self.finding.tool}/{self.finding.rule}"


def sarif(
    verdict: Verdict, evaluation: Evaluation, version: str, waived: Callable[[Finding], str] = lambda finding: ""
) -> dict[str, Any]:
    """The document; `version` is ours, `waived` gives the reason why a finding is waived, or an empty text."""
    said = sorted(_said(verdict), key=lambda each: not each.blocks)
    kept = said[:MOST_RESULTS]
    rules = {each.rule: each for each in reversed(kept)}
    numbers = {rule: number for number, rule in enumerate(sorted(rules))}
    run = {
        "tool": {
            "driver": {
                "name": _NAME,
                "informationUri": PROJECT,
                "semanticVersion": version,
                "rules": [_rule(rules[name]) for name in sorted(rules)],
            },
            "extensions": list(_tools(evaluation)),
        },
        "automationDetails": {"id": "tdev/gates/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(verdict, len(said) - len(kept))],
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The repository's root."}}},
        "results": list(_results(kept, numbers, waived)),
        "properties": {"outcome": verdict.outcome.value, "base": evaluation.before.sha, "head": evaluation.after.sha},
    }
    return {"$schema": SCHEMA, "version": VERSION, "runs": [run]}


def _said(verdict: Verdict, gate: str = "", check: str = "") -> Iterator[_Said]:
    """Every finding of a verdict, of what it rests on too."""
    yield from (_Said(finding, gate, check, True) for finding in verdict.findings)
    yield from (_Said(finding, gate, check, False) for finding in verdict.remarks)
    for child in verdict.children:
        yield from _said(child, gate or child.name, child.name)


def _tools(evaluation: Evaluation) -> Iterator[dict[str, Any]]:
    """The programs that reported, each once, with their versions."""
    reports = {report.tool: report for side in (evaluation.before, evaluation.after) for report in side.reports}
    for name in sorted(reports):
        version = reports[name].version
        yield {"name": name, **({"version": version} if version else {})}


def _rule(said: _Said) -> dict[str, Any]:
    page, remedy = page_of(said.check), visible(said.finding.remedy, MOST_MESSAGE) or "See the page of the check."
    secure = {"security-severity": _DANGER[said.finding.severity]} if said.gate == "security" else {}
    return {
        "id": said.rule,
        "name": visible(said.finding.rule, 200),
        "shortDescription": {"text": visible(f"{said.finding.tool}: {said.finding.rule}", 200)},
        "fullDescription": {"text": f"A rule of the check {said.check} in the gate {said.gate}."},
        "helpUri": page,
        "help": {"text": remedy, "markdown": f"[What the check {said.check} asks, and how to mend it]({page})"},
        "defaultConfiguration": {"level": said.finding.severity.value},
        "properties": {"tags": [tag for tag in (said.gate, said.check) if tag], **secure},
    }


def _results(
    kept: Iterable[_Said], numbers: Mapping[str, int], waived: Callable[[Finding], str]
) -> Iterator[dict[str, Any]]:
    counted: Counter[str] = Counter()
    for each in kept:
        counted[each.finding.fingerprint] += 1
        reason = "" if each.blocks else waived(each.finding)
        yield _result(each, numbers[each.rule], counted[each.finding.fingerprint], reason)


def _result(said: _Said, number: int, count: int, waived: str) -> dict[str, Any]:
    """One finding; `count` tells apart findings that are alike, `waived` is why it was let through."""
    finding = said.finding
    text = visible(f"{finding.message} {finding.remedy}".strip(), MOST_MESSAGE) or finding.rule
    result: dict[str, Any] = {
        "ruleId": said.rule,
        "ruleIndex": number,
        "level": finding.severity.value,
        "message": {"text": text},
        "locations": [_location(finding)],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.fingerprint}:{count}"},
        "properties": {"blocks": said.blocks, "gate": said.gate, "check": said.check},
    }
    if waived:
        justification = visible(waived, MOST_MESSAGE)
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    """Where a finding stands; one without a place is at the root, as GitHub refuses results without location."""
    uri = quote(finding.path or _WHOLE_TREE, safe="/-._~", errors="replace")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}}
    if finding.path:
        first = max(finding.line, 1)
        physical["region"] = {"startLine": first, "endLine": max(finding.end_line, first)}
    symbol = visible(finding.symbol, 200)
    named = {"logicalLocations": [{"fullyQualifiedName": symbol}]} if symbol else {}
    return {"physicalLocation": physical, **named}


def _invocation(verdict: Verdict, left_out: int) -> dict[str, Any]:
    """How the judging went: not successful where a check had no evidence."""
    silent = [each for each in _leaves(verdict) if each.outcome is Outcome.ERROR]
    notes = [_notification("error", f"{each.name}: no evidence: {each.reason}") for each in silent]
    if left_out:
        notes.append(_notification("warning", f"{left_out} more findings are in verdict.json"))
    return {
        "executionSuccessful": not silent and verdict.outcome is not Outcome.ERROR,
        "exitCodeDescription": verdict.outcome.value,
        "toolExecutionNotifications": notes,
    }


def _leaves(verdict: Verdict) -> Iterator[Verdict]:
    if not verdict.children:
        yield verdict
    for child in verdict.children:
        yield from _leaves(child)


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": visible(text, MOST_MESSAGE)}}
