"""Issues, comments, labels, reactions, assignees: who may do what, what is told of it, and what a list shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.forge import Forge, running_forge
from support.receiver import Received, Receiver, receiving
from tdev.settings import Settings

pytestmark = pytest.mark.e2e

EVENTS = ("issues", "issue_comment", "label", "pull_request")
ISSUES = "/repos/ada/calc/issues"
LABELS = "/repos/ada/calc/labels"


@dataclass(frozen=True)
class Place:
    """A forge with Ada's repository, a reader, a triager, a writer and an App with `issues: write`."""

    forge: Forge
    receiver: Receiver
    tokens: dict[str, str]

    def ask(self, who: str, method: str, path: str, status: int = 200, json: Any = None) -> Any:
        """The document of a request of somebody that must have this status."""
        return self.forge.do(method, path, token=self.tokens.get(who, ""), json=json, status=status)

    def told(self, event: str, action: str, count: int = 1) -> list[Received]:
        """Deliveries of an event, as soon as there are so many."""
        return self.receiver.wait(lambda one: (one.event, one.payload.get("action")) == (event, action), count=count)


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Iterator[Place]:
    with receiving() as receiver, running_forge(tmp_path / "forge", settings) as forge:
        forge.repository("ada", "calc")
        tokens = {login: forge.token(login) for login in ("ada", "rita", "tom", "will")}
        forge.collaborator("ada", "calc", "tom", "triage")
        forge.collaborator("ada", "calc", "will", "write")
        app, key = forge.app("checker", {"issues": "write"}, EVENTS, receiver.url, receiver.secret)
        tokens["app"] = forge.installation_token(app, key, forge.install(app, "ada"))
        reader, key = forge.app("reader", {"issues": "read", "pull_requests": "write", "contents": "write"})
        tokens["reading app"] = forge.installation_token(reader, key, forge.install(reader, "ada"))
        yield Place(forge, receiver, tokens)


def opened(place: Place, who: str = "ada", **more: Any) -> Any:
    return place.ask(who, "POST", ISSUES, 201, {"title": "Wrong sum", **more})


def test_a_label_that_is_set_is_told_with_issue_and_label(place: Place) -> None:
    number = opened(place, body="1 + 1 = 3")["number"]
    place.ask("will", "POST", f"{ISSUES}/{number}/labels", json={"labels": ["tdev:build"]})
    payload = place.told("issues", "labeled")[0].payload
    assert payload["label"]["name"] == "tdev:build"
    assert payload["issue"]["body"] == "1 + 1 = 3"
    assert [label["name"] for label in payload["issue"]["labels"]] == ["tdev:build"]
    assert payload["sender"]["login"] == "will"
    place.ask("will", "POST", f"{ISSUES}/{number}/labels", json=["tdev:build", "more"])
    assert len(place.told("issues", "labeled", 2)) == 2, "a label that is there is not told again"


def test_an_issue_opened_with_labels_and_assignees_tells_opened_first(place: Place) -> None:
    opened(place, labels=["bug", "tdev:build"], assignees=["will"])
    queued = place.forge.store.all("SELECT action FROM hook_deliveries WHERE event = 'issues' ORDER BY id")
    assert [row["action"] for row in queued] == ["opened", "labeled", "labeled", "assigned"]
    first = place.told("issues", "opened")[0]
    assert [label["name"] for label in first.payload["issue"]["labels"]] == ["bug", "tdev:build"]


def test_who_only_reads_opens_issues_and_comments_and_nothing_more(place: Place) -> None:
    issue = opened(place, "rita", labels=["bug"], assignees=["ada"])
    assert (issue["labels"], issue["assignees"], issue["author_association"]) == ([], [], "NONE")
    one = f"{ISSUES}/{issue['number']}"
    place.ask("rita", "POST", f"{one}/comments", 201, {"body": "please"})
    place.ask("rita", "POST", f"{one}/labels", 403, {"labels": ["bug"]})
    assert place.ask("rita", "PATCH", one, json={"state": "closed", "labels": ["bug"]})["labels"] == []
    other = f"{ISSUES}/{opened(place)['number']}"
    place.ask("rita", "PATCH", other, 403, {"title": "Mine"})
    assert place.ask("rita", "POST", f"{other}/assignees", 201, {"assignees": ["ada"]})["assignees"] == []
    place.ask("rita", "PUT", f"{other}/lock", 403)
    place.ask("", "POST", ISSUES, 401, {"title": "Nobody's"})


def test_who_triages_sets_labels_and_states_but_not_texts(place: Place) -> None:
    place.ask("will", "POST", LABELS, 201, {"name": "bug"})
    one = f"{ISSUES}/{opened(place)['number']}"
    assert place.ask("tom", "PATCH", one, json={"labels": ["bug"], "state": "closed"})["state_reason"] == "completed"
    place.ask("tom", "PATCH", one, 403, {"title": "Another"})
    place.ask("tom", "POST", f"{one}/labels", 403, {"labels": ["never seen"]})


def test_an_app_writes_as_its_bot_within_its_permissions(place: Place) -> None:
    issue = opened(place, "app")
    assert (issue["user"]["login"], issue["user"]["type"]) == ("checker[bot]", "Bot")
    assert issue["performed_via_github_app"]["slug"] == "checker"
    comment = place.ask("app", "POST", f"{ISSUES}/{issue['number']}/comments", 201, {"body": "At work"})
    assert comment["performed_via_github_app"]["slug"] == "checker"
    place.ask("reading app", "GET", f"{ISSUES}/{issue['number']}")
    place.ask("reading app", "POST", ISSUES, 403, {"title": "Not allowed"})
    place.ask("reading app", "POST", f"{ISSUES}/{issue['number']}/comments", 403, {"body": "x"})
    place.ask("reading app", "PUT", f"{ISSUES}/{issue['number']}/labels", 403, {"labels": ["x"]})


def test_a_token_for_pull_requests_comments_on_those_alone(place: Place) -> None:
    sha = place.ask("ada", "GET", "/repos/ada/calc/git/ref/heads/main")["object"]["sha"]
    place.ask("ada", "POST", "/repos/ada/calc/git/refs", 201, {"ref": "refs/heads/feature", "sha": sha})
    file = {"message": "Add x", "content": "eA==", "branch": "feature"}
    place.ask("ada", "PUT", "/repos/ada/calc/contents/x", 201, file)
    pull = {"title": "Add x", "head": "feature", "base": "main"}
    number = place.ask("ada", "POST", "/repos/ada/calc/pulls", 201, pull)["number"]
    place.ask("reading app", "POST", f"{ISSUES}/{number}/comments", 201, {"body": "Looks good"})
    place.ask("reading app", "POST", f"{ISSUES}/{number}/labels", json={"labels": ["tdev"]})
    place.ask("app", "POST", f"{ISSUES}/{number}/comments", 201, {"body": "So it does"})
    assert place.told("pull_request", "labeled")[0].payload["label"]["name"] == "tdev"
    comment = place.told("issue_comment", "created", 2)[-1].payload
    assert comment["issue"]["pull_request"]["html_url"].endswith(f"/pull/{number}")
    listed = place.ask("ada", "GET", ISSUES)
    assert [one["number"] for one in listed if "pull_request" in one] == [number]


def test_comments_are_changed_by_their_author_or_who_writes_and_told(place: Place) -> None:
    one = f"{ISSUES}/{opened(place)['number']}/comments"
    mine = place.ask("rita", "POST", one, 201, {"body": "first"})["id"]
    place.ask("tom", "PATCH", f"{ISSUES}/comments/{mine}", 403, {"body": "x"})
    place.ask("rita", "PATCH", f"{ISSUES}/comments/{mine}", json={"body": "second"})
    edited = place.told("issue_comment", "edited")[0].payload
    assert edited["changes"] == {"body": {"from": "first"}} and edited["comment"]["body"] == "second"
    place.ask("will", "DELETE", f"{ISSUES}/comments/{mine}", 204)
    assert place.told("issue_comment", "deleted")[0].payload["comment"]["id"] == mine
    place.ask("rita", "GET", f"{ISSUES}/comments/{mine}", 404)


def test_texts_have_githubs_limits(place: Place) -> None:
    number = opened(place, body="x" * 65_536)["number"]
    refused = place.ask("ada", "POST", f"{ISSUES}/{number}/comments", 422, {"body": "x" * 65_537})
    assert refused["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"
    place.ask("ada", "POST", ISSUES, 422, {"title": "x" * 257})
    place.ask("ada", "POST", ISSUES, 422, {"title": "   "})
    place.ask("ada", "POST", f"{ISSUES}/{number}/comments", 422, {"body": " \n"})
    place.ask("ada", "POST", f"{ISSUES}/{number}/comments", 422, {"body": 7})


def test_a_locked_conversation_takes_comments_of_people_with_a_role(place: Place) -> None:
    one = f"{ISSUES}/{opened(place)['number']}"
    place.ask("will", "PUT", f"{one}/lock", 204, {"lock_reason": "too heated"})
    assert place.ask("rita", "GET", one)["active_lock_reason"] == "too heated"
    place.ask("rita", "POST", f"{one}/comments", 403, {"body": "but"})
    place.ask("rita", "POST", f"{one}/reactions", 403, {"content": "-1"})
    place.ask("tom", "POST", f"{one}/comments", 201, {"body": "Enough."})
    place.ask("will", "DELETE", f"{one}/lock", 204)
    place.ask("rita", "POST", f"{one}/comments", 201, {"body": "thanks"})


def test_a_reaction_is_made_once_and_taken_back_by_who_gave_it(place: Place) -> None:
    one = f"{ISSUES}/{opened(place)['number']}"
    made = place.ask("rita", "POST", f"{one}/reactions", 201, {"content": "eyes"})
    assert place.ask("rita", "POST", f"{one}/reactions", 200, {"content": "eyes"})["id"] == made["id"]
    place.ask("app", "POST", f"{one}/reactions", 201, {"content": "eyes"})
    assert place.ask("ada", "GET", one)["reactions"]["eyes"] == 2
    place.ask("tom", "DELETE", f"{one}/reactions/{made['id']}", 403)
    place.ask("rita", "DELETE", f"{one}/reactions/{made['id']}", 204)
    assert place.ask("ada", "GET", one)["reactions"]["total_count"] == 1


def test_lists_are_filtered_sorted_and_paged(place: Place) -> None:
    place.ask("will", "POST", LABELS, 201, {"name": "Bug"})
    first = opened(place, labels=["bug", "ui"], assignees=["will"])["number"]
    second = opened(place, labels=["BUG"], body="for @tom, not @tomas")["number"]
    third = opened(place, "rita")["number"]
    place.ask("ada", "POST", f"{ISSUES}/{first}/comments", 201, {"body": "1"})
    place.ask("ada", "PATCH", f"{ISSUES}/{third}", json={"state": "closed", "state_reason": "not_planned"})

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in place.ask("", "GET", f"{ISSUES}?{query}")]

    assert numbers("") == [second, first]
    assert numbers("state=all&direction=asc") == [first, second, third]
    assert numbers("labels=bug") == [second, first]
    assert numbers("labels=bug,ui") == [first]
    assert numbers("assignee=will") == [first] and numbers("assignee=none") == [second]
    assert numbers("creator=rita&state=closed") == [third]
    assert numbers("mentioned=tom") == [second] and numbers("mentioned=tomas") == [second]
    assert numbers("sort=comments") == [first, second]
    assert numbers("since=2999-01-01T00:00:00Z") == []
    status, _, headers = place.forge.request("GET", f"{ISSUES}?state=all&per_page=2")
    assert status == 200 and 'rel="next"' in headers["link"] and 'rel="last"' in headers["link"]
    for wrong in ("state=ajar", "sort=size", "direction=up", "since=yesterday"):
        place.ask("", "GET", f"{ISSUES}?{wrong}", 422)


def test_a_closed_issue_says_who_closed_it_and_forgets_when_it_is_open_again(place: Place) -> None:
    one = f"{ISSUES}/{opened(place)['number']}"
    closed = place.ask("will", "PATCH", one, json={"state": "closed"})
    assert (closed["closed_by"]["login"], closed["state_reason"]) == ("will", "completed")
    place.ask("will", "PATCH", one, json={"state": "closed"})
    again = place.ask("will", "PATCH", one, json={"state": "open"})
    assert (again["closed_by"], again["closed_at"], again["state_reason"]) == (None, None, "reopened")
    place.told("issues", "reopened")
    assert len([one for one in place.receiver.came if one.payload.get("action") == "closed"]) == 1


def test_a_label_is_renamed_everywhere_and_deleted_everywhere(place: Place) -> None:
    number = opened(place, labels=["bug"])["number"]
    place.ask("will", "PATCH", f"{LABELS}/bug", json={"new_name": "defect", "color": "#AA00BB"})
    assert place.ask("ada", "GET", f"{ISSUES}/{number}")["labels"][0]["name"] == "defect"
    edited = place.told("label", "edited")[0].payload
    assert edited["changes"]["name"] == {"from": "bug"} and edited["label"]["color"] == "aa00bb"
    place.ask("will", "DELETE", f"{LABELS}/Defect", 204)
    assert place.ask("ada", "GET", f"{ISSUES}/{number}")["labels"] == []
    place.ask("will", "POST", LABELS, 422, {"name": "x", "color": "red"})
    place.ask("rita", "POST", LABELS, 403, {"name": "x"})


def test_a_private_repository_is_not_there_for_strangers(place: Place) -> None:
    place.forge.repository("ada", "secret", private=True)
    place.ask("rita", "GET", "/repos/ada/secret/issues", 404)
    place.ask("", "POST", "/repos/ada/secret/issues", 401, {"title": "x"})
    place.ask("rita", "POST", "/repos/ada/secret/issues", 404, {"title": "x"})


def test_the_history_says_who_did_what(place: Place) -> None:
    number = opened(place)["number"]
    one = f"{ISSUES}/{number}"
    place.ask("app", "POST", f"{one}/labels", json={"labels": ["tdev:build"]})
    place.ask("will", "PATCH", one, json={"title": "Wrong sums", "assignees": ["tom"]})
    place.ask("tom", "PATCH", one, json={"state": "closed", "state_reason": "not_planned"})
    events = place.ask("ada", "GET", f"{one}/events")
    assert [(event["event"], event["actor"]["login"]) for event in events] == [
        ("labeled", "checker[bot]"),
        ("renamed", "will"),
        ("assigned", "will"),
        ("closed", "tom"),
    ]
    assert events[0]["label"]["name"] == "tdev:build"
    assert events[0]["performed_via_github_app"]["slug"] == "checker"
    assert events[1]["rename"] == {"from": "Wrong sum", "to": "Wrong sums"}
    assert events[2]["assignee"]["login"] == "tom"
    newest = place.ask("ada", "GET", f"{ISSUES}/events")[0]
    assert newest["issue"]["number"] == number and newest["state_reason"] == "not_planned"
    assert place.ask("ada", "GET", f"{ISSUES}/events/{newest['id']}")["event"] == "closed"
