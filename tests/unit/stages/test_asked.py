"""What a job is asked to do: the bot's dispatch first, then the call's inputs, then what the event itself says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tdev.core.run import is_run_id, run_id_of_workflow
from tdev.errors import ConfigurationError, Refused
from tdev.settings import Settings
from tdev.stages.asked import asked

PAYLOADS = Path(__file__).parents[2] / "payloads"
RUN_ID = "20261121-050000-000000-abc123"
HOME = {"id": 7, "full_name": "ada/calc", "default_branch": "main"}


def settings(event: str, given: dict[str, Any] | None = None, **more: str) -> Settings:
    variables = {
        "GITHUB_EVENT_NAME": event,
        "GITHUB_REPOSITORY": "ada/calc",
        "GITHUB_REPOSITORY_ID": "7",
        "GITHUB_REF_NAME": "main",
        "GITHUB_RUN_ID": "77",
        "GITHUB_ACTOR": "mona",
    }
    given_text = "" if given is None else json.dumps(given)
    return Settings.from_environment({**variables, "TDEV_ASKED": given_text, **more})


def payload(event: str, case: str, **changes: Any) -> dict[str, Any]:
    """A recorded payload, as a workflow gets it: without an installation."""
    found: dict[str, Any] = json.loads((PAYLOADS / event / f"{case}.json").read_text())
    return {**{key: value for key, value in found.items() if key != "installation"}, **changes}


def test_what_the_bot_dispatched_counts_whatever_a_call_says() -> None:
    inputs = {"run_id": RUN_ID, "kind": "build", "goal": "rooms", "base": "dev", "number": "4", "plan_only": "true"}
    found = asked(
        settings("workflow_dispatch", {"kind": "evolve", "goal": "other"}), {"inputs": inputs, "repository": HOME}
    )
    assert (found.run_id, found.kind, found.goal, found.from_branch) == (RUN_ID, "build", "rooms", "dev")
    assert found.plan_only and found.number == 4


def test_a_call_says_what_to_do_and_each_job_of_the_run_has_the_same_id() -> None:
    given = {"kind": "evolve", "goal": "modernise", "base": "", "plan-only": False, "number": "", "runner": "x"}
    one = asked(settings("schedule", given), {"schedule": "0 4 * * 1"})
    other = asked(settings("schedule", {**given, "plan-only": "false"}), {"schedule": "0 4 * * 1"})
    assert one == other
    assert is_run_id(one.run_id) and (one.goal, one.base, one.number, one.requested_by) == (
        "modernise",
        "main",
        0,
        None,
    )
    assert one.repository.full_name == "ada/calc"


def test_who_starts_it_by_hand_has_asked() -> None:
    found = asked(
        settings("workflow_dispatch", {"kind": "evolve", "goal": "types"}), {"repository": HOME, "inputs": {}}
    )
    assert found.requested_by == "mona"


def test_ids_differ_by_repository_and_by_run() -> None:
    ids = {run_id_of_workflow(1, 77), run_id_of_workflow(2, 77), run_id_of_workflow(1, 78)}
    assert len(ids) == 3 and all(is_run_id(each) for each in ids)
    assert len({each[-6:] for each in ids}) == 3
    assert is_run_id(run_id_of_workflow(1, 10**19))


def test_an_issue_s_label_is_the_request_and_its_text_the_goal() -> None:
    sent = payload("issues", "labeled-build")
    found = asked(settings("issues", {"kind": "build", "goal": ""}), sent)
    assert found.number == sent["issue"]["number"] and found.requested_by == sent["sender"]["login"]
    assert found.goal.startswith(sent["issue"]["title"]) and not found.plan_only


def test_a_comment_is_a_command() -> None:
    sent = payload("issue_comment", "evolve")
    found = asked(settings("issue_comment", {"kind": "evolve"}), sent)
    assert found.number == sent["issue"]["number"] and found.goal
    plan = asked(settings("issue_comment", {"kind": "build"}), payload("issue_comment", "plan-of-a-build"))
    assert plan.plan_only and plan.kind == "build"


@pytest.mark.parametrize(
    ("event", "case", "kind", "words"),
    [
        ("issues", "labeled-build", "evolve", "is not what this workflow does"),
        ("issues", "labeled-other", "evolve", "asks for nothing"),
        ("issues", "labeled-by-a-bot", "build", "asks for nothing"),
        ("issues", "labeled-closed", "build", "asks for nothing"),
        ("issue_comment", "in-code", "evolve", "asks for nothing"),
        ("issue_comment", "edited", "evolve", "asks for nothing"),
        ("issue_comment", "evolve-pull-request", "evolve", "does not work on pull requests"),
    ],
)
def test_what_asks_for_something_else_is_refused(event: str, case: str, kind: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        asked(settings(event, {"kind": kind}), payload(event, case))


@pytest.mark.parametrize("event", ["pull_request_target", "pull_request", "workflow_run", "discussion", ""])
def test_an_event_that_anybody_can_cause_starts_nothing(event: str) -> None:
    with pytest.raises(Refused, match="starts no run"):
        asked(settings(event, {"kind": "evolve", "goal": "types"}), {"repository": HOME})


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_what_is_no_json_object_is_an_error(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no JSON"):
        asked(settings("push", None, TDEV_ASKED=text), {"repository": HOME})


def test_a_branch_of_a_call_is_checked_like_any_other() -> None:
    with pytest.raises(ConfigurationError, match="base: is no name of a branch"):
        asked(settings("push", {"kind": "evolve", "goal": "types", "base": "--upload-pack=x"}), {"repository": HOME})
