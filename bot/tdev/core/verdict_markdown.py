"""verdict.md: the tree of decisions with their reasons, for people.

stages/gate.py writes it beside verdict.json. The tree is shown as it is decided, reasons included; only blocking
findings are listed, remarks are counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.outbound import inline

_MOST_FINDINGS = 50


def mark(outcome: Outcome) -> str:
    """✔ for what lets a change through, ✘ for what does not, – for what was skipped."""
    if outcome is Outcome.SKIPPED:
        return "–"
    return "✔" if outcome.lets_through else "✘"


def verdict_markdown(verdict: Verdict) -> str:
    """The whole page."""
    answer = "may go on" if verdict.outcome.lets_through else "is stopped"
    head = ("# Verdict", "", f"The change **{answer}**: {verdict.outcome.value}. {inline(verdict.reason)}", "")
    return "\n".join((*head, *_lines(verdict, 0))) + "\n"


def _lines(verdict: Verdict, depth: int) -> Iterator[str]:
    """The decision, its findings and the decisions it rests on, as a nested list."""
    indent = "  " * depth
    said = f"{verdict.outcome.value}: {inline(verdict.reason)}"
    yield f"{indent}- {mark(verdict.outcome)} **{verdict.name}** {said}"
    for finding in verdict.findings[:_MOST_FINDINGS]:
        yield f"{indent}  - {place(finding)}{finding.rule}: {inline(finding.message)} {inline(finding.remedy)}".rstrip()
    if len(verdict.findings) > _MOST_FINDINGS:
        yield f"{indent}  - and {len(verdict.findings) - _MOST_FINDINGS} more, in verdict.json"
    if verdict.remarks:
        yield f"{indent}  - {len(verdict.remarks)} remarks that do not block, in verdict.json"
    for child in verdict.children:
        yield from _lines(child, depth + 1)


def place(finding: Finding) -> str:
    """`path:line:symbol `, as far as the finding names them."""
    parts = (inline(finding.path), str(finding.line or ""), inline(finding.symbol))
    named = ":".join(part for part in parts if part)
    return f"{named} " if named else ""
