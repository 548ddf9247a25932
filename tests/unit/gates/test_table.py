from __future__ import annotations

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.patch import Patch
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.table import GATES, Check, Gate, decide
from tdev.policy.model import Policy

EVALUATION = evaluated(measured(outcomes_of({"t": "passed"})), measured(outcomes_of({"t": "passed"})))


def gate(name: str, outcome: Outcome, asked: list[str]) -> Gate:
    def function(evaluation: Evaluation, policy: Policy, patch: Patch) -> Verdict:
        asked.append(name)
        return Verdict(name=f"{name}-check", outcome=outcome, reason="because")

    return Gate(name, (Check(function),))


def test_the_gates_stand_in_order() -> None:
    assert [gate.name for gate in GATES] == ["security", "tests", "quality", "sample"]


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.ERROR])
def test_every_gate_is_asked_also_after_one_that_stops_the_change(outcome: Outcome) -> None:
    asked: list[str] = []
    gates = [gate("one", Outcome.PASS, asked), gate("two", outcome, asked), gate("three", Outcome.FAIL, asked)]
    verdict = decide(EVALUATION, Policy(), patch_of(), gates)
    assert asked == ["one", "two", "three"]
    assert verdict.outcome is outcome
    assert [child.outcome for child in verdict.children] == [Outcome.PASS, outcome, Outcome.FAIL]


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.WAIVED, Outcome.SKIPPED])
def test_gates_that_let_through_lead_to_the_next(outcome: Outcome) -> None:
    asked: list[str] = []
    verdict = decide(EVALUATION, Policy(), patch_of(), [gate(name, outcome, asked) for name in ("one", "two", "three")])
    assert asked == ["one", "two", "three"]
    assert verdict.outcome is outcome


def test_no_gate_at_all_is_an_error() -> None:
    assert decide(EVALUATION, Policy(), patch_of(), []).outcome is Outcome.ERROR


def test_an_evaluation_without_security_reports_is_an_error_and_the_other_gates_still_speak() -> None:
    verdict = decide(EVALUATION, Policy(), patch_of())
    assert verdict.outcome is Outcome.ERROR
    assert [child.name for child in verdict.children if child.outcome is Outcome.ERROR] == ["security"]
    assert all(child.reason for child in verdict.children)
