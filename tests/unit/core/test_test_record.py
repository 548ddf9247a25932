from __future__ import annotations

import json

import pytest

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.test_record import run_from_record, shortened


def line(kind: str, **values: object) -> str:
    return json.dumps({"kind": kind, **values})


def report(name: str, outcome: str = "passed", when: str = "call", expected: bool = False) -> str:
    return line("report", id=name, when=when, outcome=outcome, expected=expected, text="boom" * 1000)


def read(*lines: str, exit_code: int = 0, timed_out: bool = False) -> TestRun:
    return run_from_record(lines, exit_code=exit_code, timed_out=timed_out, seconds=1.0, last_words="last words")


COMPLETE = (line("collected", ids=["a", "b"]), report("a"), report("b", "skipped", "setup"))


def test_a_complete_record() -> None:
    run = read(*COMPLETE, line("finish", exit_code=0))
    assert run.ok
    assert run.outcomes == {"a": TestOutcome.PASSED, "b": TestOutcome.SKIPPED}


def test_no_finish_is_no_evidence() -> None:
    run = read(*COMPLETE)
    assert not run.ok
    assert "before it had finished" in run.reason


def test_a_test_without_outcome_is_no_evidence() -> None:
    run = read(line("collected", ids=["a", "b"]), report("a"), line("finish", exit_code=0))
    assert not run.ok
    assert run.reason == "1 of 2 tests have no outcome, the first is b"


def test_an_exit_code_that_contradicts_the_outcomes_is_no_evidence() -> None:
    run = read(line("collected", ids=["a"]), report("a", "failed"), line("finish", exit_code=0), exit_code=0)
    assert not run.ok


def test_a_forged_record_that_the_exit_code_contradicts_is_no_evidence() -> None:
    run = read(*COMPLETE, line("finish", exit_code=0), exit_code=1)
    assert not run.ok and run.reason.startswith("pytest ended with exit code 1 although no test failed")


@pytest.mark.parametrize("exit_code", [2, 3, 4, 5, 17, -9])
def test_other_exit_codes_are_no_evidence(exit_code: int) -> None:
    assert not read(*COMPLETE, line("finish", exit_code=exit_code), exit_code=exit_code).ok


def test_an_empty_record_is_no_evidence() -> None:
    assert not read().ok
    assert not read(exit_code=1).ok
    assert read(line("finish", exit_code=5), exit_code=5).reason == "no tests were found"


def test_the_worst_phase_decides_and_repeated_tries_do_not_count() -> None:
    lines = (
        line("collected", ids=["a", "b"]),
        report("a"),
        report("a", "failed", "teardown"),
        report("b", "rerun"),
        report("b"),
        line("finish", exit_code=1),
    )
    assert read(*lines, exit_code=1).outcomes == {"a": TestOutcome.ERROR, "b": TestOutcome.PASSED}


def test_texts_are_shortened_and_few() -> None:
    names = [f"t{number:03}" for number in range(80)]
    lines = [line("collected", ids=names), *(report(name, "failed") for name in names), line("finish", exit_code=1)]
    run = read(*lines, exit_code=1)
    assert len(run.failures) == 50
    assert max(len(text) for text in run.failures.values()) <= 2000


def test_shortened_keeps_both_ends() -> None:
    text = shortened("a" * 3000 + "end", 300)
    assert len(text) <= 300 and text.startswith("aaa") and text.endswith("end")


def test_a_run_stopped_at_its_limit() -> None:
    run = read(line("collected", ids=["a"]), line("start", id="a"), timed_out=True)
    assert run.reason == "the tests were stopped after 1 s while running a"
