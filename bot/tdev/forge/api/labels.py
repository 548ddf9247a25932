"""Labels of a repository and of its issues and pull requests.

Follows "REST API endpoints for labels". An unknown name that is set on an issue becomes a label of
the repository, as on GitHub, where the caller may write. Each change of a repository's labels tells
`label`, each change of an issue's labels tells `issues` or `pull_request` with labeled/unlabeled.
Archiving labels, and labels of milestones, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import quote

from tdev.forge.answers import Answer, forbidden, invalid, not_found
from tdev.forge.api.conversations import announce, check_triage, has_role, issue_of
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call, Handler
from tdev.forge.events import emit
from tdev.forge.store import Json, Row, Store, repository_by_id

_GREY = "ededed"
_COLOR = re.compile(r"[0-9A-Fa-f]{6}")
_LONGEST_NAME, _LONGEST_DESCRIPTION = 50, 100
_OF_ISSUE = (
    "SELECT l.* FROM labels l JOIN issue_labels i ON i.label_id = l.id WHERE i.issue_id = ? ORDER BY l.name, l.id"
)


def label_document(store: Store, label: Row) -> Json:
    """A label."""
    repository = repository_by_id(store, label["repository_id"])
    return {
        "id": label["id"],
        "node_id": f"LA_forge{label['id']}",
        "url": f"{api_url(store, repository)}/labels/{quote(label['name'], safe='')}",
        "name": label["name"],
        "color": label["color"],
        "default": bool(label["preset"]),
        "description": label["description"],
        "archived_at": None,
        "archived_by": None,
    }


def labels_of(store: Store, issue_id: int) -> list[Json]:
    """The labels of an issue, by name."""
    return [label_document(store, row) for row in store.all(_OF_ISSUE, issue_id)]


def _label_named(call: Call, name: str) -> Row | None:
    """A label of the repository; upper and lower case are alike."""
    return call.store.one("SELECT * FROM labels WHERE repository_id = ? AND name = ?", call.repository["id"], name)


def _label(call: Call) -> Row:
    """The label of the path."""
    row = _label_named(call, call.path["name"])
    if row is None:
        raise not_found()
    return row


def _checked_name(name: str) -> str:
    """The name without blanks around it; 422 where it is empty or too long."""
    name = name.strip()
    if not name:
        raise invalid("Label", "name", "missing_field")
    if len(name) > _LONGEST_NAME:
        raise invalid("Label", "name", "custom", f"name is too long (maximum is {_LONGEST_NAME} characters)")
    return name


def _checked_color(color: str) -> str:
    """The six hexadecimal digits, small; 422 for anything else."""
    color = color.removeprefix("#")
    if not _COLOR.fullmatch(color):
        raise invalid("Label", "color")
    return color.lower()


def _checked_description(text: str) -> str | None:
    """The description; 422 where it is too long."""
    if len(text) > _LONGEST_DESCRIPTION:
        message = f"description is too long (maximum is {_LONGEST_DESCRIPTION} characters)"
        raise invalid("Label", "description", "custom", message)
    return text or None


def _tell(call: Call, action: str, label: Json, changes: Json | None = None) -> None:
    """Queue `label.<action>`."""
    more = {"changes": changes} if changes is not None else {}
    emit(call.store, call.repository, "label", action, {"label": label, **more}, sender_id=call.actor.user_id)


def _add(call: Call, name: str, color: str = _GREY, description: str | None = None) -> Row:
    """A new label of the repository."""
    number = call.store.insert(
        "labels", repository_id=call.repository["id"], name=name, color=color, description=description
    )
    row = call.store.one("SELECT * FROM labels WHERE id = ?", number)
    if row is None:
        raise KeyError(number)
    _tell(call, "created", label_document(call.store, row))
    return row


async def list_labels(call: Call) -> Answer:
    """The labels of a repository, in the order they were made."""
    rows = call.store.all("SELECT * FROM labels WHERE repository_id = ? ORDER BY id", call.repository["id"])
    return call.page(rows, lambda row: label_document(call.store, row))


async def create_label(call: Call) -> Answer:
    """Make a label; 422 when there is one of that name."""
    name = _checked_name(call.text("name", resource="Label"))
    color = _checked_color(call.text("color", resource="Label", default=_GREY))
    description = _checked_description(call.text("description", resource="Label", default=""))
    if _label_named(call, name) is not None:
        raise invalid("Label", "name", "already_exists")
    return Answer(label_document(call.store, _add(call, name, color, description)), 201)


async def get_label(call: Call) -> Answer:
    """A label by name."""
    return Answer(label_document(call.store, _label(call)))


async def update_label(call: Call) -> Answer:
    """Change a label's name (`new_name`), color or description."""
    row = _label(call)
    changes: dict[str, str | None] = {}
    if "new_name" in call.document:
        changes["name"] = _checked_name(call.text("new_name", resource="Label"))
        other = _label_named(call, str(changes["name"]))
        if other is not None and other["id"] != row["id"]:
            raise invalid("Label", "name", "already_exists")
    if "color" in call.document:
        changes["color"] = _checked_color(call.text("color", resource="Label"))
    if "description" in call.document:
        changes["description"] = _checked_description(call.text("description", resource="Label", default=""))
    call.store.update("labels", row["id"], **changes)
    document = label_document(call.store, _label_by_id(call, row["id"]))
    told = {name: {"from": row[name] or ""} for name, value in changes.items() if value != row[name]}
    if told:
        _tell(call, "edited", document, told)
    return Answer(document)


def _label_by_id(call: Call, label_id: int) -> Row:
    row = call.store.one("SELECT * FROM labels WHERE id = ?", label_id)
    if row is None:
        raise not_found()
    return row


async def delete_label(call: Call) -> Answer:
    """Remove a label from the repository and from every issue."""
    row = _label(call)
    document = label_document(call.store, row)
    with call.store.transaction():
        call.store.run("DELETE FROM issue_labels WHERE label_id = ?", row["id"])
        call.store.run("DELETE FROM labels WHERE id = ?", row["id"])
    _tell(call, "deleted", document)
    return Answer(status=204)


def rows_for(call: Call, names: Iterable[str]) -> list[Row]:
    """The repository's labels of these names, made where they are missing; 403 where the caller may not make one."""
    rows = []
    for name in dict.fromkeys(_checked_name(name) for name in names):
        row = _label_named(call, name)
        if row is None:
            if not has_role(call, "write"):
                raise forbidden("Must have admin rights to Repository.")
            row = _add(call, name)
        rows.append(row)
    return rows


def set_labels(call: Call, issue_id: int, wanted: Sequence[Row], *, keep: bool = False) -> None:
    """Give an issue these labels, and take the others away unless they are kept; tells of each change."""
    before = {row["id"]: row for row in call.store.all(_OF_ISSUE, issue_id)}
    ids = {row["id"] for row in wanted}
    added = [row for row in wanted if row["id"] not in before]
    removed = [] if keep else [row for number, row in before.items() if number not in ids]
    for row in added:
        call.store.run("INSERT OR IGNORE INTO issue_labels VALUES (?, ?)", issue_id, row["id"])
        _changed(call, issue_id, "labeled", row)
    for row in removed:
        call.store.run("DELETE FROM issue_labels WHERE issue_id = ? AND label_id = ?", issue_id, row["id"])
        _changed(call, issue_id, "unlabeled", row)


def _changed(call: Call, issue_id: int, action: str, label: Row) -> None:
    """Note and tell one label set or removed."""
    call.store.update("issues", issue_id, updated_at=call.store.now())
    more = {"label": label_document(call.store, label)}
    announce(call.store, call.repository, issue_id, action, call.actor.user_id, more)


def _names(call: Call) -> list[str]:
    """The label names of a body: a list, or an object with `labels`."""
    if isinstance(call.body, dict) and "labels" not in call.body:
        return []
    body = call.body if isinstance(call.body, dict) else {"labels": call.body}
    return replace(call, body=body).names("labels", resource="Label")


async def list_of_issue(call: Call) -> Answer:
    """The labels of an issue or pull request."""
    rows = call.store.all(_OF_ISSUE, issue_of(call)["id"])
    return call.page(rows, lambda row: label_document(call.store, row))


async def add_to_issue(call: Call) -> Answer:
    """Add labels to those an issue has."""
    issue = issue_of(call)
    check_triage(call, issue)
    set_labels(call, issue["id"], rows_for(call, _names(call)), keep=True)
    return Answer(labels_of(call.store, issue["id"]))


async def set_of_issue(call: Call) -> Answer:
    """Replace the labels of an issue."""
    issue = issue_of(call)
    check_triage(call, issue)
    set_labels(call, issue["id"], rows_for(call, _names(call)))
    return Answer(labels_of(call.store, issue["id"]))


async def remove_all(call: Call) -> Answer:
    """Take every label off an issue."""
    issue = issue_of(call)
    check_triage(call, issue)
    set_labels(call, issue["id"], ())
    return Answer(status=204)


async def remove_from_issue(call: Call) -> Answer:
    """Take one label off an issue; 404 where it does not have it."""
    issue = issue_of(call)
    check_triage(call, issue)
    name = call.path["name"].casefold()
    rows = call.store.all(_OF_ISSUE, issue["id"])
    kept = [row for row in rows if row["name"].casefold() != name]
    if len(kept) == len(rows):
        raise not_found()
    set_labels(call, issue["id"], kept)
    return Answer(labels_of(call.store, issue["id"]))


_REPOSITORY = "/repos/{owner}/{repo}/labels"
_ISSUE = "/repos/{owner}/{repo}/issues/{issue_number}/labels"
_READ, _OPEN = "issues:read|pull_requests:read", "issues:open|pull_requests:open"

ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", _REPOSITORY, _READ, list_labels),
    ("POST", _REPOSITORY, "issues:write|pull_requests:write", create_label),
    ("GET", f"{_REPOSITORY}/{{name}}", _READ, get_label),
    ("PATCH", f"{_REPOSITORY}/{{name}}", "issues:write|pull_requests:write", update_label),
    ("DELETE", f"{_REPOSITORY}/{{name}}", "issues:write|pull_requests:write", delete_label),
    ("GET", _ISSUE, _READ, list_of_issue),
    ("POST", _ISSUE, _OPEN, add_to_issue),
    ("PUT", _ISSUE, _OPEN, set_of_issue),
    ("DELETE", _ISSUE, _OPEN, remove_all),
    ("DELETE", f"{_ISSUE}/{{name}}", _OPEN, remove_from_issue),
)
"""Every row."""
