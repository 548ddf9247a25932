"""Assignees of issues and pull requests.

Follows "REST API endpoints for assignees". Who has a role in the repository can be assigned; names of
others are dropped without a word, and so is everything asked by somebody without the rights, as on
GitHub. Each change tells `issues` or `pull_request` with assigned or unassigned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tdev.forge.access.permissions import may_triage
from tdev.forge.answers import Answer, invalid, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.conversations import announce, check_write, issue_of
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, user_by_login

MOST = 10
"""Assignees of one issue."""
_OF_ISSUE = "SELECT u.* FROM users u JOIN assignees a ON a.user_id = u.id WHERE a.issue_id = ? ORDER BY u.id"
_ASSIGNABLE = (
    "SELECT u.* FROM users u WHERE u.type = 'User' AND (u.id = ? OR EXISTS "
    "(SELECT 1 FROM collaborators c WHERE c.repository_id = ? AND c.user_id = u.id)) ORDER BY u.id"
)


def assignees_of(store: Store, issue_id: int) -> list[Json]:
    """The accounts an issue is assigned to."""
    return [user_document(store, row) for row in _rows(store, issue_id)]


def _rows(store: Store, issue_id: int) -> list[Row]:
    return store.all(_OF_ISSUE, issue_id)


def _assignable(call: Call) -> list[Row]:
    """Who can be assigned in the repository."""
    repository = call.repository
    return call.store.all(_ASSIGNABLE, repository["owner_id"], repository["id"])


def _named(call: Call) -> list[Row]:
    """The assignable accounts among the body's `assignees`."""
    wanted = {name.casefold() for name in call.names("assignees", resource="Issue")}
    return [row for row in _assignable(call) if row["login"].casefold() in wanted]


def rows_for(call: Call, names: Iterable[str]) -> list[Row]:
    """The accounts of these logins; 422 where one can't be assigned or there are more than ten."""
    possible = {row["login"].casefold(): row for row in _assignable(call)}
    wanted = list(dict.fromkeys(name.casefold() for name in names))
    if len(wanted) > MOST or not all(name in possible for name in wanted):
        raise invalid("Issue", "assignees")
    return [possible[name] for name in wanted]


def set_assignees(call: Call, issue_id: int, wanted: Sequence[Row]) -> None:
    """Assign an issue to these accounts alone; tells of each change."""
    before = {row["id"]: row for row in _rows(call.store, issue_id)}
    ids = {row["id"] for row in wanted}
    for row in wanted:
        if row["id"] not in before:
            call.store.run("INSERT OR IGNORE INTO assignees VALUES (?, ?)", issue_id, row["id"])
            _changed(call, issue_id, "assigned", row)
    for number, row in before.items():
        if number not in ids:
            call.store.run("DELETE FROM assignees WHERE issue_id = ? AND user_id = ?", issue_id, number)
            _changed(call, issue_id, "unassigned", row)


def _changed(call: Call, issue_id: int, action: str, user: Row) -> None:
    """Note and tell one assignment made or ended."""
    call.store.update("issues", issue_id, updated_at=call.store.now())
    more = {"assignee": user_document(call.store, user)}
    announce(call.store, call.repository, issue_id, action, call.actor.user_id, more)


async def list_assignable(call: Call) -> Answer:
    """Who can be assigned in a repository."""
    return call.page(_assignable(call), lambda row: user_document(call.store, row))


def _check(call: Call) -> Answer:
    """204 when the account of the path can be assigned, 404 when not."""
    user = user_by_login(call.store, call.path["assignee"])
    if user is None or user["id"] not in {row["id"] for row in _assignable(call)}:
        raise not_found()
    return Answer(status=204)


async def check_assignable(call: Call) -> Answer:
    """204 when an account can be assigned in a repository, 404 when not."""
    return _check(call)


async def check_assignable_to_issue(call: Call) -> Answer:
    """204 when an account can be assigned to an issue, 404 when not."""
    issue_of(call)
    return _check(call)


def _change(call: Call, *, add: bool) -> Row:
    """Assign or unassign the body's accounts, where the caller may; returns the issue as it then stands."""
    from tdev.forge.api.issues import issue_row

    issue = issue_of(call)
    check_write(call, issue)
    if may_triage(call.store, call.actor, call.repository):
        named = _named(call)
        before = _rows(call.store, issue["id"])
        ids = {row["id"] for row in named}
        others = [row for row in before if row["id"] not in ids]
        set_assignees(call, issue["id"], [*others, *named][:MOST] if add else others)
    return issue_row(call.store, issue["id"])


async def add_assignees(call: Call) -> Answer:
    """Assign up to ten accounts to an issue."""
    from tdev.forge.api.issues import issue_document

    return Answer(issue_document(call.store, _change(call, add=True)), 201)


async def remove_assignees(call: Call) -> Answer:
    """Take accounts off an issue."""
    from tdev.forge.api.issues import issue_document

    return Answer(issue_document(call.store, _change(call, add=False)))


_REPOSITORY = "/repos/{owner}/{repo}/assignees"
_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/assignees"
_READ, _OPEN = "issues:read|pull_requests:read", "issues:open|pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _REPOSITORY, _READ, list_assignable),
    ("GET", f"{_REPOSITORY}/{{assignee}}", _READ, check_assignable),
    ("GET", f"{_ISSUE}/{{assignee}}", _READ, check_assignable_to_issue),
    ("POST", _ISSUE, _OPEN, add_assignees),
    ("DELETE", _ISSUE, _OPEN, remove_assignees),
)
"""Every row."""
