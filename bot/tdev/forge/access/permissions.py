"""What the caller may do: GitHub's fine-grained permissions for Apps, roles for people.

Comes in: the actor, the repository and what the route asks for, written `issues:write`, with `|`
between alternatives. Goes out: nothing, or an ApiError: 404 for a private repository the caller can't
see, 403 with GitHub's words for what is seen and not allowed. For people a permission stands for a
role: reading needs `read`, writing `write`, writing `administration` needs `admin`; what everyone who
reads may do (open an issue, comment, react) the route marks with `:open`.
"""

from __future__ import annotations

from http import HTTPStatus

from tdev.forge.answers import ApiError, forbidden, not_found
from tdev.forge.call import ROLES, Actor, role_of
from tdev.forge.store import Row, Store

_LEVELS = {"read": 1, "write": 2, "open": 2, "admin": 3}


def holds(actor: Actor, permission: str) -> bool:
    """A token of an App, the installation's or a user's, holds a permission such as `issues:write`."""
    name, _, level = permission.partition(":")
    return _LEVELS.get(actor.permissions.get(name, ""), 0) >= _LEVELS[level]


def check(store: Store, actor: Actor, repository: Row | None, wanted: str) -> None:
    """Raise unless the actor may do what a route asks for."""
    if wanted == "app":
        if actor.kind != "app":
            raise ApiError(HTTPStatus.UNAUTHORIZED, "A JSON web token could not be decoded")
        return
    if actor.kind == "app" and (wanted or repository is not None):
        raise forbidden("You must use an installation access token or a user access token for this resource")
    if wanted and wanted != "metadata:read" and actor.kind == "anonymous" and not wanted.endswith(":read"):
        raise ApiError(HTTPStatus.UNAUTHORIZED, "Requires authentication")
    if repository is not None:
        _check_repository(store, actor, repository, wanted)


def _check_repository(store: Store, actor: Actor, repository: Row, wanted: str) -> None:
    """The part of `check` that looks at a repository."""
    if actor.kind == "installation":
        _check_app(actor, repository, wanted)
        return
    role = role_of(store, repository, actor.user_id)
    if role == "none":
        raise not_found()
    if actor.app_id:
        _check_app(actor, repository, wanted)
    if wanted and ROLES.index(role) < ROLES.index(_role_for(wanted)):
        if _role_for(wanted) == "admin":
            raise not_found() if role == "read" else forbidden("Must have admin rights to Repository.")
        raise forbidden("Must have push access to repository")


def _check_app(actor: Actor, repository: Row, wanted: str) -> None:
    """The part of `check` for tokens of an App: the repository first, then the permission."""
    reading = not wanted or all(word.endswith(":read") for word in wanted.split("|"))
    if repository["id"] not in actor.repository_ids:
        if repository["private"]:
            raise not_found()
        if not reading:
            raise forbidden()
        return
    if wanted and not any(holds(actor, word) for word in wanted.split("|")):
        raise forbidden()


def _role_for(wanted: str) -> str:
    """The role a person needs."""
    name, _, level = wanted.split("|")[0].partition(":")
    if level in ("read", "open"):
        return "read"
    return "admin" if name == "administration" else "write"


def may_push(store: Store, actor: Actor, repository: Row) -> bool:
    """The actor may write to the repository: people with the role `write`, tokens with `contents:write`."""
    if actor.kind == "installation":
        return repository["id"] in actor.repository_ids and holds(actor, "contents:write")
    if actor.app_id and not (repository["id"] in actor.repository_ids and holds(actor, "contents:write")):
        return False
    return ROLES.index(role_of(store, repository, actor.user_id)) >= ROLES.index("write")


def may_triage(store: Store, actor: Actor, repository: Row) -> bool:
    """The actor may set labels and assignees on issues."""
    if actor.kind == "installation":
        return repository["id"] in actor.repository_ids and (
            holds(actor, "issues:write") or holds(actor, "pull_requests:write")
        )
    return ROLES.index(role_of(store, repository, actor.user_id)) >= ROLES.index("triage")
