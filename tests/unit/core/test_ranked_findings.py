"""What a model is told of a failure: the cause first, each thing once, own code only, and not too much."""

from __future__ import annotations

from tdev.core.artifacts.evaluation import TestOutcome, TestRun
from tdev.core.artifacts.finding import Finding, Severity
from tdev.core.artifacts.verdict import Outcome, Verdict
from tdev.core.ranked_findings import LONGEST_FEEDBACK, own_frames, told_of_gates, told_of_tests

PASSED, FAILED, ERROR = TestOutcome.PASSED, TestOutcome.FAILED, TestOutcome.ERROR
TRACE = """    def test_get():
>       fetch("x")

test_net.py:4:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def fetch(name):
>       return client.get(name)

net.py:9:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def get(self, name):
>       raise Broken(name)

/env/lib/python3.11/site-packages/client/core.py:77:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

>   raise Broken(name)
E   client.Broken: x

/env/lib/python3.11/site-packages/client/end.py:5: Broken"""


def ran(failures: dict[str, str], **outcomes: TestOutcome) -> TestRun:
    return TestRun(ok=True, outcomes=outcomes, failures=failures)


def test_what_can_not_run_comes_before_what_fails_and_old_before_new() -> None:
    before = ran({}, old=PASSED)
    after = ran(
        {"new": "E new wrong", "old": "E old wrong", "broken": "E ImportError: no x"},
        new=FAILED,
        old=FAILED,
        broken=ERROR,
    )
    told = told_of_tests(["new", "old", "broken"], before, after)
    assert [line.split(":")[0] for line in told.splitlines()] == ["- broken", "- old", "- new"]


def test_tests_that_fail_alike_are_told_once_by_the_one_that_ran_first() -> None:
    names = [f"t{number:02}" for number in range(30)]
    after = ran(
        {name: f"E boom\n\ncalc.py:{number}: KeyError" for number, name in enumerate(names)},
        **dict.fromkeys(names, FAILED),
    )
    told = told_of_tests(reversed(names), ran({}), after)
    assert told.startswith("- t00 (29 more fail alike: t01, t02,")
    assert "and 9 more" in told
    assert told.count("boom") == 1


def test_frames_of_installed_packages_are_left_out_but_not_the_error() -> None:
    told = own_frames(TRACE)
    assert "net.py:9" in told and "test_net.py:4" in told
    assert "core.py:77" not in told
    assert "client.Broken: x" in told


def test_native_traces_too() -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/env/lib/python3.11/site-packages/_pytest/runner.py", line 5, in run\n    call()\n'
        '  File "/checkout/calc.py", line 3, in total\n    return a\n'
        "NameError: a"
    )
    told = own_frames(trace)
    assert "calc.py" in told and "NameError: a" in told
    assert "_pytest" not in told


def test_a_flood_is_capped_and_says_so() -> None:
    names = [f"t{number}" for number in range(100)]
    after = ran({name: f"E {name} {'x' * 5000}" for name in names}, **dict.fromkeys(names, FAILED))
    told = told_of_tests(names, ran({}), after)
    assert len(told) < LONGEST_FEEDBACK + 200
    assert "left out" in told or "fail in other ways" in told


def test_one_huge_line_is_cut() -> None:
    after = ran({"a": "x" * 100_000}, a=FAILED)
    assert len(told_of_tests(["a"], ran({}), after, 500)) <= 600


def finding(rule: str, severity: Severity, line: int, message: str = "too much") -> Finding:
    return Finding(
        tool="t",
        rule=rule,
        severity=severity,
        message=message,
        path="a.py",
        line=line,
        remedy="Mend.",
        fingerprint=rule,
    )


def verdict(*checks: Verdict) -> Verdict:
    return Verdict.of("all", (Verdict.of("security", checks),))


def test_findings_of_gates_errors_first_and_equal_ones_on_one_line() -> None:
    findings = (
        finding("W1", Severity.WARNING, 3),
        finding("E1", Severity.ERROR, 9, "worse"),
        finding("W1", Severity.WARNING, 8),
    )
    told = told_of_gates(
        verdict(
            Verdict(name="fine", outcome=Outcome.PASS, reason="nothing"),
            Verdict(name="rules", outcome=Outcome.FAIL, reason="3 findings", findings=findings),
        )
    ).splitlines()
    assert told[0] == "security/rules: 3 findings"
    assert told[1] == "- a.py:9 E1: worse Mend."
    assert told[2] == "- a.py:3, a.py:8 W1: too much Mend."
    assert len(told) == 3


def test_a_verdict_without_failing_checks_tells_its_reason() -> None:
    assert told_of_gates(Verdict(name="all", outcome=Outcome.FAIL, reason="because")) == "because"
