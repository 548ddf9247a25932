"""A record of mutants counts only when it is whole."""

from __future__ import annotations

import json

import pytest

from tdev.adapters.process import Completed
from tdev.tools.mutant_runs import tried_from

CLEAN = {"kind": "clean", "exit_code": 0, "passed": 3}
FINISH = {"kind": "finish"}


def row(number: int, outcome: str = "killed") -> dict[str, object]:
    return {"kind": "mutant", "number": number, "outcome": outcome, "files": ["test_a.py"]}


def record(*rows: object) -> bytes:
    return "".join(f"{json.dumps(each)}\n" for each in rows).encode()


def done(exit_code: int = 0, **facts: object) -> Completed:
    given = {"argv": (), "exit_code": exit_code, "stdout": "", "stderr": "words", "seconds": 1.0, "timed_out": False}
    return Completed(**{**given, **facts})  # type: ignore[arg-type]


def test_a_whole_record_gives_the_outcomes_of_what_was_tried() -> None:
    tried = tried_from(record(CLEAN, row(0), row(1, "survived"), FINISH), done(), 5)
    assert (tried.outcomes, tried.failure) == (("killed", "survived"), "")
    assert tried.files == (("test_a.py",), ("test_a.py",))


@pytest.mark.parametrize(
    ("written", "ended"),
    [
        (None, done()),
        (b"", done()),
        (record(CLEAN, row(0)), done()),
        (record(row(0), FINISH), done()),
        (record(CLEAN, row(0), row(0), FINISH), done()),
        (record(CLEAN, row(1), FINISH), done()),
        (record(CLEAN, row(0), row(1), row(2), FINISH), done()),
        (record(CLEAN, row(0, "praised"), FINISH), done()),
        (record(CLEAN, {"kind": "other"}, FINISH), done()),
        (record(CLEAN, {**row(0), "files": [1]}, FINISH), done()),
        (record(CLEAN, [], FINISH), done()),
        (b"{nonsense\n", done()),
        ("é\n".encode(), done()),
        (record({**CLEAN, "exit_code": 4}, FINISH), done()),
        (record({**CLEAN, "passed": 0}, FINISH), done()),
        (record(CLEAN, FINISH), done(1)),
        (record(CLEAN, FINISH), done(timed_out=True)),
        (record(CLEAN, FINISH), done(stopped_by="memory")),
    ],
)
def test_anything_else_is_no_evidence(written: bytes | None, ended: Completed) -> None:
    tried = tried_from(written, ended, 2)
    assert tried.failure and not tried.outcomes
