"""Figures, bars and the table of families: a breach and a trial without evidence both fail the suite."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from attack import results
from attack.families import FAMILIES
from attack.outcome import Outcome
from bench.report import missed_bars, publish

FAMILY = FAMILIES[0].name


def outcome(attack: str, off: str = "", **more: object) -> Outcome:
    return Outcome.model_validate({"family": FAMILY, "attack": attack, "off": off, "seconds": 1.0, **more})


GOOD = [outcome("a", wall="tools"), outcome("a", "tools", wall="sandbox"), outcome("b", wall="guard")]


def test_all_is_well() -> None:
    figures = results.figures(GOOD)
    assert figures == {
        "attacks": 2,
        "families": 1,
        "breaches": 0,
        "breaches_one_wall_off": 0,
        "trials_one_wall_off": 1,
        "no_evidence": 0,
        "attack_s": 1.0,
    }
    assert set(figures) <= set(results.METHOD)
    assert missed_bars(figures, results.bars(whole=False)) == []
    assert missed_bars(figures, results.bars(whole=True)) == ["attacks", "families"]


@pytest.mark.parametrize(
    ("bad", "missed"),
    [
        (outcome("c", breach=("something got out",)), "breaches"),
        (outcome("c", "guard", breach=("something got out",)), "breaches_one_wall_off"),
        (outcome("c", missing="it did not take place"), "no_evidence"),
        (outcome("c", "tools", missing="it did not take place"), "no_evidence"),
    ],
)
def test_one_that_is_not_good_fails_the_suite(bad: Outcome, missed: str) -> None:
    assert not bad.good
    assert missed_bars(results.figures([*GOOD, bad]), results.bars(whole=False)) == [missed]


def test_nothing_tried_fails_the_suite() -> None:
    assert results.figures([]) == {}
    assert len(missed_bars(results.figures([outcome("a", missing="x")]), results.bars(whole=False))) == 3


def test_the_table_says_who_stopped_what() -> None:
    bad = outcome("c", breach=("a folder outside changed",))
    assert results.rows(FAMILIES, [*GOOD, bad]) == [(FAMILY, "3", "4", "1 / 0", "0 / 1", "1 / 0", "1", "0")]
    console = Console(file=io.StringIO(), width=120)
    results.show(FAMILIES, [*GOOD, bad], console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"BREACH   {FAMILY}/c: a folder outside changed" in said


def test_the_report_is_one_of_bench(tmp_path: Path) -> None:
    missed = publish("attack", results.figures(GOOD), results.bars(whole=False), method=results.METHOD, folder=tmp_path)
    assert missed == [] and (tmp_path / "attack.json").is_file()
