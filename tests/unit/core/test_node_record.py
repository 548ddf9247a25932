"""Events of Node's test runner: which tests ended how, and when a run is no evidence."""

from __future__ import annotations

import json

import pytest

from tdev.core.artifacts.evaluation import TestRun
from tdev.core.javascript_outcomes import Ended
from tdev.core.node_record import run_from_events

FILE = "/p/a.test.js"


def start(name: str, nesting: int = 0) -> dict[str, object]:
    return {"type": "test:start", "name": name, "nesting": nesting, "file": FILE}


def end(name: str, how: str = "pass", nesting: int = 0, **facts: object) -> dict[str, object]:
    return {"type": f"test:{how}", "name": name, "nesting": nesting, "file": FILE, "text": "E", **facts}


def run(*rows: object, exit_code: int = 0, finish: bool = True) -> TestRun:
    lines = [json.dumps(row) for row in (*rows, *([{"kind": "finish"}] if finish else []))]
    return run_from_events(lines, "/p", Ended(exit_code, 1.0, "words"))


def test_tests_suites_and_what_is_left_out() -> None:
    result = run(
        start("one"), end("one"),
        start("group"), start("in", 1), end("in", nesting=1),
        start("no", 1), end("no", nesting=1, skip="later"),
        start("later", 1), end("later", "fail", 1, todo=True),
        end("group", kind="suite"),
    )  # fmt: skip
    assert result.ok, result.reason
    assert {test: outcome.value for test, outcome in result.outcomes.items()} == {
        "a.test.js::one": "passed",
        "a.test.js::group > in": "passed",
        "a.test.js::group > no": "skipped",
        "a.test.js::group > later": "skipped",
    }


def test_failures_of_tests_suites_and_files() -> None:
    rows = [end("one", "fail"), end("one"), end("group", "fail", kind="suite"), end(FILE, "fail")]
    result = run(*rows, exit_code=1)
    assert result.ok, result.reason
    assert {test: outcome.value for test, outcome in result.outcomes.items()} == {
        "a.test.js::one": "failed",
        "a.test.js::group": "error",
        "a.test.js": "error",
    }
    assert result.failures["a.test.js::one"] == "E"


@pytest.mark.parametrize(
    ("rows", "exit_code", "finish", "said"),
    [
        ([end("one")], 0, False, "before it had finished"),
        ([end("one")], 1, True, "do not explain"),
        ([end("one", "fail")], 0, True, "do not explain"),
        ([], 0, True, "no tests were found"),
        ([end(FILE)], 0, True, "no tests were found"),
        ([[]], 0, True, "damaged"),
        ([{"type": "test:pass"}], 0, True, "damaged"),
    ],
)
def test_what_is_not_whole_is_no_evidence(rows: list[object], exit_code: int, finish: bool, said: str) -> None:
    result = run(*rows, exit_code=exit_code, finish=finish)
    assert not result.ok and said in result.reason
