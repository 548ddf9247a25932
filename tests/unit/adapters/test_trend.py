from __future__ import annotations

from pathlib import Path

import pytest

from tdev.adapters import trend
from tdev.core.artifacts.evaluation import Metrics
from tdev.core.artifacts.goal import Repository
from tdev.core.artifacts.verdict import Outcome
from tdev.core.trend import TrendPoint, trend_markdown
from tdev.errors import TdevError

HERE = Repository(path="/home/one/calc", name="calc", base_sha="a" * 40)


def point(run: str, score: float = 50.0) -> TrendPoint:
    return TrendPoint(
        run=run,
        time="2026-11-30T06:20:00.000000Z",
        base="a" * 40,
        head="b" * 40,
        outcome=Outcome.PASS,
        score=score,
        metrics=Metrics(tests_passed=3, coverage_percent=None),
    )


def test_the_last_runs_are_kept_by_repository(tmp_path: Path) -> None:
    for number in range(7):
        kept = trend.add(tmp_path, HERE, point(f"r{number}"))
    assert [one.run for one in kept] == ["r2", "r3", "r4", "r5", "r6"]
    other = HERE.model_copy(update={"path": "/home/two/calc"})
    assert trend.last(tmp_path, other) == ()
    github = HERE.model_copy(update={"full_name": "o/calc"})
    trend.add(tmp_path, github, point("g"))
    assert [one.run for one in trend.last(tmp_path, github.model_copy(update={"path": "/elsewhere"}))] == ["g"]


def test_of_a_run_that_was_judged_twice_the_last_verdict_counts(tmp_path: Path) -> None:
    trend.add(tmp_path, HERE, point("one", 10.0))
    trend.add(tmp_path, HERE, point("two", 20.0))
    kept = trend.add(tmp_path, HERE, point("one", 30.0))
    assert [(one.run, one.score) for one in kept] == [("two", 20.0), ("one", 30.0)]


def test_lines_that_are_cut_off_are_passed_over(tmp_path: Path) -> None:
    trend.add(tmp_path, HERE, point("one"))
    with trend.trend_file(tmp_path, HERE).open("ab") as file:
        file.write(b'{"run": "two", "ti\n\xff\n')
    assert [one.run for one in trend.add(tmp_path, HERE, point("three"))] == ["one", "three"]


def test_a_folder_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "trend").write_text("a file\n")
    with pytest.raises(TdevError):
        trend.add(tmp_path, HERE, point("one"))


def test_the_table_has_a_column_for_each_run() -> None:
    page = trend_markdown([point("one"), point("two", 61.5)])
    assert "| score | 50 | 61.5 |" in page
    assert "| coverage, % | – | – |" in page
    assert "| tests that pass | 3 | 3 |" in page
