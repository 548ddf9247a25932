"""How outcomes, places and figures are written for people: one form on every page, comment and terminal.

In go values of the run directory, out come short words. Names of files and symbols come from outside and pass through
core/outbound.py; marks and names of figures are ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from tdev.core.artifacts.evaluation import Metrics
from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.verdict import Outcome
from tdev.core.outbound import inline

MARKS = {
    Outcome.PASS: "✅",
    Outcome.WAIVED: "⚠️",
    Outcome.REVIEW: "👀",
    Outcome.SKIPPED: "➖",
    Outcome.FAIL: "❌",
    Outcome.ERROR: "❗",
}

SHOWN_METRICS: tuple[tuple[str, str, bool], ...] = (
    ("tests_passed", "tests that pass", True),
    ("tests_failed", "tests that fail", False),
    ("coverage_percent", "coverage, %", True),
    ("docstring_percent", "documented, %", True),
    ("typed_percent", "typed functions, %", True),
    ("maintainability_mean", "maintainability, mean", True),
    ("complexity_mean", "complexity, mean", False),
    ("complexity_highest", "complexity, highest", False),
    ("findings", "findings", False),
)
"""Field of Metrics, its name for people, and whether more is better."""

_BETTER, _WORSE, _SAME = "better", "**worse**", "same"


def place(finding: Finding) -> str:
    """`path:line:symbol `, as far as the finding names them."""
    parts = (inline(finding.path), str(finding.line or ""), inline(finding.symbol))
    named = ":".join(part for part in parts if part)
    return f"{named} " if named else ""


def compared(before: Metrics, after: Metrics) -> Iterator[tuple[str, str, str]]:
    """Name, figure before and figure after for every metric shown to people; `–` where nothing was measured."""
    for field, name, _ in SHOWN_METRICS:
        yield name, figure(getattr(before, field)), figure(getattr(after, field))


def compared_rows(before: Metrics, after: Metrics) -> Iterator[str]:
    """The same as rows of a Markdown table with its head, and whether each became better or worse."""
    yield "| figure | before | after | |"
    yield "|---|---:|---:|---|"
    for field, name, more_is_better in SHOWN_METRICS:
        old, new = getattr(before, field), getattr(after, field)
        yield f"| {name} | {figure(old)} | {figure(new)} | {direction(old, new, more_is_better)} |"


def figure(value: float | int | None) -> str:
    """A number for people."""
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.1f}"


def direction(before: float | None, after: float | None, more_is_better: bool) -> str:
    """`better`, `worse` or `same`, with an arrow; a dash when one of the two was not measured."""
    if before is None or after is None:
        return "–"
    if after == before:
        return f"→ {_SAME}"
    arrow = "↑" if after > before else "↓"
    return f"{arrow} {_BETTER if (after > before) == more_is_better else _WORSE}"
