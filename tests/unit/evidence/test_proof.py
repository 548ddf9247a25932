"""From the run on the base's code to the report: what counts as failing there."""

from __future__ import annotations

import pytest

from support.evaluations import outcomes_of
from tdev.evidence.proof import judged

ONE, TWO = "t.py::test_one", "t.py::test_two"


def rules(base: object, *chosen: str) -> dict[str, str]:
    report = judged(chosen or (ONE, TWO), base)  # type: ignore[arg-type]
    assert report.ok, report.reason
    return {f"{finding.path}::{finding.symbol}": finding.rule for finding in report.findings}


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_test_that_fails_on_the_base_proves(outcome: str) -> None:
    assert rules(outcomes_of({ONE: outcome, TWO: "passed"})) == {TWO: "passes-on-base"}


def test_a_file_that_can_not_be_imported_there_fails() -> None:
    assert rules(outcomes_of({"t.py": "error"})) == {}


def test_what_is_skipped_or_missing_there_proves_nothing() -> None:
    assert rules(outcomes_of({ONE: "skipped"})) == {ONE: "undecided-on-base", TWO: "undecided-on-base"}
    assert rules(outcomes_of("no tests were found")) == {ONE: "undecided-on-base", TWO: "undecided-on-base"}


def test_sets_of_parameters_are_one_test() -> None:
    ids = (f"{ONE}[a]", f"{ONE}[b]", f"{TWO}[a]", f"{TWO}[b]")
    base = outcomes_of(dict(zip(ids, ("passed", "failed", "passed", "skipped"), strict=True)))
    assert rules(base, *ids) == {TWO: "undecided-on-base"}
    assert judged(ids, base).examined == 2


@pytest.mark.parametrize(
    "reason",
    [
        f"the tests were stopped after 30 s while running {ONE}",
        f"pytest ended before it had finished (exit code -11 while running {ONE}): Segmentation fault",
    ],
)
def test_a_test_that_hangs_or_ends_the_interpreter_there_proves(reason: str) -> None:
    assert ONE not in rules(outcomes_of(reason))
    assert not judged((TWO,), outcomes_of(reason)).ok


def test_a_conftest_that_needs_the_change_proves() -> None:
    reason = "pytest could not start: ImportError while loading conftest '/x/conftest.py'."
    assert rules(outcomes_of(reason)) == {}


@pytest.mark.parametrize("reason", ["pytest had an internal error", "pytest could not start: usage", "stopped"])
def test_no_result_is_no_evidence(reason: str) -> None:
    report = judged((ONE,), outcomes_of(reason))
    assert not report.ok and reason in report.reason
