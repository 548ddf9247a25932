"""Which waivers of a policy hold on the day of the judgement, and what is said of those that do not.

The table of gates asks: checks see a policy with the waivers that hold, and nothing else. One that has expired, or
whose last day is more than a year away, waives nothing; what it would have let through says so, with what to do.
The day is the evaluation's: the same evidence gives the same verdict on any later day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tdev.core.artifacts.finding import Finding
from tdev.core.artifacts.verdict import Verdict
from tdev.policy.model import Policy
from tdev.policy.waiver import Waiver

LONGEST = timedelta(days=366)
"""How far ahead the last day of a waiver may be."""
WAIVABLE = {
    "no-tests": ("tests-ran",),
    "base-tests": ("tests-kept",),
    "dependencies-unreachable": ("dependencies", "new-dependencies", "licences"),
}
"""Waivers that are about no finding, and the checks that ask for each."""


class Lapsed(NamedTuple):
    """A waiver that does not hold."""

    waiver: Waiver
    """As the policy has it."""
    why: str
    """Why not, and what to do; one sentence."""


def in_force(policy: Policy, day: date | None) -> tuple[Policy, tuple[Lapsed, ...]]:
    """The policy with only the waivers that hold on a day, and those that do not. None: the day is not known."""
    lapsed = tuple(Lapsed(waiver, why) for waiver in policy.waivers if (why := why_not(waiver, day)))
    gone = {each.waiver for each in lapsed}
    kept = tuple(waiver for waiver in policy.waivers if waiver not in gone)
    return (policy.model_copy(update={"waivers": kept}) if lapsed else policy), lapsed


def why_not(waiver: Waiver, day: date | None) -> str:
    """Why a waiver does not hold on a day; empty when it does."""
    if waiver.expires is None:
        return ""
    named = f"the waiver of {waiver.check}" + (f" by {waiver.owner}" if waiver.owner else "")
    if day is None:
        return f"{named} has a last day, and the evaluation does not say on which day it was made"
    if waiver.expires < day:
        return f"{named} expired on {waiver.expires}: renew it or mend what it waives"
    if waiver.expires > day + LONGEST:
        return f"{named} would hold until {waiver.expires}, more than a year ahead: set a nearer day"
    return ""


def told(verdict: Verdict, lapsed: Sequence[Lapsed]) -> Verdict:
    """A verdict that stops a change, with a word on each waiver that would have let a part of it through."""
    if verdict.outcome.lets_through:
        return verdict
    concerned = [each for each in lapsed if _concerns(each.waiver, verdict)]
    if not concerned:
        return verdict
    reason = "; ".join((verdict.reason, *(each.why for each in concerned)))
    findings = tuple(_explained(finding, concerned) for finding in verdict.findings)
    return verdict.model_copy(update={"reason": reason, "findings": findings})


def _concerns(waiver: Waiver, verdict: Verdict) -> bool:
    return verdict.name in WAIVABLE.get(waiver.check, ()) or any(_covers(waiver, each) for each in verdict.findings)


def _covers(waiver: Waiver, finding: Finding) -> bool:
    return waiver.covers(f"{finding.tool}:{finding.rule}", finding.path)


def _explained(finding: Finding, lapsed: Sequence[Lapsed]) -> Finding:
    why = [each.why for each in lapsed if _covers(each.waiver, finding)]
    if not why:
        return finding
    said = f"{why[0][0].upper()}{why[0][1:]}."
    return finding.model_copy(update={"remedy": f"{finding.remedy} {said}".strip()})
