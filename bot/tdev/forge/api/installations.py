"""Installations of an App and their access tokens.

Follows "REST API endpoints for GitHub Apps" and "… for GitHub App installations". A token holds one hour and
may be narrowed to some repositories and permissions, never widened (422). Suspending and removing are told
to the App as `installation` events.
"""

from __future__ import annotations

import json

from tdev.forge import events
from tdev.forge.answers import Answer, ApiError, forbidden, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import full_name, repository_document
from tdev.forge.api_versions import OLDEST
from tdev.forge.call import Actor, Call, Handler, role_of
from tdev.forge.store import (
    Json,
    Row,
    Store,
    add_installation_token,
    installed_repository_ids,
    repository_by_id,
    user_by_id,
    user_by_login,
)

_LEVELS = ("read", "write", "admin")
_MOST = 500


def installation_document(store: Store, installation: Row) -> Json:
    """An installation."""
    account = user_by_id(store, installation["account_id"])
    app = store.one("SELECT slug, client_id FROM apps WHERE id = ?", installation["app_id"])
    number = installation["id"]
    return {
        "id": number,
        "client_id": app["client_id"] if app else "",
        "account": user_document(store, account),
        "repository_selection": installation["repository_selection"],
        "access_tokens_url": f"{store.api_url}/app/installations/{number}/access_tokens",
        "repositories_url": f"{store.api_url}/installation/repositories",
        "html_url": f"{store.base_url}/settings/installations/{number}",
        "app_id": installation["app_id"],
        "app_slug": app["slug"] if app else "",
        "target_id": account["id"],
        "target_type": "Organization" if account["type"] == "Organization" else "User",
        "permissions": {"metadata": "read", **json.loads(installation["permissions"])},
        "events": json.loads(installation["events"]),
        "created_at": installation["created_at"],
        "updated_at": installation["updated_at"],
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": installation["suspended_at"],
    }


def announce(store: Store, installation: Row, action: str, sender_id: int) -> None:
    """Tell the App of a change of its installation (`created`, `deleted`, `suspend`, `unsuspend`)."""
    rows = [repository_by_id(store, number) for number in sorted(installed_repository_ids(store, installation))]
    short = [
        {
            "id": row["id"],
            "node_id": f"R_forge{row['id']}",
            "name": row["name"],
            "full_name": full_name(store, row),
            "private": bool(row["private"]),
        }
        for row in rows
    ]
    payload: Json = {"installation": installation_document(store, installation), "repositories": short}
    if action == "created":
        payload["requester"] = None
    events.emit(store, None, "installation", action, payload, sender_id=sender_id, installation=installation)


def _own(call: Call) -> Row:
    """The installation of the path, when it is the asking App's."""
    sql = "SELECT * FROM installations WHERE id = ? AND app_id = ?"
    row = call.store.one(sql, call.number("installation_id"), call.actor.app_id)
    if row is None:
        raise not_found()
    return row


async def list_installations(call: Call) -> Answer:
    """Where the App is installed."""
    rows = call.store.all("SELECT * FROM installations WHERE app_id = ? ORDER BY id", call.actor.app_id)
    return call.page(rows, lambda row: installation_document(call.store, row))


async def get_installation(call: Call) -> Answer:
    """One installation of the App."""
    return Answer(installation_document(call.store, _own(call)))


async def delete_installation(call: Call) -> Answer:
    """Remove the App from an account; its tokens end at once."""
    row = _own(call)
    remove(call.store, row)
    return Answer(status=204) if call.api_version == OLDEST else Answer({}, 202)


def remove(store: Store, installation: Row) -> None:
    """Remove an installation with its tokens, and tell the App."""
    with store.transaction():
        announce(store, installation, "deleted", installation["account_id"])
        store.run("DELETE FROM tokens WHERE installation_id = ?", installation["id"])
        store.run("DELETE FROM installation_repositories WHERE installation_id = ?", installation["id"])
        store.run("DELETE FROM installations WHERE id = ?", installation["id"])


async def suspend(call: Call) -> Answer:
    """Suspend the App on an account."""
    set_suspended(call.store, _own(call), suspended=True)
    return Answer(status=204)


async def unsuspend(call: Call) -> Answer:
    """End a suspension."""
    set_suspended(call.store, _own(call), suspended=False)
    return Answer(status=204)


def set_suspended(store: Store, installation: Row, *, suspended: bool) -> None:
    """Suspend an installation or end that, and tell the App."""
    now = store.now()
    store.update("installations", installation["id"], suspended_at=now if suspended else None, updated_at=now)
    row = store.one("SELECT * FROM installations WHERE id = ?", installation["id"])
    if row is not None:
        announce(store, row, "suspend" if suspended else "unsuspend", row["account_id"])


async def create_token(call: Call) -> Answer:
    """A new installation access token, for all the installation may do or for less."""
    row = _own(call)
    if row["suspended_at"]:
        raise ApiError(403, "This installation has been suspended")
    permissions = _permissions(call, row)
    chosen = _repositories(call, row)
    token, expires = add_installation_token(call.store, row, permissions=permissions, repository_ids=chosen)
    document: Json = {
        "token": token,
        "expires_at": expires,
        "permissions": permissions,
        "repository_selection": row["repository_selection"] if chosen is None else "selected",
    }
    if chosen is not None:
        rows = [repository_by_id(call.store, number) for number in chosen]
        document["repositories"] = [repository_document(call.store, each) for each in rows]
    return Answer(document, 201)


def _permissions(call: Call, installation: Row) -> dict[str, str]:
    """What the token may do; 422 for more than the installation may."""
    granted = {"metadata": "read", **json.loads(installation["permissions"])}
    wanted = call.document.get("permissions")
    if wanted is None or wanted == {}:
        return granted
    if not isinstance(wanted, dict) or not all(level in _LEVELS for level in wanted.values()):
        raise ApiError(422, "Invalid request.\n\nThe permissions requested are not valid.")
    for name, level in wanted.items():
        if name not in granted or _LEVELS.index(level) > _LEVELS.index(granted[name]):
            raise ApiError(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **wanted}


def _repositories(call: Call, installation: Row) -> list[int] | None:
    """Ids of the repositories the token is for; None = all of the installation."""
    names, ids = call.document.get("repositories"), call.document.get("repository_ids")
    if names is None and ids is None:
        return None
    names, ids = names or [], ids or []
    fits = isinstance(names, list) and isinstance(ids, list) and len(names) + len(ids) <= _MOST
    if not fits or not all(isinstance(each, str) for each in names) or not all(type(each) is int for each in ids):
        raise ApiError(422, "Invalid request.\n\nrepositories and repository_ids are lists of at most 500.")
    reached = {
        number: repository_by_id(call.store, number) for number in installed_repository_ids(call.store, installation)
    }
    by_name = {row["name"].lower(): number for number, row in reached.items()}
    chosen = [
        *(by_name.get(name.lower()) for name in names),
        *(number if number in reached else None for number in ids),
    ]
    found = sorted({number for number in chosen if number is not None})
    if None in chosen:
        why = "There is at least one repository that does not exist or is not accessible to the parent installation."
        raise ApiError(422, why)
    return found or None


async def revoke_token(call: Call) -> Answer:
    """End the token that asks."""
    if call.actor.kind != "installation":
        raise forbidden()
    call.store.run("DELETE FROM tokens WHERE hash = ?", call.actor.token_hash)
    return Answer(status=204)


async def get_for_repository(call: Call) -> Answer:
    """The App's installation that reaches a repository."""
    rows = call.store.all("SELECT * FROM installations WHERE app_id = ?", call.actor.app_id)
    for row in rows:
        if call.repository["id"] in installed_repository_ids(call.store, row):
            return Answer(installation_document(call.store, row))
    raise not_found()


async def get_for_account(call: Call) -> Answer:
    """The App's installation on an account."""
    user = user_by_login(call.store, call.path.get("username") or call.path["org"])
    sql = "SELECT * FROM installations WHERE app_id = ? AND account_id = ?"
    row = call.store.one(sql, call.actor.app_id, user["id"]) if user else None
    if row is None:
        raise not_found()
    return Answer(installation_document(call.store, row))


def _signed_in(call: Call) -> Actor:
    """The person who asks through an App; 403 for anybody else."""
    if call.actor.kind != "user" or not call.actor.app_id:
        raise forbidden("You must authenticate with an access token authorized to a GitHub App")
    return call.actor


def _reachable(call: Call, installation: Row) -> list[Row]:
    """The repositories of an installation that the person reads as one who works on them."""
    rows = [
        repository_by_id(call.store, number) for number in sorted(installed_repository_ids(call.store, installation))
    ]
    person = call.actor.user_id
    return [row for row in rows if not row["private"] or role_of(call.store, row, person) != "none"]


async def list_for_person(call: Call) -> Answer:
    """The installations of the App that reach something the person may see."""
    sql = "SELECT * FROM installations WHERE app_id = ? ORDER BY id"
    rows = call.store.all(sql, _signed_in(call).app_id)
    mine = [row for row in rows if row["account_id"] == call.actor.user_id or _reachable(call, row)]
    return call.page(mine, lambda row: installation_document(call.store, row), wrap="installations")


async def list_repositories_for_person(call: Call) -> Answer:
    """The repositories of one such installation."""
    sql = "SELECT * FROM installations WHERE id = ? AND app_id = ?"
    row = call.store.one(sql, call.number("installation_id"), _signed_in(call).app_id)
    if row is None:
        raise not_found()
    rows = _reachable(call, row)
    return call.page(rows, lambda each: repository_document(call.store, each), wrap="repositories")


_ONE = "/app/installations/{installation_id}"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/app/installations", "app", list_installations),
    ("GET", _ONE, "app", get_installation),
    ("DELETE", _ONE, "app", delete_installation),
    ("PUT", f"{_ONE}/suspended", "app", suspend),
    ("DELETE", f"{_ONE}/suspended", "app", unsuspend),
    ("POST", f"{_ONE}/access_tokens", "app", create_token),
    ("DELETE", "/installation/token", "", revoke_token),
    ("GET", "/user/installations", "", list_for_person),
    ("GET", "/user/installations/{installation_id}/repositories", "", list_repositories_for_person),
    ("GET", "/repos/{owner}/{repo}/installation", "app", get_for_repository),
    ("GET", "/users/{username}/installation", "app", get_for_account),
    ("GET", "/orgs/{org}/installation", "app", get_for_account),
)
"""Rows for forge/routes.py."""
