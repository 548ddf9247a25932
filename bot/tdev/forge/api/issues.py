"""Issues of a repository: their document, listing, opening, reading, changing and locking.

Follows "REST API endpoints for issues"; pull requests are listed among them, with `pull_request` to
tell them apart. Who reads may open an issue; labels and assignees from somebody without the rights
are dropped without a word. Opening and changing tell `issues`, or `pull_request` for a pull request.
Types, sub-issues, dependencies, transfer and milestones are left out.
"""

from __future__ import annotations

from typing import Any

from tdev.forge.access.permissions import may_triage
from tdev.forge.answers import Answer, forbidden, invalid
from tdev.forge.api.accounts import association, user_document, user_or_none
from tdev.forge.api.assignees import assignees_of, set_assignees
from tdev.forge.api.assignees import rows_for as assignee_rows
from tdev.forge.api.conversations import (
    LONGEST_TITLE,
    announce,
    app_of,
    check_text,
    check_write,
    has_role,
    issue_of,
)
from tdev.forge.api.integrations import app_or_none
from tdev.forge.api.issue_search import matching
from tdev.forge.api.labels import label_document, labels_of, set_labels
from tdev.forge.api.labels import rows_for as label_rows
from tdev.forge.api.reactions import rollup
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, next_number, repository_by_id

_CLOSING = ("completed", "not_planned", "duplicate")
_LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


def issue_row(store: Store, issue_id: int) -> Row:
    """The issue with an id that is known to exist."""
    row = store.one("SELECT * FROM issues WHERE id = ?", issue_id)
    if row is None:
        raise KeyError(issue_id)
    return row


def issue_document(store: Store, issue: Row) -> Json:
    """An issue, or a pull request seen as one (`issue`)."""
    repository = repository_by_id(store, issue["repository_id"])
    home = api_url(store, repository)
    url = f"{home}/issues/{issue['number']}"
    pull = store.one("SELECT * FROM pulls WHERE issue_id = ?", issue["id"])
    page = f"{html_url(store, repository)}/{'pull' if pull is not None else 'issues'}/{issue['number']}"
    assignees = assignees_of(store, issue["id"])
    document = {
        "id": issue["id"],
        "node_id": f"{'PR' if pull is not None else 'I'}_forge{issue['id']}",
        "url": url,
        "repository_url": home,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": page,
        "number": issue["number"],
        "title": issue["title"],
        "body": issue["body"],
        "user": user_or_none(store, issue["user_id"]),
        "author_association": association(store, repository, issue["user_id"]),
        "state": issue["state"],
        "state_reason": issue["state_reason"],
        "labels": labels_of(store, issue["id"]),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "locked": bool(issue["locked"]),
        "active_lock_reason": issue["lock_reason"],
        "comments": store.value("SELECT count(*) FROM comments WHERE issue_id = ?", issue["id"]),
        **{name: issue[name] for name in ("created_at", "updated_at", "closed_at")},
        "closed_by": user_or_none(store, issue["closed_by"]),
        "reactions": rollup(store, "issue", issue["id"], url),
        "performed_via_github_app": app_or_none(store, issue["app_id"]),
    }
    return document if pull is None else {**document, **_as_pull(pull, page, f"{home}/pulls/{issue['number']}")}


def _as_pull(pull: Row, page: str, url: str) -> Json:
    """What tells a pull request among issues."""
    links = {"url": url, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
    return {"draft": bool(pull["draft"]), "pull_request": {**links, "merged_at": pull["merged_at"]}}


def full_issue(store: Store, issue_id: int) -> Json:
    """The document of the issue as it stands now."""
    return issue_document(store, issue_row(store, issue_id))


async def list_issues(call: Call) -> Answer:
    """Issues and pull requests by state, labels, people and age."""
    return call.page(matching(call), lambda row: issue_document(call.store, row))


async def get_issue(call: Call) -> Answer:
    """An issue or pull request by number."""
    return Answer(issue_document(call.store, issue_of(call)))


def _title(call: Call) -> str:
    """The title of the body; 422 where it is blank or too long."""
    value = call.document.get("title")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise invalid("Issue", "title", "missing_field" if value is None else "invalid")
    title = check_text("Issue", "title", str(value).strip(), LONGEST_TITLE)
    if not title:
        raise invalid("Issue", "title", "missing_field")
    return title


def _body(call: Call) -> str | None:
    """The text of the body; None for none."""
    return check_text("Issue", "body", call.text("body", resource="Issue", default="")) or None


def _assignee_names(call: Call) -> list[str]:
    """The logins of `assignees` and of the older `assignee`."""
    one = call.text("assignee", resource="Issue", default="")
    return [*call.names("assignees", resource="Issue"), *([one] if one else [])]


async def create_issue(call: Call) -> Answer:
    """Open an issue."""
    title, body = _title(call), _body(call)
    triage = may_triage(call.store, call.actor, call.repository)
    assignees = assignee_rows(call, _assignee_names(call)) if triage else []
    now = call.store.now()
    with call.store.transaction():
        labels = label_rows(call, call.names("labels", resource="Issue")) if triage else []
        number = call.store.insert(
            "issues",
            repository_id=call.repository["id"],
            number=next_number(call.store, call.repository["id"]),
            title=title,
            body=body,
            user_id=call.user["id"],
            app_id=app_of(call),
            created_at=now,
            updated_at=now,
        )
        for row in labels:
            call.store.run("INSERT INTO issue_labels VALUES (?, ?)", number, row["id"])
        for row in assignees:
            call.store.run("INSERT INTO assignees VALUES (?, ?)", number, row["id"])
        _tell_opened(call, number, labels, assignees)
    document = full_issue(call.store, number)
    return Answer(document, 201, headers={"Location": document["url"]})


def _tell_opened(call: Call, issue_id: int, labels: list[Row], assignees: list[Row]) -> None:
    """Queue the events of a new issue: opened first, then one for each label and assignee it came with."""

    def tell(action: str, more: Json | None = None) -> None:
        announce(call.store, call.repository, issue_id, action, call.actor.user_id, more)

    tell("opened")
    for row in labels:
        tell("labeled", {"label": label_document(call.store, row)})
    for row in assignees:
        tell("assigned", {"assignee": user_document(call.store, row)})


async def update_issue(call: Call) -> Answer:
    """Change title, body, state, labels and assignees of an issue or pull request."""
    issue = issue_of(call)
    check_write(call, issue)
    triage = may_triage(call.store, call.actor, call.repository)
    if issue["user_id"] != call.actor.user_id and not triage:
        raise forbidden("Must have admin rights to Repository.")
    text, state = _text_changes(call, issue), _state_changes(call, issue)
    if text and issue["user_id"] != call.actor.user_id and not has_role(call, "write"):
        raise forbidden("Must have admin rights to Repository.")
    assignees = assignee_rows(call, _assignee_names(call)) if triage and _names_assignees(call) else None
    with call.store.transaction():
        labels = (
            label_rows(call, call.names("labels", resource="Issue")) if triage and "labels" in call.document else None
        )
        if text or state:
            call.store.update("issues", issue["id"], **text, **state, updated_at=call.store.now())
        _tell_changes(call, issue, text, state)
        if labels is not None:
            set_labels(call, issue["id"], labels)
        if assignees is not None:
            set_assignees(call, issue["id"], assignees)
    return Answer(full_issue(call.store, issue["id"]))


def _names_assignees(call: Call) -> bool:
    """The body says something about assignees."""
    return "assignees" in call.document or "assignee" in call.document


def _text_changes(call: Call, issue: Row) -> dict[str, Any]:
    """The columns title and body, as far as the request changes them."""
    wanted: dict[str, Any] = {}
    if call.document.get("title") is not None:
        wanted["title"] = _title(call)
    if "body" in call.document:
        wanted["body"] = _body(call)
    return {name: value for name, value in wanted.items() if value != issue[name]}


def _state_changes(call: Call, issue: Row) -> dict[str, Any]:
    """The columns about the state, as far as the request changes them."""
    state = call.text("state", resource="Issue", default=issue["state"])
    reason = call.text("state_reason", resource="Issue", default="")
    if state not in ("open", "closed"):
        raise invalid("Issue", "state")
    if reason and reason not in ((*_CLOSING,) if state == "closed" else ("reopened",)):
        raise invalid("Issue", "state_reason")
    pull = call.store.one("SELECT merged_at FROM pulls WHERE issue_id = ?", issue["id"])
    if pull is not None:
        if pull["merged_at"] and state == "open":
            raise invalid("Issue", "state", "custom", "The pull request cannot be reopened.")
        reason = ""
    elif state == "closed":
        reason = reason or (issue["state_reason"] if issue["state"] == "closed" else "") or "completed"
    elif issue["state"] == "closed":
        reason = "reopened"
    if state == issue["state"]:
        return {"state_reason": reason} if reason and reason != issue["state_reason"] else {}
    closed = state == "closed"
    return {
        "state": state,
        "state_reason": reason or None,
        "closed_at": call.store.now() if closed else None,
        "closed_by": call.user["id"] if closed else None,
    }


def _tell_changes(call: Call, issue: Row, text: dict[str, Any], state: dict[str, Any]) -> None:
    """Queue edited, and closed or reopened, for what an update has changed."""
    if text:
        told = {name: {"from": issue[name] or ""} for name in text}
        announce(call.store, call.repository, issue["id"], "edited", call.actor.user_id, {"changes": told})
    if "state" in state:
        action = "closed" if state["state"] == "closed" else "reopened"
        announce(call.store, call.repository, issue["id"], action, call.actor.user_id)


async def lock_issue(call: Call) -> Answer:
    """Let only people with a role in the repository comment on an issue or pull request."""
    return _lock(call, True)


async def unlock_issue(call: Call) -> Answer:
    """Let everybody who reads comment again."""
    return _lock(call, False)


def _lock(call: Call, wanted: bool) -> Answer:
    """Set the lock, and tell of it when it changed."""
    issue = issue_of(call)
    check_write(call, issue)
    if not has_role(call, "write"):
        raise forbidden("Must have admin rights to Repository.")
    reason = call.text("lock_reason", resource="Issue", default="") if wanted else ""
    if reason and reason not in _LOCK_REASONS:
        raise invalid("Issue", "lock_reason")
    call.store.update("issues", issue["id"], locked=int(wanted), lock_reason=reason or None)
    if bool(issue["locked"]) != wanted:
        announce(call.store, call.repository, issue["id"], "locked" if wanted else "unlocked", call.actor.user_id)
    return Answer(status=204)


_ISSUES = "/repos/{owner}/{repo}/issues"
_ISSUE = f"{_ISSUES}/{{issue_number}}"
_OPEN = "issues:open|pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _ISSUES, "issues:read", list_issues),
    ("POST", _ISSUES, "issues:open", create_issue),
    ("GET", _ISSUE, "issues:read|pull_requests:read", get_issue),
    ("PATCH", _ISSUE, _OPEN, update_issue),
    ("PUT", f"{_ISSUE}/lock", _OPEN, lock_issue),
    ("DELETE", f"{_ISSUE}/lock", _OPEN, unlock_issue),
)
"""Every row."""
