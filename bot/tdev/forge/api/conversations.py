"""What issues, comments, labels and reactions share: finding the issue, who may touch it, telling of it.

A pull request is an issue with a row in `pulls`, as on GitHub: both have comments, labels and
assignees through the same addresses. An installation needs `issues:write` for an issue and either
that or `pull_requests:write` for a pull request; the routes let both through and the checks here
tell them apart. `announce` queues the event `issues` or `pull_request` for whatever changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from tdev.forge.access.permissions import holds, may_triage
from tdev.forge.answers import ApiError, forbidden, invalid, not_found
from tdev.forge.call import ROLES, Call, role_of
from tdev.forge.events import emit
from tdev.forge.store import Json, Row, Store, timestamp

LONGEST_TEXT = 65_536
"""Characters of a body."""
LONGEST_TITLE = 256
_TIMES = ("created_at", "updated_at")


def issue_of(call: Call) -> Row:
    """The issue or pull request of the path; 404 where there is none."""
    return _issue(call, "number = ?", call.number("issue_number"))


def issue_by_id(call: Call, issue_id: int) -> Row:
    """The issue of a comment."""
    return _issue(call, "id = ?", issue_id)


def _issue(call: Call, condition: str, value: int) -> Row:
    """An issue of the repository of the path; 404 where the token may read neither issues nor pull requests of it."""
    sql = f"SELECT * FROM issues WHERE repository_id = ? AND {condition}"  # noqa: S608
    row = call.store.one(sql, call.repository["id"], value)
    if row is None:
        raise not_found()
    if not _holds_for(call, row, "read"):
        raise forbidden()
    return row


def is_pull(store: Store, issue: Row) -> bool:
    """The issue is a pull request."""
    return store.value("SELECT 1 FROM pulls WHERE issue_id = ?", issue["id"]) is not None


def _holds_for(call: Call, issue: Row, level: str) -> bool:
    """The installation's token covers this issue or pull request; people's rights are their roles."""
    if call.actor.kind != "installation" or call.repository["id"] not in call.actor.repository_ids:
        return True
    names = ("issues", "pull_requests") if is_pull(call.store, issue) else ("issues",)
    return any(holds(call.actor, f"{name}:{level}") for name in names)


def check_write(call: Call, issue: Row) -> None:
    """403 unless the token may write to this issue at all (a person who reads may)."""
    if not _holds_for(call, issue, "write"):
        raise forbidden()


def check_triage(call: Call, issue: Row) -> None:
    """403 unless the caller may set labels and assignees of this issue."""
    check_write(call, issue)
    if not may_triage(call.store, call.actor, call.repository):
        raise forbidden("Must have admin rights to Repository.")


def has_role(call: Call, role: str) -> bool:
    """The caller has this role or a higher one; an installation that passed the route counts as `write`."""
    if call.actor.kind == "installation":
        return ROLES.index(role) <= ROLES.index("write")
    return ROLES.index(role_of(call.store, call.repository, call.actor.user_id)) >= ROLES.index(role)


def check_text(resource: str, name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    """The text; 422 when it is longer than GitHub takes."""
    if len(text) > longest:
        raise invalid(resource, name, "custom", f"{name} is too long (maximum is {longest} characters)")
    return text


def check_unlocked(call: Call, issue: Row) -> None:
    """403 when the conversation is locked and the caller has no role of their own in the repository."""
    if issue["locked"] and not has_role(call, "triage"):
        raise ApiError(HTTPStatus.FORBIDDEN, "Unable to create comment because issue is locked.")


def order_of(call: Call, *, default: str, sorts: tuple[str, ...] = ("created", "updated")) -> str:
    """The ORDER BY of a list: `sort` and `direction` of the query, `default` = the direction without one."""
    sort = call.query.get("sort", "created")
    direction = call.query.get("direction", default).lower()
    if sort not in sorts or direction not in ("asc", "desc"):
        field = "direction" if sort in sorts else "sort"
        raise invalid("Search", field)
    column = f"{sort}_at" if f"{sort}_at" in _TIMES else sort
    return f"{column} {direction}, id {direction}"


def since_of(call: Call) -> str:
    """The query's `since` as the store keeps times, or a time before all others; 422 where it is none."""
    word = call.query.get("since")
    if not word:
        return "0000"
    try:
        moment = datetime.fromisoformat(word.replace(" ", "+"))
    except ValueError as error:
        raise invalid("Search", "since") from error
    return timestamp(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())


def app_of(call: Call) -> int | None:
    """The App that writes, for what is kept with an author."""
    return call.actor.app_id if call.actor.kind == "installation" else None


def announce(
    store: Store, repository: Row, issue_id: int, action: str, sender_id: int, more: Json | None = None
) -> None:
    """Queue `issues.<action>`, or `pull_request.<action>` where it is a pull request."""
    from tdev.forge.api.issues import issue_document

    row = store.one("SELECT * FROM issues WHERE id = ?", issue_id)
    if row is None:
        raise KeyError(issue_id)
    if is_pull(store, row):
        from tdev.forge.api.pulls import pull_document

        payload = {"number": row["number"], "pull_request": pull_document(store, row), **(more or {})}
        emit(store, repository, "pull_request", action, payload, sender_id=sender_id)
    else:
        payload = {"issue": issue_document(store, row), **(more or {})}
        emit(store, repository, "issues", action, payload, sender_id=sender_id)
