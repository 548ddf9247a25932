"""A requirement becomes a specification by the real Claude Code CLI."""

from __future__ import annotations

import pytest

from messages_api import use
from support.claude_job import (
    StartApi,
    pointed,
    scripted_apis,
)
from tdev.engines.claude import structured
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


def test_a_requirement_becomes_a_spec(settings: Settings, api_for: StartApi) -> None:
    api = api_for([use("StructuredOutput", **SPEC)])
    spec, work = spec_from_requirement(pointed(settings, api), Policy(), "회의실 예약 서비스 <!-- no -->", 1.0)
    assert [resource["name"] for resource in spec["resources"]] == ["Room", "Booking"]
    assert work.cost_usd > 0 and work.input_tokens > 0
    assert "회의실 예약 서비스" in api.requests[0].text and "<!--" not in api.requests[0].prompts[0]
    assert not api.requests[0].tools & {"Read", "Edit", "Write", "Bash"}
    assert not list(settings.work.glob("spec-*"))


WRONG = {**SPEC, "resources": [{"name": "Room", "plural": "rooms", "fields": []}]}


def test_claude_code_holds_the_answer_to_the_schema(settings: Settings, api_for: StartApi) -> None:
    api = api_for([use("StructuredOutput", **WRONG), use("StructuredOutput", **SPEC)])
    spec, _ = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0)
    assert len(spec["resources"]) == 2
    assert api.requests[1].tool_results[0].startswith("error: ")
    never = api_for([use("StructuredOutput", **WRONG)] * 40)
    with pytest.raises(TransientError) as caught:
        spec_from_requirement(pointed(settings, never), Policy(), "rooms", 1.0)
    assert caught.value.cost_usd > 0


def test_an_answer_that_our_own_check_rejects_goes_back_once(
    settings: Settings, api_for: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claude Code's check is switched off by a schema that allows everything: ours must hold alone."""
    monkeypatch.setattr(structured, "answer_schema", lambda: {"type": "object"})
    api = api_for([use("StructuredOutput", **WRONG), use("StructuredOutput", **SPEC)])
    spec, work = spec_from_requirement(pointed(settings, api), Policy(), "rooms", 1.0)
    assert len(spec["resources"]) == 2
    asked_again = next(request for request in api.requests if "was not valid" in request.prompts[0])
    assert "resources.0.fields" in asked_again.prompts[0]
    assert (work.input_tokens, work.output_tokens) == (2000, 400), "both tries are counted"
    never = api_for([use("StructuredOutput", **WRONG)] * 2)
    with pytest.raises(TransientError, match="no valid specification in 2 tries") as caught:
        spec_from_requirement(pointed(settings, never), Policy(), "rooms", 1.0)
    assert caught.value.cost_usd > 0


def test_a_spec_needs_a_budget(settings: Settings, api_for: StartApi) -> None:
    with pytest.raises(BudgetExceeded):
        spec_from_requirement(pointed(settings, api_for([])), Policy(), "rooms", 0.0)
