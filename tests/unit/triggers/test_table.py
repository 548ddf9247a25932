"""Recorded payloads become the intents they should, and nothing becomes an exception."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.deliveries import cases, payload
from tdev.core.command import Name
from tdev.core.intent import Request, RunReport
from tdev.triggers.table import TRIGGERS, intent_of

REQUESTS = {
    ("issues", "labeled-build"): Name.BUILD,
    ("issues", "labeled-evolve"): Name.EVOLVE,
    ("issues", "labeled-evolve-pull-request"): Name.EVOLVE,
    ("issue_comment", "evolve"): Name.EVOLVE,
    ("issue_comment", "evolve-pull-request"): Name.EVOLVE,
    ("issue_comment", "build-with-lines"): Name.BUILD,
    ("issue_comment", "plan-of-a-build"): Name.PLAN,
    ("issue_comment", "unknown"): Name.HELP,
    ("issue_comment", "surrogates"): Name.EVOLVE,
}
REPORTS = {("workflow_run", "completed"), ("workflow_run", "requested"), ("workflow_job", "in-progress")}


@pytest.mark.parametrize(("event", "case"), cases())
def test_each_recorded_payload(event: str, case: str) -> None:
    intent = intent_of(event, payload(event, case))
    if (event, case) in REQUESTS:
        assert isinstance(intent, Request) and intent.name is REQUESTS[event, case]
        assert intent.place.repository == "octo-org/rooms" and intent.actor == "mona"
        assert Request.model_validate_json(intent.model_dump_json()) == intent
    elif (event, case) in REPORTS:
        assert isinstance(intent, RunReport) and intent.workflow_run_id == 777001
    else:
        assert intent is None


def test_the_text_is_what_the_payload_says() -> None:
    label = intent_of("issues", payload("issues", "labeled-build"))
    assert isinstance(label, Request) and label.text.startswith("Meeting rooms\n\n## Resources")
    goal = intent_of("issue_comment", payload("issue_comment", "evolve"))
    assert isinstance(goal, Request) and goal.text == "modernise and imports"
    lines = intent_of("issue_comment", payload("issue_comment", "build-with-lines"))
    assert isinstance(lines, Request) and lines.text == "# Rooms\n\n### Room\n\n- name: string"
    pull = intent_of("issue_comment", payload("issue_comment", "evolve-pull-request"))
    assert isinstance(pull, Request) and pull.is_pull_request and pull.text == ""
    hidden = intent_of("issue_comment", payload("issue_comment", "surrogates"))
    assert isinstance(hidden, Request) and hidden.text == "modernise"


def test_the_key_is_that_of_the_act() -> None:
    first = intent_of("issues", payload("issues", "labeled-build"))
    later = payload("issues", "labeled-build")
    later["issue"]["updated_at"] = "2026-03-01T11:00:00Z"
    again = intent_of("issues", later)
    assert first is not None and again is not None
    assert first.key == getattr(intent_of("issues", payload("issues", "labeled-build")), "key", "")
    assert first.key != again.key


def everywhere(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a payload."""
    found = [path] if path else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        found += everywhere(inner, (*path, key))
    return found


JUNK: tuple[Any, ...] = (None, -1, 10**30, "", "\ud800", "x" * 70_000, [], {}, True, 1.5)


@pytest.mark.parametrize(("event", "case"), cases())
def test_a_payload_with_any_part_gone_or_strange_is_no_exception(event: str, case: str) -> None:
    whole = payload(event, case)
    for path in everywhere(whole):
        for junk in JUNK:
            changed = copy.deepcopy(whole)
            inner = changed
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = junk
            intent = intent_of(event, changed)
            if intent is not None:
                assert intent.model_dump_json()
                assert 0 < intent.place.repository_id < 2**63
        del inner[path[-1]]
        intent_of(event, changed)


@given(st.sampled_from([*TRIGGERS, "ping", "star"]), st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_a_payload_of_any_other_kind_is_nothing(event: str, data: Any) -> None:
    assert intent_of(event, data) is None
    assert intent_of(event, json.loads(json.dumps({"action": data}))) is None
