"""Reports of jest and of those who write the same: which tests ended how, and when a run is no evidence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.javascript_outcomes import Ended
from tdev.core.jest_report import run_from_report


def case(title: str, status: str = "passed", *above: str, **more: object) -> dict[str, object]:
    return {"ancestorTitles": above, "title": title, "status": status, "failureMessages": ["E"], **more}


def file(*tests: object, name: str = "/p/a.test.js", **more: object) -> dict[str, Any]:
    return {"name": name, "assertionResults": tests, **more}


def run(*files: dict[str, Any], total: object = None, exit_code: int = 0) -> TestRun:
    count = sum(len(each["assertionResults"]) for each in files) if total is None else total
    text = json.dumps({"numTotalTests": count, "testResults": files})
    return run_from_report(text, "jest", "/p", Ended(exit_code, 1.0, "words"))


def ended(result: TestRun) -> dict[str, str]:
    assert result.ok, result.reason
    return {test: outcome.value for test, outcome in result.outcomes.items()}


def test_outcomes_by_file_and_whole_name() -> None:
    tests = [case(status, status, "group", "in") for status in ("passed", "pending", "skipped", "todo", "disabled")]
    assert ended(run(file(*tests))) == {
        "a.test.js::group > in > passed": "passed",
        "a.test.js::group > in > pending": "skipped",
        "a.test.js::group > in > skipped": "skipped",
        "a.test.js::group > in > todo": "skipped",
        "a.test.js::group > in > disabled": "skipped",
    }


def test_failures_of_tests_hooks_and_files() -> None:
    result = run(
        file(case("one"), case("one", "failed"), case("one"), status="failed"),
        file(case("hook", "error", "group"), name="/p/b.test.js"),
        file(name="/p/c.test.js", status="failed", message="no such module"),
        exit_code=1,
    )
    assert ended(result) == {
        "a.test.js::one": "failed",
        "b.test.js::group > hook": "error",
        "c.test.js": "error",
    }
    assert (result.failures["a.test.js::one"], result.failures["c.test.js"]) == ("E", "no such module")
    assert result.runner == "jest"


@pytest.mark.parametrize(
    ("files", "total", "exit_code", "said"),
    [
        ([file(case("one"))], None, 1, "do not explain"),
        ([file(case("one", "failed"))], None, 0, "do not explain"),
        ([file(status="failed")], None, 0, "do not explain"),
        ([], None, 0, "no tests were found"),
        ([file()], None, 1, "no tests were found"),
        ([file(case("one"))], 2, 0, "damaged"),
        ([file(case("one", "perhaps"))], None, 0, "damaged"),
        ([file({"title": "one"})], None, 0, "damaged"),
    ],
)
def test_what_is_not_whole_is_no_evidence(
    files: list[dict[str, Any]], total: int | None, exit_code: int, said: str
) -> None:
    result = run(*files, total=total, exit_code=exit_code)
    assert not result.ok and said in result.reason


@pytest.mark.parametrize("text", ["", "[]", "{}", "nothing", '{"testResults": 1}', "[" * 100_000])
def test_what_is_no_report_is_damaged(text: str) -> None:
    result = run_from_report(text, "jest", "/p", Ended(0, 1.0, ""))
    assert not result.ok and "damaged" in result.reason


def test_without_a_report_the_runner_did_not_finish() -> None:
    result = run_from_report(None, "vitest", "/p", Ended(0, 1.0, "words"))
    assert not result.ok and "before it had finished (exit code 0): words" in result.reason
