"""Two failures are the same although paths, lines, addresses, times and random values differ."""

from __future__ import annotations

import time

import pytest

from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.same_failure import error_of, normalised, signature_of_tests, signature_of_verdict

LONG = """    def test_zero():
>       assert add(2, 0) == 2
E       assert 0 == 2
E        +  where 0 = add(2, 0)

tests/test_calculator.py:{line}: AssertionError"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<calc.Adder object at 0x7f2d1c2b3a40> is wrong", "<calc.Adder object at 0x7fffeeddccb0> is wrong"),
        ("/tmp/run-1/code/calc.py:12: boom", "/tmp/run-2/trees/0/calc.py:14: boom"),
        ("it took 0.31 s", "it took 12.5 s"),
        ("key 5f2b1c3d4e5f6071 missing", "key 0a1b2c3d4e5f6071 missing"),
        ("at 2026-11-29T23:01:39Z", "at 2026-11-30T01:11:02Z"),
        ("id 0b9f3f0e-6c0e-4f6e-9d3f-1f1f1f1f1f1f", "id 1c9f3f0e-6c0e-4f6e-9d3f-2f2f2f2f2f2f"),
        ('File "a.py", line 3, in f', 'File "a.py", line 30, in f'),
        ("got 0.7234871231", "got 0.1234987123"),
        ("seed 482731992", "seed 110938271"),
    ],
)
def test_what_differs_from_run_to_run_does_not_count(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("assert 3 == 5", "assert 4 == 5"),
        ("KeyError: 'a'", "KeyError: 'b'"),
        ("calc.py: boom", "sums.py: boom"),
        ("TypeError: x", "ValueError: x"),
    ],
)
def test_what_a_person_would_call_another_failure_stays_one(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_the_error_of_a_test_is_its_kind_and_its_message() -> None:
    assert error_of(LONG.format(line=5)) == error_of(LONG.format(line=50))
    assert error_of(LONG.format(line=5)).startswith("AssertionError assert 0 == 2")
    assert error_of("no marks\n\nRuntimeError: late") == "RuntimeError: late"
    assert error_of("") == ""


def test_the_same_tests_with_the_same_errors_are_the_same_failure() -> None:
    first = {"t::a": LONG.format(line=5), "t::b": LONG.format(line=9)}
    moved = {"t::b": LONG.format(line=90), "t::a": LONG.format(line=50)}
    assert signature_of_tests(["t::a", "t::b"], first) == signature_of_tests(["t::b", "t::a"], moved)
    assert signature_of_tests(["t::a"], first) != signature_of_tests(["t::a", "t::b"], first)
    other = {"t::a": LONG.format(line=5).replace("AssertionError", "TypeError")}
    assert signature_of_tests(["t::a"], first) != signature_of_tests(["t::a"], other)


def gates(reason: str, *fingerprints: str) -> Verdict:
    found = tuple(
        Finding(tool="ruff", rule="C901", severity=Severity.ERROR, message="m", line=3, fingerprint=each)
        for each in fingerprints
    )
    check = Verdict(name="complexity", outcome=Outcome.FAIL, reason=reason, findings=found)
    return Verdict.of("all", (Verdict.of("quality", (check,)),))


def test_verdicts_are_the_same_when_the_same_was_found() -> None:
    assert signature_of_verdict(gates("2 functions", "a", "b")) == signature_of_verdict(gates("2 functions", "b", "a"))
    assert signature_of_verdict(gates("2 functions", "a", "b")) != signature_of_verdict(gates("1 functions", "a"))


@pytest.mark.parametrize("text", ["/" * 50_000, "a.py:" * 20_000, "0x" + "f" * 100_000, "1" * 100_000, "E " * 50_000])
def test_hostile_texts_take_no_time(text: str) -> None:
    began = time.perf_counter()
    normalised(text)
    error_of(text)
    assert time.perf_counter() - began < 1.0
