from __future__ import annotations

from datetime import date, timedelta

import pytest

from support.evaluations import TODAY, evaluated, measured, outcomes_of, patch_of, waiver_of
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.baseline import Sorted
from tdev.gates.reports import judged
from tdev.gates.table import Check, Gate
from tdev.gates.waivers import in_force
from tdev.policy.model import Policy
from tdev.policy.waiver import Waiver

TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
FOUND = Finding(
    tool="semgrep",
    rule="weak-hash",
    severity=Severity.ERROR,
    message="m",
    path="src/a.py",
    line=3,
    remedy="Use another.",
    fingerprint="f",
)


def verdict(*waivers: Waiver, day: date | None = TODAY) -> Verdict:
    """What a gate says whose only check has one finding that blocks."""

    def judge(evaluation: object, policy: Policy, patch: object) -> Verdict:
        return judged("static-analysis", Sorted((FOUND,), ()), "1 file examined", policy)

    measurement = measured(outcomes_of({"t.py::a": "passed"}))
    evaluation = evaluated(measurement, measurement, judged_on=day)
    return Gate("security", (Check(judge),)).judge(evaluation, Policy(waivers=waivers), patch_of())


def test_a_waiver_holds_to_the_end_of_its_last_day_and_names_both_people() -> None:
    found = verdict(waiver_of("semgrep:weak-hash"))
    assert found.outcome is Outcome.WAIVED
    assert "because we say so here (ada, approved by grace, until 2026-06-15)" in found.reason


def test_an_expired_waiver_blocks_and_says_so() -> None:
    found = verdict(waiver_of("semgrep:weak-hash", YESTERDAY))
    assert found.outcome is Outcome.FAIL
    said = "the waiver of semgrep:weak-hash by ada expired on 2026-06-14: renew it or mend what it waives"
    assert said in found.reason
    assert found.children[0].findings[0].remedy == f"Use another. T{said[1:]}."


@pytest.mark.parametrize("day", [None, TODAY - timedelta(days=400)])
def test_an_end_that_is_a_year_away_or_an_unknown_day_waives_nothing(day: date | None) -> None:
    assert verdict(waiver_of("semgrep:weak-hash"), day=day).outcome is Outcome.FAIL


def test_a_waiver_that_holds_counts_beside_one_that_expired() -> None:
    waivers = (waiver_of("semgrep:weak-hash", YESTERDAY), waiver_of("semgrep:weak-hash", TOMORROW))
    assert verdict(*waivers).outcome is Outcome.WAIVED


@pytest.mark.parametrize(("glob", "outcome"), [("src/**", Outcome.WAIVED), ("tests/**", Outcome.FAIL)])
def test_a_waiver_may_be_about_some_files_only(glob: str, outcome: Outcome) -> None:
    assert verdict(waiver_of("semgrep:weak-hash", paths=(glob,))).outcome is outcome


def test_another_waiver_that_expired_is_not_spoken_of() -> None:
    assert "expired" not in verdict(waiver_of("semgrep:old-tls", YESTERDAY)).reason


def test_a_short_waiver_has_no_end_unless_it_says_so() -> None:
    short = Waiver(check="no-tests", reason="there are none yet")
    ended = Waiver(check="base-tests", reason="they need a machine", expires=YESTERDAY)
    policy, lapsed = in_force(Policy(waivers=(short, ended)), TODAY)
    assert policy.waivers == (short,)
    assert [each.waiver for each in lapsed] == [ended]


@pytest.mark.parametrize("lacking", ["owner", "approved_by", "expires"])
def test_findings_are_only_waived_by_two_people_and_for_a_time(lacking: str) -> None:
    with pytest.raises(ValueError, match=f"it must say {lacking} as well"):
        waiver_of("semgrep:weak-hash", **{lacking: None if lacking == "expires" else ""})


@pytest.mark.parametrize("second", ["ada", "@Ada", " ADA "])
def test_nobody_approves_their_own_waiver(second: str) -> None:
    with pytest.raises(ValueError, match="by another person than its owner"):
        waiver_of("semgrep:weak-hash", approved_by=second)
