"""The worst child decides, and no child at all is an error."""

from __future__ import annotations

import pytest

from tdev.core.artifacts.verdict import Outcome, Verdict


def child(outcome: Outcome) -> Verdict:
    return Verdict(name=outcome.value, outcome=outcome, reason=f"because {outcome.value}")


def test_nothing_checked_is_an_error() -> None:
    assert Verdict.of("gates", ()).outcome is Outcome.ERROR


@pytest.mark.parametrize("bad", [Outcome.FAIL, Outcome.ERROR])
def test_one_bad_child_is_enough(bad: Outcome) -> None:
    verdict = Verdict.of("gates", (child(Outcome.PASS), child(bad), child(Outcome.WAIVED)))
    assert verdict.outcome is bad
    assert not verdict.outcome.lets_through
    assert f"because {bad.value}" in verdict.reason


def test_an_error_is_worse_than_a_failure() -> None:
    assert Verdict.of("gates", (child(Outcome.ERROR), child(Outcome.FAIL))).outcome is Outcome.ERROR


def test_a_waiver_is_shown() -> None:
    verdict = Verdict.of("gates", (child(Outcome.PASS), child(Outcome.WAIVED)))
    assert verdict.outcome is Outcome.WAIVED
    assert "because waived" in verdict.reason
