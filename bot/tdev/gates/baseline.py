"""Old and new findings: what stood at the base is a remark, what the change brings is held against it.

Findings are matched by fingerprint, not by line, since lines move. Reports name the same rule on the same text with
the same fingerprint, so what matters is how many there are.
Only the security gate uses it; tests are compared by id and symbols by name, each in their own gate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from tdev.core.artifacts.finding import Finding, Severity

ALL_LINES = (0,)
"""In a table of changed lines: every line of the file, because git can't tell which."""

_ORDER = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


class Sorted(NamedTuple):
    """Findings in two heaps."""

    blocking: tuple[Finding, ...]
    """They hold the change up."""
    remarks: tuple[Finding, ...]
    """They are only shown."""


def at_least(severity: Severity, bar: Severity) -> bool:
    """True when a level is as bad as the bar, or worse."""
    return _ORDER.index(severity) >= _ORDER.index(bar)


def on_changed_lines(finding: Finding, changed_lines: Mapping[str, tuple[int, ...]]) -> bool:
    """True when the change added or altered a line of the finding, or when the finding has no line."""
    lines = changed_lines.get(finding.path, ())
    if not finding.path or finding.line == 0 or lines == ALL_LINES:
        return True
    last = max(finding.end_line, finding.line)
    return any(finding.line <= line <= last for line in lines)


def new_findings(
    before: Iterable[Finding],
    after: Iterable[Finding],
    changed_lines: Mapping[str, tuple[int, ...]],
    block: Severity,
    altered: Collection[str] = (),
) -> Sorted:
    """What blocks: of level `block` or worse, not at the base, and on a changed line or without a line.

    Errors (not warnings) that are new in an `altered` file block on any line: a change higher up can make an old line
    dangerous. Fingerprints are counted: two findings alike where the base had one are one new finding, and the
    changed lines tell which of them it is.
    """
    old = Counter(finding.fingerprint for finding in before)
    ordered = sorted(after, key=lambda finding: on_changed_lines(finding, changed_lines))
    blocking: list[Finding] = []
    remarks: list[Finding] = []
    for finding in ordered:
        known = old[finding.fingerprint] > 0
        old[finding.fingerprint] -= 1
        concerned = on_changed_lines(finding, changed_lines) or (
            finding.severity is Severity.ERROR and finding.path in altered
        )
        blocks = not known and concerned and at_least(finding.severity, block)
        (blocking if blocks else remarks).append(finding)
    return Sorted(_by_place(blocking), _by_place(remarks))


def _by_place(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.path, finding.line, finding.rule)))
