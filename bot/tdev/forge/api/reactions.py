"""Reactions to issues, pull requests and comments.

Follows "REST API endpoints for reactions". The same account's same reaction is made once: again
answers 200 with the one there is. Only who reacted takes a reaction back. GitHub sends no event for
reactions, so neither does the forge. Reactions to commits, releases and review comments are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, forbidden, invalid, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.conversations import check_unlocked, check_write, has_role, issue_by_id, issue_of
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, user_by_id

CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def rollup(store: Store, subject: str, subject_id: int, url: str) -> Json:
    """How often each reaction was given to a subject (`issue` or `comment`), as its document holds it."""
    sql = "SELECT content, count(*) FROM reactions WHERE subject = ? AND subject_id = ? GROUP BY content"
    counts = {row[0]: row[1] for row in store.all(sql, subject, subject_id)}
    numbers = {content: counts.get(content, 0) for content in CONTENTS}
    return {"url": f"{url}/reactions", "total_count": sum(numbers.values()), **numbers}


def reaction_document(store: Store, reaction: Row) -> Json:
    """A reaction."""
    return {
        "id": reaction["id"],
        "node_id": f"REA_forge{reaction['id']}",
        "user": user_document(store, user_by_id(store, reaction["user_id"])),
        "content": reaction["content"],
        "created_at": reaction["created_at"],
    }


def _of_comment(call: Call) -> tuple[str, int, Row]:
    """The subject's kind and id, and the issue it belongs to."""
    sql = "SELECT * FROM comments WHERE id = ? AND repository_id = ?"
    comment = call.store.one(sql, call.number("comment_id"), call.repository["id"])
    if comment is None:
        raise not_found()
    return "comment", comment["id"], issue_by_id(call, comment["issue_id"])


def _of_issue(call: Call) -> tuple[str, int, Row]:
    """The subject's kind and id, and the issue itself."""
    issue = issue_of(call)
    return "issue", issue["id"], issue


def _content(call: Call) -> str:
    """The reaction of the body; 422 for one that GitHub has not."""
    content = call.text("content", resource="Reaction")
    if content not in CONTENTS:
        raise invalid("Reaction", "content")
    return content


def _create(call: Call, subject: tuple[str, int, Row]) -> Answer:
    """React, or find the reaction there is."""
    kind, number, issue = subject
    check_write(call, issue)
    check_unlocked(call, issue)
    content = _content(call)
    sql = "SELECT * FROM reactions WHERE subject = ? AND subject_id = ? AND user_id = ? AND content = ?"
    key = (kind, number, call.user["id"], content)
    found = call.store.one(sql, *key)
    if found is None:
        add = "INSERT INTO reactions (subject, subject_id, user_id, content, created_at) VALUES (?, ?, ?, ?, ?)"
        call.store.run(add, *key, call.store.now())
    row = call.store.one(sql, *key)
    if row is None:
        raise not_found()
    return Answer(reaction_document(call.store, row), 200 if found is not None else 201)


def _list(call: Call, subject: tuple[str, int, Row]) -> Answer:
    """A subject's reactions."""
    content = call.query.get("content")
    if content is not None and content not in CONTENTS:
        raise invalid("Reaction", "content")
    sql = "SELECT * FROM reactions WHERE subject = ? AND subject_id = ? ORDER BY id"
    rows = [row for row in call.store.all(sql, *subject[:2]) if content in (None, row["content"])]
    return call.page(rows, lambda row: reaction_document(call.store, row))


def _delete(call: Call, subject: tuple[str, int, Row]) -> Answer:
    """Take one's own reaction back; an administrator may take anyone's."""
    check_write(call, subject[2])
    sql = "SELECT * FROM reactions WHERE id = ? AND subject = ? AND subject_id = ?"
    row = call.store.one(sql, call.number("reaction_id"), *subject[:2])
    if row is None:
        raise not_found()
    if row["user_id"] != call.actor.user_id and not has_role(call, "admin"):
        raise forbidden("You cannot delete this reaction.")
    call.store.run("DELETE FROM reactions WHERE id = ?", row["id"])
    return Answer(status=204)


async def create_for_issue(call: Call) -> Answer:
    """React to an issue or pull request: 201, or 200 when the caller has already."""
    return _create(call, _of_issue(call))


async def list_for_issue(call: Call) -> Answer:
    """The reactions to an issue, or those with one `content`."""
    return _list(call, _of_issue(call))


async def delete_for_issue(call: Call) -> Answer:
    """Take a reaction to an issue back."""
    return _delete(call, _of_issue(call))


async def create_for_comment(call: Call) -> Answer:
    """React to a comment: 201, or 200 when the caller has already."""
    return _create(call, _of_comment(call))


async def list_for_comment(call: Call) -> Answer:
    """The reactions to a comment, or those with one `content`."""
    return _list(call, _of_comment(call))


async def delete_for_comment(call: Call) -> Answer:
    """Take a reaction to a comment back."""
    return _delete(call, _of_comment(call))


_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/reactions"
_COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions"
_READ, _OPEN = "issues:read|pull_requests:read", "issues:open|pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _ISSUE, _READ, list_for_issue),
    ("POST", _ISSUE, _OPEN, create_for_issue),
    ("DELETE", f"{_ISSUE}/{{reaction_id}}", _OPEN, delete_for_issue),
    ("GET", _COMMENT, _READ, list_for_comment),
    ("POST", _COMMENT, _OPEN, create_for_comment),
    ("DELETE", f"{_COMMENT}/{{reaction_id}}", _OPEN, delete_for_comment),
)
"""Every row."""
