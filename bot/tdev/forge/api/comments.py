"""Comments on issues and pull requests.

Follows "REST API endpoints for issue comments". Who reads may comment, unless the conversation is
locked; a comment is changed and deleted by its author or by who may write. Each change tells
`issue_comment`. Pinning, minimising and comments on lines of a diff are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, forbidden, invalid, not_found
from tdev.forge.api.accounts import association, user_or_none
from tdev.forge.api.conversations import (
    app_of,
    check_text,
    check_unlocked,
    check_write,
    has_role,
    issue_by_id,
    issue_of,
    order_of,
    since_of,
)
from tdev.forge.api.integrations import app_or_none
from tdev.forge.api.reactions import rollup
from tdev.forge.api.repositories import api_url, html_url
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.store import Json, Row, Store, repository_by_id


def comment_document(store: Store, comment: Row) -> Json:
    """A comment (`issue-comment`)."""
    repository = repository_by_id(store, comment["repository_id"])
    issue = store.one("SELECT * FROM issues WHERE id = ?", comment["issue_id"])
    if issue is None:
        raise KeyError(comment["issue_id"])
    kind = "pull" if store.value("SELECT 1 FROM pulls WHERE issue_id = ?", issue["id"]) else "issues"
    url = f"{api_url(store, repository)}/issues/comments/{comment['id']}"
    return {
        "id": comment["id"],
        "node_id": f"IC_forge{comment['id']}",
        "url": url,
        "html_url": f"{html_url(store, repository)}/{kind}/{issue['number']}#issuecomment-{comment['id']}",
        "issue_url": f"{api_url(store, repository)}/issues/{issue['number']}",
        "user": user_or_none(store, comment["user_id"]),
        "created_at": comment["created_at"],
        "updated_at": comment["updated_at"],
        "body": comment["body"],
        "author_association": association(store, repository, comment["user_id"]),
        "reactions": rollup(store, "comment", comment["id"], url),
        "performed_via_github_app": app_or_none(store, comment["app_id"]),
    }


def _row(call: Call, number: int) -> Row:
    """A comment of the repository by id."""
    sql = "SELECT * FROM comments WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, number, call.repository["id"])
    if row is None:
        raise not_found()
    return row


def _found(call: Call) -> tuple[Row, Row]:
    """The comment of the path and its issue."""
    comment = _row(call, call.number("comment_id"))
    return comment, issue_by_id(call, comment["issue_id"])


def _body(call: Call) -> str:
    """The text of the request; 422 where it is blank or too long."""
    text = check_text("IssueComment", "body", call.text("body", resource="IssueComment"))
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")
    return text


def _tell(call: Call, issue_id: int, action: str, comment: Json, changes: Json | None = None) -> None:
    """Queue `issue_comment.<action>`."""
    from tdev.forge.api.issues import issue_document

    payload = {"issue": issue_document(call.store, issue_by_id(call, issue_id)), "comment": comment}
    more = {"changes": changes} if changes is not None else {}
    emit(call.store, call.repository, "issue_comment", action, {**payload, **more}, sender_id=call.actor.user_id)


async def list_of_issue(call: Call) -> Answer:
    """The comments of an issue or pull request, oldest first; `since` leaves out older ones."""
    sql = "SELECT * FROM comments WHERE issue_id = ? AND updated_at >= ? ORDER BY id"
    rows = call.store.all(sql, issue_of(call)["id"], since_of(call))
    return call.page(rows, lambda row: comment_document(call.store, row))


async def list_of_repository(call: Call) -> Answer:
    """The comments of a repository, by `sort`, `direction` and `since`."""
    order = order_of(call, default="asc")
    sql = f"SELECT * FROM comments WHERE repository_id = ? AND updated_at >= ? ORDER BY {order}"  # noqa: S608
    rows = call.store.all(sql, call.repository["id"], since_of(call))
    return call.page(rows, lambda row: comment_document(call.store, row))


async def create_comment(call: Call) -> Answer:
    """Comment on an issue or pull request."""
    issue = issue_of(call)
    check_write(call, issue)
    check_unlocked(call, issue)
    text = _body(call)
    now = call.store.now()
    with call.store.transaction():
        number = call.store.insert(
            "comments",
            repository_id=call.repository["id"],
            issue_id=issue["id"],
            user_id=call.user["id"],
            app_id=app_of(call),
            body=text,
            created_at=now,
            updated_at=now,
        )
        call.store.update("issues", issue["id"], updated_at=now)
        document = comment_document(call.store, _row(call, number))
        _tell(call, issue["id"], "created", document)
    return Answer(document, 201, headers={"Location": document["url"]})


async def get_comment(call: Call) -> Answer:
    """A comment by id."""
    return Answer(comment_document(call.store, _found(call)[0]))


def _check_own(call: Call, comment: Row, issue: Row) -> None:
    """403 unless the caller wrote the comment or may write to the repository."""
    check_write(call, issue)
    if comment["user_id"] != call.actor.user_id and not has_role(call, "write"):
        raise forbidden("Must have admin rights to Repository.")


async def update_comment(call: Call) -> Answer:
    """Change a comment's text."""
    comment, issue = _found(call)
    _check_own(call, comment, issue)
    text = _body(call)
    with call.store.transaction():
        call.store.update("comments", comment["id"], body=text, updated_at=call.store.now())
        document = comment_document(call.store, _row(call, comment["id"]))
        if text != comment["body"]:
            _tell(call, issue["id"], "edited", document, {"body": {"from": comment["body"]}})
    return Answer(document)


async def delete_comment(call: Call) -> Answer:
    """Delete a comment and its reactions."""
    comment, issue = _found(call)
    _check_own(call, comment, issue)
    document = comment_document(call.store, comment)
    with call.store.transaction():
        call.store.run("DELETE FROM reactions WHERE subject = 'comment' AND subject_id = ?", comment["id"])
        call.store.run("DELETE FROM comments WHERE id = ?", comment["id"])
        _tell(call, issue["id"], "deleted", document)
    return Answer(status=204)


_ISSUES = "/repos/{owner}/{repo}/issues"
_READ, _OPEN = "issues:read|pull_requests:read", "issues:open|pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_ISSUES}/comments", _READ, list_of_repository),
    ("GET", f"{_ISSUES}/comments/{{comment_id}}", _READ, get_comment),
    ("PATCH", f"{_ISSUES}/comments/{{comment_id}}", _OPEN, update_comment),
    ("DELETE", f"{_ISSUES}/comments/{{comment_id}}", _OPEN, delete_comment),
    ("GET", f"{_ISSUES}/{{issue_number}}/comments", _READ, list_of_issue),
    ("POST", f"{_ISSUES}/{{issue_number}}/comments", _OPEN, create_comment),
)
"""Every row."""
