"""A requirement becomes a specification by direct questions to the model; only what it answers is scripted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from messages_api import Reply, say
from support.claude_job import (
    KEY,
    StartApi,
    pointed,
    scripted_apis,
)
from tdev.engines.claude.structured import spec_from_requirement
from tdev.errors import BudgetExceeded, TransientError
from tdev.policy.model import Policy
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
api_for = pytest.fixture(scripted_apis)


SPEC = {
    "title": "Meeting rooms",
    "slug": "meeting-rooms",
    "summary": "Books rooms.",
    "resources": [
        {"name": "Room", "plural": "rooms", "fields": [{"name": "name", "type": "string", "unique": True}]},
        {
            "name": "Booking",
            "plural": "bookings",
            "fields": [{"name": "room", "type": "reference", "target": "Room"}, {"name": "at", "type": "datetime"}],
        },
    ],
    "criteria": [{"id": "AC-1", "text": "A room has a name."}],
    "questions": [],
}
WRONG = {**SPEC, "resources": [{"name": "Room", "plural": "rooms", "fields": []}]}


def answer(spec: object) -> Reply:
    return say(json.dumps(spec))


def test_a_requirement_becomes_a_spec(settings: Settings, api_for: StartApi) -> None:
    api = api_for([answer(SPEC)])
    spec, work = spec_from_requirement(pointed(settings, api), Policy(), "회의실 예약 서비스 <!-- no -->", 1.0)
    assert [resource["name"] for resource in spec["resources"]] == ["Room", "Booking"]
    assert work.cost_usd > 0 and work.input_tokens > 0
    (request,) = api.requests
    assert "회의실 예약 서비스" in request.text and "<!--" not in request.prompts[0]
    assert not request.tools
    assert request.headers["x-api-key"] == KEY


def test_the_answer_is_held_to_the_schema_and_what_comes_again_is_cached(settings: Settings, api_for: StartApi) -> None:
    api = api_for([answer(SPEC)])
    spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0)
    body = api.requests[0].body
    shape = body["output_config"]["format"]
    assert shape["type"] == "json_schema" and {"resources", "criteria"} <= shape["schema"]["properties"].keys()
    assert shape["schema"]["additionalProperties"] is False
    assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
    assert body["messages"][-1]["content"][-1]["cache_control"] == {"type": "ephemeral"}
    assert body["model"].startswith("claude-sonnet-")


@pytest.mark.parametrize("wrong", [answer(WRONG), say("I would rather talk."), say('{"half": ')])
def test_an_answer_that_our_own_check_rejects_goes_back_once(
    settings: Settings, api_for: StartApi, wrong: Reply
) -> None:
    api = api_for([wrong, answer(SPEC)])
    spec, work = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0)
    assert len(spec["resources"]) == 2
    asked_again = api.requests[1].prompts
    assert "was not valid" in asked_again[-1] and asked_again[0] == api.requests[0].prompts[0]
    assert (work.turns, work.output_tokens) == (2, 400), "both tries are counted"
    never = api_for([wrong] * 2)
    with pytest.raises(TransientError, match="no valid specification in 2 tries") as caught:
        spec_from_requirement(pointed(settings, never), Policy(), "rooms", 1.0)
    assert caught.value.cost_usd == pytest.approx(work.cost_usd)


def test_what_is_wrong_is_named_without_the_models_words(settings: Settings, api_for: StartApi) -> None:
    api = api_for([answer(WRONG), answer(SPEC)])
    spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0)
    assert "resources.0.fields" in api.requests[1].prompts[-1]


def test_a_spec_needs_a_budget(settings: Settings, api_for: StartApi) -> None:
    with pytest.raises(BudgetExceeded):
        spec_from_requirement(pointed(settings, api_for([])), Policy(), "rooms", 0.0)


def test_what_a_killed_try_has_cost_is_told_by_the_next_once(
    settings: Settings, api_for: StartApi, tmp_path: Path
) -> None:
    api = api_for([answer(SPEC)] * 3)
    ledger = tmp_path / "ledger"
    _, lost = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0, ledger=ledger)
    _, work = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0, ledger=ledger, on_record=0.0)
    assert work.cost_usd == pytest.approx(2 * lost.cost_usd, abs=1e-5), "the first was never put on record"
    known = lost.cost_usd + lost.cost_usd
    _, third = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0, ledger=ledger, on_record=known)
    assert third.cost_usd == pytest.approx(lost.cost_usd, abs=1e-5)
