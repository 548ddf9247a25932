"""The history of issues and pull requests.

Follows "REST API endpoints for issue events". Comes in: the rows that forge/issue_history.py keeps. Goes out:
`issue-event` documents; a repository's list and a single event hold their issue too. The timeline is left out.
"""

from __future__ import annotations

import json

from tdev.forge.answers import Answer, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.conversations import issue_of
from tdev.forge.api.integrations import app_or_none
from tdev.forge.api.issues import full_issue
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id


def event_document(store: Store, event: Row) -> Json:
    """An event without its issue."""
    home = api_url(store, repository_by_id(store, event["repository_id"]))
    actor = user_document(store, user_by_id(store, event["actor_id"]))
    more = json.loads(event["document"])
    commit = more.pop("commit_id", None)
    app_id = store.value("SELECT id FROM apps WHERE bot_id = ?", event["actor_id"])
    return {
        "id": event["id"],
        "node_id": f"E_forge{event['id']}",
        "url": f"{home}/issues/events/{event['id']}",
        "actor": actor,
        "event": event["event"],
        "commit_id": commit,
        "commit_url": f"{home}/commits/{commit}" if commit else None,
        "created_at": event["created_at"],
        "performed_via_github_app": app_or_none(store, app_id),
        **_people(store, more, actor),
    }


def _people(store: Store, more: Json, actor: Json) -> Json:
    """What else the document holds, with accounts in the place of their ids."""
    more = dict(more)
    if "assignee_id" in more:
        return {"assignee": user_document(store, user_by_id(store, more["assignee_id"])), "assigner": actor}
    if "reviewer_id" in more:
        reviewer = user_document(store, user_by_id(store, more["reviewer_id"]))
        return {"review_requester": actor, "requested_reviewer": reviewer}
    return more


def _with_issue(store: Store, event: Row) -> Json:
    """An event with its issue."""
    return {**event_document(store, event), "issue": full_issue(store, event["issue_id"])}


async def list_of_issue(call: Call) -> Answer:
    """What happened to an issue or pull request, oldest first."""
    rows = call.store.all("SELECT * FROM issue_events WHERE issue_id = ? ORDER BY id", issue_of(call)["id"])
    return call.page(rows, lambda row: event_document(call.store, row))


async def list_of_repository(call: Call) -> Answer:
    """What happened to the issues and pull requests of a repository, newest first."""
    sql = "SELECT * FROM issue_events WHERE repository_id = ? ORDER BY id DESC"
    return call.page(call.store.all(sql, call.repository["id"]), lambda row: _with_issue(call.store, row))


async def get_event(call: Call) -> Answer:
    """One event by id."""
    sql = "SELECT * FROM issue_events WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("event_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return Answer(_with_issue(call.store, row))


_ISSUES = "/repos/{owner}/{repo}/issues"
_READ = "issues:read|pull_requests:read"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_ISSUES}/events", _READ, list_of_repository),
    ("GET", f"{_ISSUES}/events/{{event_id}}", _READ, get_event),
    ("GET", f"{_ISSUES}/{{issue_number}}/events", _READ, list_of_issue),
)
"""Every row."""
