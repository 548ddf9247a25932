"""Whatever goes wrong around the real Claude Code CLI is the right error, and never a success."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from messages_api import Cut, Failure, Stall, say, use
from support.claude_job import (
    CALCULATOR,
    MakeRepository,
    StartApi,
    job_for,
    pointed,
    scripted_apis,
)
from tdev.core.artifacts.goal import Budget
from tdev.engines.claude import room
from tdev.engines.claude.engine import ClaudeEngine
from tdev.errors import BudgetExceeded, ConfigurationError, TransientError
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)


def test_a_wrong_key_is_a_configuration_error(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([Failure(401, "invalid x-api-key")] * 20)
    with pytest.raises(ConfigurationError, match="ANTHROPIC_API_KEY"):
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))


def test_no_key_is_a_configuration_error(settings: Settings, make_repository: MakeRepository) -> None:
    with pytest.raises(ConfigurationError) as caught:
        ClaudeEngine().perform(job_for(replace(settings, credentials={}), make_repository(CALCULATOR)))
    assert "CLAUDE_CODE_OAUTH_TOKEN" in str(caught.value)


@pytest.mark.parametrize("status", [429, 500, 529])
def test_an_api_that_keeps_failing_is_transient(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, status: int
) -> None:
    api = api_for([Failure(status, "come back later", (("retry-after", "0"), ("x-should-retry", "false")))] * 200)
    with pytest.raises(TransientError, match="The model API failed"):
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))


def test_a_cut_stream_is_tried_again(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    api = api_for([Cut(say("NOTHING TO DO: half")), say("NOTHING TO DO: whole")])
    work = ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))
    assert work.nothing_to_do == "whole"


def test_streams_that_are_always_cut_are_transient(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "QUIET", {**room.QUIET, "CLAUDE_CODE_MAX_RETRIES": "1"})
    api = api_for([Cut(say("NOTHING TO DO: half"))] * 200)
    with pytest.raises(TransientError):
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))


def test_an_unknown_model_is_a_configuration_error(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi
) -> None:
    api = api_for([Failure(404, "model: sonnet-99")] * 20)
    with pytest.raises(ConfigurationError, match="model"):
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))


def test_the_limit_on_turns_stops_it(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    folder = make_repository(CALCULATOR)
    api = api_for([use("Read", file_path=str(folder / "calculator.py"))] * 20)
    with pytest.raises(BudgetExceeded, match="3 turns") as caught:
        ClaudeEngine().perform(job_for(pointed(settings, api), folder, budget=Budget(turns=3)))
    assert "budget.turns" in caught.value.next_step and caught.value.cost_usd > 0
    assert len(api.requests) <= 4


def test_the_limit_on_dollars_stops_it(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    folder = make_repository(CALCULATOR)
    read = use("Read", file_path=str(folder / "calculator.py"))
    api = api_for([replace(read, input_tokens=100_000)] * 20)
    with pytest.raises(BudgetExceeded, match=r"\$0\.30") as caught:
        ClaudeEngine().perform(job_for(pointed(settings, api), folder, usd_left=0.3))
    assert "--usd" in caught.value.next_step and caught.value.cost_usd >= 0.3
    assert len(api.requests) < 10
    with pytest.raises(BudgetExceeded, match="used up"):
        ClaudeEngine().perform(job_for(pointed(settings, api), folder, usd_left=0.0))


def test_the_wall_clock_stops_it(settings: Settings, make_repository: MakeRepository, api_for: StartApi) -> None:
    folder = make_repository(CALCULATOR)
    api = api_for([use("Read", file_path=str(folder / "calculator.py")), Stall(60), Stall(60)])
    began = time.monotonic()
    with pytest.raises(BudgetExceeded, match="minutes") as caught:
        ClaudeEngine().perform(job_for(pointed(settings, api), folder, seconds_left=15.0))
    assert time.monotonic() - began < 45
    assert "budget.minutes" in caught.value.next_step
    assert caught.value.cost_usd > 0, "what the first turn cost is known although the session was interrupted"


def test_silence_stops_it(
    settings: Settings, make_repository: MakeRepository, api_for: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tdev.engines.claude.engine.IDLE_SECONDS", 4.0)
    api = api_for([Stall(60), Stall(60)])
    with pytest.raises(TransientError, match="nothing was heard"):
        ClaudeEngine().perform(job_for(pointed(settings, api), make_repository(CALCULATOR)))
