"""A change and the rules' answers as a Verdict: one decision per rule, the worst of them decides.

Rules are asked one by one and none is left out, save those that the policy allows. Messages quote what strangers
wrote, so they are cleaned of what can't be seen and of credentials before they are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.counting import counted
from tdev.core.fingerprint import fingerprint
from tdev.core.outbound import visible
from tdev.core.patch_guard.change import Change
from tdev.core.patch_guard.rule import Bounds, Hit, Rule, Treatment
from tdev.core.patch_guard.table import RULES

NAME = "guard"
TOOL = "guard"
MOST_HITS = 100
"""Most places told of per rule."""
_LONGEST = 400


def judge_patch(change: Change, bounds: Bounds, rules: Sequence[Rule] = RULES) -> Verdict:
    """The verdict over all rules; blocking hits are findings, those that ask for a review are remarks."""
    return Verdict.of(NAME, tuple(_asked(rule, change, bounds) for rule in rules))


def findings_of(verdict: Verdict, *, remarks: bool = False) -> tuple[Finding, ...]:
    """The findings that block, or the remarks, of a decision and all it rests on."""
    own = verdict.remarks if remarks else verdict.findings
    return own + tuple(found for child in verdict.children for found in findings_of(child, remarks=remarks))


def _asked(rule: Rule, change: Change, bounds: Bounds) -> Verdict:
    treatment = bounds.treatments.get(rule.name, rule.default)
    if treatment is Treatment.ALLOW:
        return Verdict(name=rule.name, outcome=Outcome.SKIPPED, reason=f"the policy allows it: guard.{rule.name}")
    hits = tuple(islice(iter(dict.fromkeys(rule.function(change, bounds))), MOST_HITS + 1))
    if not hits:
        return Verdict(name=rule.name, outcome=Outcome.PASS, reason="nothing found")
    found = tuple(_finding(rule, hit) for hit in hits[:MOST_HITS])
    places = counted(len(found), "place") if len(hits) <= MOST_HITS else f"more than {MOST_HITS} places"
    reason = f"{places}: {_first(found)}"
    if treatment is Treatment.REVIEW:
        return Verdict(name=rule.name, outcome=Outcome.REVIEW, reason=reason, remarks=found)
    return Verdict(name=rule.name, outcome=Outcome.FAIL, reason=reason, findings=found)


def _first(found: Iterable[Finding]) -> str:
    return "; ".join(finding.message for finding in islice(found, 3))


def _finding(rule: Rule, hit: Hit) -> Finding:
    message = visible(hit.message, _LONGEST)
    return Finding(
        tool=TOOL,
        rule=rule.name,
        severity=Severity.ERROR,
        message=message,
        path=visible(hit.path, 4096),
        line=hit.line,
        remedy=rule.remedy,
        fingerprint=fingerprint(TOOL, rule.name, hit.path, message),
    )
