from __future__ import annotations

import pytest

from support.evaluations import evaluated, measured, outcomes_of, patch_of
from tdev.core.artifacts.evaluation import Evaluation
from tdev.core.artifacts.finding import Finding, Severity, ToolReport
from tdev.core.artifacts.goal import GoalKind
from tdev.core.artifacts.patch import ChangedFile
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.gates.table import TESTS
from tdev.policy.model import Policy, Waiver

NO_TESTS = "no tests were found"
GREEN = {"t.py::a": "passed", "t.py::b": "passed"}


def decide(
    before: object, after: object, *, waive: str = "", files: tuple[ChangedFile, ...] = (), **facts: object
) -> Verdict:
    waivers = (Waiver(check=waive, reason="because we say so here"),) if waive else ()
    evaluation = evaluated(measured(before), measured(after), **facts)
    return TESTS.judge(evaluation, Policy(waivers=waivers), patch_of(*files))


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {check.name: check.outcome.value for check in verdict.children}


def test_all_green() -> None:
    verdict = decide(outcomes_of(GREEN), outcomes_of(GREEN))
    assert verdict.outcome is Outcome.PASS
    assert outcomes(verdict) == {
        "tests-ran": "pass",
        "tests-kept": "pass",
        "no-new-failures": "pass",
        "changed-coverage": "skipped",
        "coverage": "skipped",
        "tests-as-strict": "pass",
    }


@pytest.mark.parametrize("reason", [NO_TESTS, "pytest could not start", "the tests were stopped after 600 s"])
def test_no_result_is_an_error(reason: str) -> None:
    verdict = decide(outcomes_of(NO_TESTS), outcomes_of(reason))
    assert verdict.outcome is Outcome.ERROR
    assert reason in verdict.reason


def test_no_tests_may_be_waived_with_a_reason_that_is_shown() -> None:
    lines = {"changed_lines": {"a.py": (1,)}}
    verdict = decide(outcomes_of(NO_TESTS), outcomes_of(NO_TESTS), waive="no-tests", **lines)
    assert verdict.outcome is Outcome.WAIVED
    assert "because we say so here" in verdict.reason


def test_the_waiver_covers_neither_a_crash_nor_deleted_tests() -> None:
    assert decide(outcomes_of(NO_TESTS), outcomes_of("pytest crashed"), waive="no-tests").outcome is Outcome.ERROR
    deleted = decide(outcomes_of(GREEN), outcomes_of(NO_TESTS), waive="no-tests")
    assert outcomes(deleted)["tests-kept"] == "error"


def test_only_skipped_tests_are_no_evidence() -> None:
    assert decide(outcomes_of(NO_TESTS), outcomes_of({"t.py::a": "skipped"})).outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, "is gone"),
        ({"t.py::b": "skipped"}, "is skipped"),
        ({"t.py::b": "failed"}, "fails"),
        ({"t.py::b": "error"}, "fails"),
    ],
)
def test_a_test_that_passed_must_pass(now: dict[str, str], said: str) -> None:
    verdict = decide(outcomes_of(GREEN), outcomes_of({"t.py::a": "passed", **now}))
    assert verdict.outcome is Outcome.FAIL
    kept = verdict.children[1]
    assert [finding.symbol for finding in kept.findings] == ["b"]
    assert said in kept.findings[0].message
    assert kept.findings[0].path == "t.py"


@pytest.mark.parametrize("prefix", ["", "service/"])
def test_a_renamed_test_file_is_followed(prefix: str) -> None:
    file = ChangedFile(path=f"{prefix}u.py", old_path=f"{prefix}t.py", status="R", added=0, removed=0)
    renamed = {"u.py::a": "passed", "u.py::b": "passed"}
    assert decide(outcomes_of(GREEN), outcomes_of(renamed), files=(file,)).outcome is Outcome.PASS
    assert decide(outcomes_of(GREEN), outcomes_of(renamed)).outcome is Outcome.FAIL


TOTAL = {"tests/test_a.py::test_total[1]": "passed", "tests/test_a.py::test_total[2]": "passed"}
MODIFIED = ChangedFile(path="tests/test_a.py", status="M", added=1, removed=1)


@pytest.mark.parametrize("name", ["tests/test_a.py::test_sum", "tests/test_b.py::test_total"])
def test_a_test_that_the_guard_found_again_is_followed(name: str) -> None:
    added = ChangedFile(path="tests/test_b.py", status="A", added=9, removed=0)
    now = outcomes_of({f"{name}[1]": "passed", f"{name}[2]": "passed"})
    assert outcomes(decide(outcomes_of(TOTAL), now, files=(MODIFIED, added)))["tests-kept"] == "pass"
    assert outcomes(decide(outcomes_of(TOTAL), now))["tests-kept"] == "fail"
    assert outcomes(decide(outcomes_of(TOTAL), now, files=(MODIFIED, added), guard=None))["tests-kept"] == "fail"


@pytest.mark.parametrize(
    "now",
    [
        {"tests/test_a.py::test_sum[1]": "passed"},
        {"tests/test_a.py::test_sum[1]": "passed", "tests/test_a.py::test_sum[2]": "skipped"},
        {"tests/test_a.py::check[1]": "passed", "tests/test_a.py::check[2]": "passed"},
        {"tests/test_a.py::test_total[1]": "passed", "tests/test_a.py::test_more[2]": "passed"},
    ],
    ids=["fewer parameters", "skipped", "a name that is not compared", "half of it"],
)
def test_what_is_not_the_same_test_is_not_followed(now: dict[str, str]) -> None:
    assert outcomes(decide(outcomes_of(TOTAL), outcomes_of(now), files=(MODIFIED,)))["tests-kept"] == "fail"


def test_two_tests_do_not_become_one() -> None:
    before = {"tests/test_a.py::test_one": "passed", "tests/test_a.py::test_two": "passed"}
    verdict = decide(outcomes_of(before), outcomes_of({"tests/test_a.py::test_both": "passed"}), files=(MODIFIED,))
    assert len(verdict.children[1].findings) == 1


def test_old_failures_are_remarks_and_new_ones_block() -> None:
    before = {"t.py::a": "passed", "t.py::old": "failed"}
    old = decide(outcomes_of(before), outcomes_of(before))
    assert old.outcome is Outcome.PASS
    assert [remark.symbol for remark in old.children[2].remarks] == ["old"]
    new = decide(outcomes_of(before), outcomes_of({**before, "t.py::new": "failed"}))
    assert outcomes(new)["no-new-failures"] == "fail"


def test_a_base_that_could_not_be_tested_is_an_error_unless_waived() -> None:
    assert decide(outcomes_of("it crashed"), outcomes_of(GREEN)).outcome is Outcome.ERROR
    assert decide(outcomes_of("it crashed"), outcomes_of(GREEN), waive="base-tests").outcome is Outcome.WAIVED


def covering(covered: tuple[int, ...], missing: tuple[int, ...]) -> object:
    return outcomes_of(GREEN, {"a.py": covered}, {"a.py": missing})


def test_changed_lines_must_be_run() -> None:
    lines = {"changed_lines": {"a.py": (1, 2, 3, 4, 5, 20), "README.md": (1,), "tests/test_a.py": (1,)}}
    good = decide(covering((1,), ()), covering((1, 2, 3, 4), (5, 9)), **lines)
    assert outcomes(good)["changed-coverage"] == "pass"
    assert "4 of 5 changed lines (80.0 %" in good.children[3].reason
    bad = decide(covering((1,), ()), covering((1, 2), (3, 4, 5, 9)), **lines)
    assert outcomes(bad)["changed-coverage"] == "fail"
    assert [(finding.line, finding.end_line) for finding in bad.children[3].findings] == [(3, 5)]


def test_every_changed_line_is_run() -> None:
    verdict = decide(covering((1,), ()), covering((1, 2), ()), changed_lines={"a.py": (1, 2)})
    assert outcomes(verdict)["changed-coverage"] == "pass" and not verdict.children[3].remarks


def test_lines_that_are_not_run_are_listed_as_ranges() -> None:
    verdict = decide(covering((1,), ()), covering((), (1, 2, 4, 7, 8)), changed_lines={"a.py": tuple(range(1, 9))})
    assert [(f.line, f.end_line) for f in verdict.children[3].findings] == [(1, 2), (4, 4), (7, 8)]


def test_a_changed_file_coverage_does_not_know_is_an_error() -> None:
    verdict = decide(covering((1,), ()), covering((1,), ()), changed_lines={"b.py": (1,)})
    assert outcomes(verdict)["changed-coverage"] == "error"


def test_no_executable_line_is_skipped_with_that_reason() -> None:
    verdict = decide(covering((1,), ()), covering((1,), ()), changed_lines={"a.py": (7,)})
    assert verdict.children[3].reason == "no executable line changed"


def test_the_whole_coverage_may_not_fall_unless_nothing_more_is_missed() -> None:
    worse = decide(covering((1, 2, 3), (4,)), covering((1, 2), (3, 4)))
    assert outcomes(worse)["coverage"] == "fail"
    shorter = decide(covering((1, 2, 3), (4,)), covering((1, 2), (3,)))
    assert outcomes(shorter)["coverage"] == "pass"
    gone = decide(covering((1, 2, 3), (4,)), outcomes_of(GREEN))
    assert outcomes(gone)["coverage"] == "error"


def contract(**facts: object) -> ToolReport:
    return ToolReport.model_validate({"tool": "schemathesis", "ok": True, "examined": 5, **facts})


WRONG = Finding(tool="schemathesis", rule="status", severity=Severity.ERROR, message="500", fingerprint="1")


@pytest.mark.parametrize(
    ("report", "outcome"),
    [
        (None, "error"),
        (contract(), "pass"),
        (contract(ok=False, reason="it did not start"), "error"),
        (contract(examined=0), "error"),
        (contract(findings=(WRONG,)), "fail"),
    ],
)
def test_a_build_must_answer_as_its_contract_says(report: ToolReport | None, outcome: str) -> None:
    facts = {"kind": GoalKind.BUILD, "contract": report}
    assert outcomes(decide(outcomes_of(GREEN), outcomes_of(GREEN), **facts))["contract"] == outcome


def test_the_same_evidence_gives_the_same_verdict() -> None:
    evaluation = evaluated(measured(outcomes_of(GREEN)), measured(outcomes_of({"t.py::a": "failed"})))
    again = Evaluation.model_validate_json(evaluation.model_dump_json())
    assert TESTS.judge(evaluation, Policy(), patch_of()) == TESTS.judge(again, Policy(), patch_of())


def test_changed_lines_that_are_taken_out_of_the_measure_count_as_not_run() -> None:
    measured_run = outcomes_of(GREEN, {"a.py": (1, 2)}, {"a.py": ()})
    hidden = measured_run.model_copy(update={"excluded_lines": {"a.py": (3, 4)}})
    lines = {"changed_lines": {"a.py": (1, 2, 3, 4)}}
    assert outcomes(decide(outcomes_of(GREEN), measured_run, **lines))["changed-coverage"] == "pass"
    verdict = decide(outcomes_of(GREEN), hidden, **lines)
    assert outcomes(verdict)["changed-coverage"] == "fail" and "2 of 4" in verdict.reason
