"""What is told a model of a failure: the most telling first, each thing once, and no more than it can use. Pure.

Comes in: test runs before and after an attempt, or the gates' verdict. Goes out: text for the next attempt, which is
also what people read in patch.json. Order: what can't even run before what fails, what was broken before what is new,
and of those that fail alike the one that ran first stands for all.
Stack traces keep the frames of the project's own code: the rest is the same in every failure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.same_failure import error_of, normalised
from tdev.core.test_record import shortened

LONGEST_FEEDBACK: Final = 8000
"""Characters told of one attempt."""
SHORT_FEEDBACK: Final = 1500
"""The same where the context must be short."""
_LONGEST_TEXT: Final = 1200
_SHOWN_GROUPS: Final = 8
_SHOWN_ALIKE: Final = 20
_SHOWN_FINDINGS: Final = 20
_BREAK: Final = re.compile(r"^(?:_ ){5,}_?\s*$", re.MULTILINE)
_PLACE: Final = re.compile(r"^(?P<path>[^\s:][^\n:]{0,400}):\d{1,9}: ?[\w.]{0,80}\s*$", re.MULTILINE)
_NATIVE: Final = re.compile(
    r'^ *File "(?P<path>[^"\n]{1,400})", line \d{1,9}, in [^\n]{1,200}\n(?: {4}[^\n]*\n)*', re.M
)
_FOREIGN: Final = re.compile(r"site-packages|/lib(?:64)?/python\d|<frozen |dist-packages")
_SEVERITIES: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


@dataclass(frozen=True)
class _Group:
    """Tests that fail alike."""

    names: tuple[str, ...]
    """In the order they ran."""
    text: str
    """What the first of them said."""
    rank: tuple[int, int]
    """Smaller is told earlier."""


def told_of_tests(names: Iterable[str], before: TestRun, after: TestRun, longest: int = LONGEST_FEEDBACK) -> str:
    """The failures of these tests, ranked, those that fail alike told once; at most `longest` characters."""
    groups = sorted(_grouped(names, before, after), key=lambda group: group.rank)
    lines = [_told(group) for group in groups[:_SHOWN_GROUPS]]
    left = sum(len(group.names) for group in groups[_SHOWN_GROUPS:])
    return capped((*lines, *([f"- and {left} more that fail in other ways"] if left else [])), longest)


def _grouped(names: Iterable[str], before: TestRun, after: TestRun) -> Iterable[_Group]:
    """The tests by what they say, each group with the rank of its first test."""
    place = {name: number for number, name in enumerate(after.outcomes)}
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (place.get(name, len(place)), name)):
        found.setdefault(_alike(name, after), []).append(name)
    for alike in found.values():
        first = alike[0]
        outcome = after.outcomes.get(first)
        cannot_run = 0 if outcome is TestOutcome.ERROR else 1 if outcome is TestOutcome.FAILED else 2
        new = 0 if first in before.passed else 1
        yield _Group(tuple(alike), after.failures.get(first, ""), (cannot_run, new))


def _alike(name: str, after: TestRun) -> str:
    """Equal for tests that fail in the same way."""
    text = after.failures.get(name, "")
    return error_of(text) if text else f"gone or skipped: {after.outcomes.get(name, '')}"


def _told(group: _Group) -> str:
    more = group.names[1:]
    alike = f" ({len(more)} more fail alike: {few(more, _SHOWN_ALIKE)})" if more else ""
    return f"- {group.names[0]}{alike}: {own_frames(group.text) or 'it is gone or was skipped'}"


def own_frames(text: str) -> str:
    """A failure's text without the frames of installed packages and of Python itself; its last part always stays."""
    parts = _BREAK.split(text)
    kept = [part.strip("\n") for part in parts[:-1] if not _is_foreign(part)]
    whole = "\n".join((*kept, parts[-1].strip("\n")))
    whole = _NATIVE.sub(lambda match: "" if _FOREIGN.search(match["path"]) else match[0], whole)
    return shortened(whole, _LONGEST_TEXT)


def _is_foreign(part: str) -> bool:
    places = _PLACE.findall(part)
    return bool(places) and all(_FOREIGN.search(path) for path in places)


def told_of_gates(verdict: Verdict, longest: int = LONGEST_FEEDBACK) -> str:
    """Why the gates said no, gate after gate, errors before warnings, one line for a rule's equal findings."""
    lines = []
    for gate in verdict.children:
        for check in gate.children or (gate,):
            if check.outcome is not Outcome.FAIL:
                continue
            lines.append(f"{gate.name}/{check.name}: {check.reason}")
            lines += _findings(check.findings)
    return capped(lines or [verdict.reason], longest)


def _findings(findings: Sequence[Finding]) -> list[str]:
    """One line per kind of finding, the worst first, with all its places."""
    alike: dict[tuple[int, str, str], list[Finding]] = {}
    for finding in findings:
        said = normalised(finding.message.replace(finding.symbol, "") if finding.symbol else finding.message)
        alike.setdefault((_SEVERITIES.index(finding.severity), finding.rule, said), []).append(finding)
    rows = sorted(alike.items(), key=lambda row: row[0][0])
    lines = [_line(found) for _, found in rows[:_SHOWN_FINDINGS]]
    left = len(rows) - _SHOWN_FINDINGS
    return [*lines, *([f"- and {left} more kinds of findings"] if left > 0 else [])]


def _line(findings: Sequence[Finding]) -> str:
    first = findings[0]
    places = [_place(finding) for finding in findings]
    return f"- {few(places, _SHOWN_ALIKE)} {first.rule}: {first.message} {first.remedy}".rstrip()


def _place(finding: Finding) -> str:
    where = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return f"{where} {finding.symbol}".strip()


def first_gate(verdict: Verdict) -> str:
    """Name of the first gate that said no; empty when none did."""
    return next((gate.name for gate in verdict.children if gate.outcome is Outcome.FAIL), "")


def few(names: Sequence[str], most: int = 3) -> str:
    """The first names for one sentence."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def capped(lines: Iterable[str], longest: int) -> str:
    """Whole lines while they fit, and how many did not; a first line that is too long is cut in its middle."""
    kept: list[str] = []
    room, left = longest, 0
    for line in lines:
        if left or (kept and len(line) > room):
            left += 1
            continue
        kept.append(shortened(line, max(room, 20)))
        room -= len(line) + 1
    return "\n".join((*kept, *([f"- and {left} more, left out"] if left else [])))
