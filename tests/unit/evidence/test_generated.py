"""The report on generated tests: what one drafter can't do is told, what none can do is no evidence."""

from __future__ import annotations

from tdev.evidence.generated import Told, summed


def test_a_drafter_that_could_not_work_is_told_beside_the_other() -> None:
    report = summed([Told(reasons=("pynguin: can't be installed",)), Told(reasons=("b: nothing",))], 2)
    assert (report.ok, report.examined) == (True, 2)
    assert report.reason == "pynguin: can't be installed; b: nothing; 2 modules left out for lack of time"


def test_where_no_drafter_could_work_there_is_no_evidence() -> None:
    report = summed([Told(reasons=("pynguin: can't be installed",), looked=False)], 0)
    assert (report.ok, report.examined, report.reason) == (False, 0, "pynguin: can't be installed")
