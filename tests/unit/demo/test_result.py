"""When a case of the demo has gone as it should: never without having asked, merged or been refused for real."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tdev.demo.result import CaseResult, PullRequest, Wanted
from tdev.stages.outcome import RunResult
from tdev.tools.service_probe import Answer

GREEN = {"tdev/security": "success", "tdev/tests": "success", "tdev/quality": "success"}
RED = {"tdev/security": "failure", "tdev/tests": "failure", "tdev/quality": "success"}
RUN = RunResult(
    run_id="r", run_dir="d", kind="evolve", goal="g", outcome="published", exit_code=0, ok=True, engine="recipes"
)
PULL = PullRequest(number=2, url="u", branch="tdev/auto/x", head_sha="a", mergeable=True, checks=GREEN)
ANSWER = Answer("GET", "/health", 200, "{}", 200)
BUILT = CaseResult("build", Path(), Wanted.ANSWERS, RUN, PULL, (ANSWER,))
MERGED = CaseResult("evolve", Path(), Wanted.MERGE, RUN, PULL.model_copy(update={"merged": True}))
REFUSED = CaseResult(
    "bad", Path(), Wanted.REFUSAL, RUN, PULL.model_copy(update={"checks": RED, "mergeable": False}), refused=True
)


@pytest.mark.parametrize("case", [BUILT, MERGED, REFUSED], ids=lambda case: case.name)
def test_what_was_wanted_is_enough(case: CaseResult) -> None:
    assert case.ok and case.row()["ok"] is True


def pulled(case: CaseResult, **changes: object) -> CaseResult:
    return replace(case, pull=case.pull.model_copy(update=changes))


@pytest.mark.parametrize(
    "case",
    [
        replace(BUILT, requests=()),
        replace(BUILT, requests=(ANSWER, ANSWER._replace(status=500))),
        pulled(BUILT, checks={}),
        pulled(BUILT, checks={**GREEN, "tdev/tests": "failure"}),
        pulled(BUILT, mergeable=False),
        pulled(BUILT, branch=""),
        pulled(MERGED, merged=False),
        pulled(MERGED, checks={}),
        replace(REFUSED, refused=False),
        pulled(REFUSED, merged=True),
        pulled(REFUSED, mergeable=True),
        pulled(REFUSED, checks={}),
        pulled(REFUSED, checks={**RED, "tdev/security": "success"}),
        pulled(REFUSED, checks={**RED, "tdev/tests": "success"}),
    ],
)
def test_anything_less_is_not(case: CaseResult) -> None:
    assert not case.ok
