"""The verdict as GitHub's check runs: one per gate, with a table of its checks and an annotation per finding. Pure.

In goes a Verdict, or the reason why there is none; out come values for
https://docs.github.com/en/rest/checks/runs. A gate that is missing from the verdict is a failure that says so: no
evidence is never a success. Findings that block become annotations; those without a place in a file, and all beyond
MOST_ANNOTATIONS, are told in the summary. Texts come from outside and are cleaned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tdev.core import outbound
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.outbound import inline
from tdev.core.rule_pages import page_of
from tdev.core.shown import MARKS, place

GATES = ("security", "tests", "quality")
"""The gates whose checks a protected branch can require."""
PREFIX = "tdev/"
BATCH = 50
"""Most annotations that GitHub takes in one request."""
NO_EVIDENCE = "no evidence"
"""Title of a check run that tells of no judgement; judging again may bring one."""
MOST_ANNOTATIONS = 500
MOST_TEXT = 65_535
"""Longest summary that GitHub takes, in characters."""
_MOST_MESSAGE = 4_000
_MOST_LISTED = 50
_LEVELS = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_TITLES = {
    Outcome.PASS: "passed",
    Outcome.WAIVED: "let through by a waiver",
    Outcome.REVIEW: "to be reviewed",
    Outcome.SKIPPED: "nothing to look at",
    Outcome.FAIL: "stopped",
    Outcome.ERROR: "no evidence",
}


@dataclass(frozen=True)
class Annotation:
    """A remark at a line of a file."""

    path: str
    """POSIX path inside the repository."""
    start_line: int
    """1-based."""
    end_line: int
    """1-based, not before the first."""
    annotation_level: str
    """`notice`, `warning` or `failure`."""
    message: str
    """What is wrong, and the remedy; plain text."""
    title: str
    """Tool and rule."""


@dataclass(frozen=True)
class CheckRun:
    """One check run, as it stands when it is completed."""

    name: str
    """E.g. `tdev/security`."""
    conclusion: str
    """`success`, `neutral` or `failure`."""
    title: str
    """One line."""
    summary: str
    """Markdown, at most MOST_TEXT characters."""
    annotations: tuple[Annotation, ...] = ()
    """At most MOST_ANNOTATIONS."""


def check_runs(verdict: Verdict) -> tuple[CheckRun, ...]:
    """The check runs of a verdict: of GATES in their order, then of the optional gates that it speaks of."""
    found = {gate.name: gate for gate in verdict.children}
    missing = "the verdict says nothing of this gate"
    names = dict.fromkeys((*GATES, *found))
    return tuple(_check_run(found[name]) if name in found else _without(name, missing) for name in names)


def without_evidence(reason: str) -> tuple[CheckRun, ...]:
    """The check runs where there is no verdict: all of them failures that say why."""
    return tuple(_without(name, reason) for name in GATES)


def batches(annotations: Sequence[Annotation]) -> tuple[tuple[Annotation, ...], ...]:
    """The annotations in parts that GitHub takes in one request; one empty part for none."""
    parts = tuple(tuple(annotations[start : start + BATCH]) for start in range(0, len(annotations), BATCH))
    return parts or ((),)


def _without(gate: str, reason: str) -> CheckRun:
    said = inline(reason, limit=1000)
    summary = f"There is no evidence about this commit, and no evidence is a failure: {said}"
    return CheckRun(PREFIX + gate, "failure", NO_EVIDENCE, summary)


def _check_run(gate: Verdict) -> CheckRun:
    findings = tuple(_findings(gate))
    placed = tuple(finding for finding in findings if _has_place(finding))[:MOST_ANNOTATIONS]
    title = f"{_TITLES[gate.outcome]}: {outbound.plain(gate.reason)}"
    return CheckRun(
        name=PREFIX + gate.name,
        conclusion=_conclusion(gate.outcome),
        title=title if len(title) <= 255 else title[:254] + "…",
        summary=outbound.capped("\n".join(_summary(gate, findings, placed)), MOST_TEXT),
        annotations=tuple(_annotation(finding) for finding in placed),
    )


def _conclusion(outcome: Outcome) -> str:
    """What asks for a review is neither: `neutral` does not stop a merge, the draft does."""
    if outcome is Outcome.REVIEW:
        return "neutral"
    return "success" if outcome.lets_through else "failure"


def _findings(verdict: Verdict) -> Iterator[Finding]:
    """The findings that block, of a decision and all it rests on."""
    yield from verdict.findings
    for child in verdict.children:
        yield from _findings(child)


def _has_place(finding: Finding) -> bool:
    path = finding.path
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _annotation(finding: Finding) -> Annotation:
    first = max(finding.line, 1)
    message = outbound.visible(f"{finding.message} {finding.remedy}".strip(), _MOST_MESSAGE)
    return Annotation(
        path=finding.path,
        start_line=first,
        end_line=max(finding.end_line, first),
        annotation_level=_LEVELS[finding.severity],
        message=message or finding.rule,
        title=outbound.visible(f"{finding.tool}: {finding.rule}", 200),
    )


def _summary(gate: Verdict, findings: Sequence[Finding], placed: Sequence[Finding]) -> Iterator[str]:
    answer = "lets the change through" if gate.outcome.lets_through else "stops the change"
    yield f"The gate **{gate.name}** {answer}: {gate.outcome.value}. {inline(gate.reason, limit=1000)}"
    yield ""
    if gate.outcome is Outcome.ERROR:
        yield from ("There is no evidence, and no evidence is a failure.", "")
    if gate.children:
        yield "| | check | outcome | why |"
        yield "|---|---|---|---|"
        for check in gate.children:
            why = inline(check.reason, limit=600)
            name = f"[{inline(check.name)}]({page_of(check.name)})"
            yield f"| {MARKS[check.outcome]} | {name} | {check.outcome.value} | {why} |"
        yield ""
    waived = [check for check in gate.children if check.outcome is Outcome.WAIVED]
    yield from (
        f"Waived by the policy: **{inline(check.name)}**: {inline(check.reason, limit=600)}" for check in waived
    )
    yield from (
        f"To be reviewed: {place(finding)}{inline(finding.rule)}: {inline(finding.message)}"
        for finding in gate.to_review[:_MOST_LISTED]
    )
    yield from _unplaced(findings, placed)


def _unplaced(findings: Sequence[Finding], placed: Sequence[Finding]) -> Iterator[str]:
    """The findings that are no annotation."""
    shown = {id(finding) for finding in placed}
    rest = [finding for finding in findings if id(finding) not in shown]
    if placed:
        yield f"{counted(len(placed), 'finding')} at the lines concerned."
    if not rest:
        return
    yield from ("", "Findings that are not shown at a line:", "")
    for finding in rest[:_MOST_LISTED]:
        yield f"- {place(finding)}{inline(finding.rule)}: {inline(finding.message)} {inline(finding.remedy)}".rstrip()
    if len(rest) > _MOST_LISTED:
        yield f"- and {len(rest) - _MOST_LISTED} more, in verdict.json of the run"
