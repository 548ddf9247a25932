"""Accounts and who may do what in a repository.

Follows "REST API endpoints for users" and "… for collaborators". Goes out: GitHub's user documents.
Invitations are left out: a collaborator that is added is one at once (204), as for members of an
organisation; followers, gists, keys and e-mail settings are left out as well.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, forbidden, invalid, not_found
from tdev.forge.call import ROLES, Call, Handler, role_of
from tdev.forge.store import Json, Row, Store, set_collaborator, user_by_id, user_by_login

_LISTS = {
    "followers_url": "followers",
    "following_url": "following{/other_user}",
    "gists_url": "gists{/gist_id}",
    "starred_url": "starred{/owner}{/repo}",
    "subscriptions_url": "subscriptions",
    "organizations_url": "orgs",
    "repos_url": "repos",
    "events_url": "events{/privacy}",
    "received_events_url": "received_events",
}
_LEGACY = {"none": "none", "read": "read", "triage": "read", "write": "write", "maintain": "write", "admin": "admin"}
_NAMES = {"pull": "read", "push": "write", "triage": "triage", "maintain": "maintain", "admin": "admin"}


def user_document(store: Store, user: Row) -> Json:
    """An account as it stands in other documents (`simple-user`)."""
    url = f"{store.api_url}/users/{user['login']}"
    return {
        "login": user["login"],
        "id": user["id"],
        "node_id": f"U_forge{user['id']}",
        "avatar_url": f"{store.base_url}/avatars/u/{user['id']}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{store.base_url}/{user['login']}",
        **{name: f"{url}/{tail}" for name, tail in _LISTS.items()},
        "type": user["type"],
        "user_view_type": "public",
        "site_admin": bool(user["site_admin"]),
    }


def user_or_none(store: Store, user_id: int | None) -> Json | None:
    """The document of an account, or None for no account."""
    return user_document(store, user_by_id(store, user_id)) if user_id else None


def full_user(store: Store, user: Row) -> Json:
    """An account on a page of its own (`public-user`)."""
    owned = store.all("SELECT private FROM repositories WHERE owner_id = ?", user["id"])
    nothing = dict.fromkeys(("company", "location", "hireable", "bio", "twitter_username"))
    return {
        **user_document(store, user),
        **nothing,
        "name": user["name"],
        "blog": "",
        "email": user["email"],
        "public_repos": sum(1 for row in owned if not row["private"]),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": user["created_at"],
        "updated_at": user["created_at"],
    }


def association(store: Store, repository: Row, user_id: int) -> str:
    """How an author stands to a repository: `OWNER`, `COLLABORATOR` or `NONE`."""
    if user_id == repository["owner_id"]:
        return "OWNER"
    sql = "SELECT 1 FROM collaborators WHERE repository_id = ? AND user_id = ?"
    return "COLLABORATOR" if store.value(sql, repository["id"], user_id) else "NONE"


async def get_authenticated(call: Call) -> Answer:
    """The user whose token it is; 403 for an installation."""
    if call.actor.kind == "installation":
        raise forbidden()
    user = call.user
    private = sum(
        1 for _ in call.store.all("SELECT 1 FROM repositories WHERE owner_id = ? AND private = 1", user["id"])
    )
    return Answer(
        {
            **full_user(call.store, user),
            "private_gists": 0,
            "total_private_repos": private,
            "owned_private_repos": private,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
        }
    )


async def get_by_username(call: Call) -> Answer:
    """A user by login."""
    user = user_by_login(call.store, call.path["username"])
    if user is None:
        raise not_found()
    return Answer(full_user(call.store, user))


def _permissions(role: str) -> Json:
    """A role as the flags of a repository document."""
    level = ROLES.index(role)
    return {name: level >= ROLES.index(needed) for name, needed in _NAMES.items()}


def collaborator_document(store: Store, repository: Row, user: Row) -> Json:
    """An account with its role in a repository."""
    role = role_of(store, repository, user["id"])
    return {**user_document(store, user), "permissions": _permissions(role), "role_name": role}


async def list_collaborators(call: Call) -> Answer:
    """The owner and everyone who has a role."""
    rows = call.store.all(
        "SELECT u.* FROM users u LEFT JOIN collaborators c ON c.user_id = u.id AND c.repository_id = ? "
        "WHERE c.role IS NOT NULL OR (u.id = ? AND u.type = 'User') ORDER BY u.id",
        call.repository["id"],
        call.repository["owner_id"],
    )
    return call.page(rows, lambda row: collaborator_document(call.store, call.repository, row))


def _named(call: Call) -> Row:
    """The account of the path."""
    user = user_by_login(call.store, call.path["username"])
    if user is None:
        raise not_found()
    return user


async def check_collaborator(call: Call) -> Answer:
    """204 when the account has a role of its own, 404 when not."""
    user = _named(call)
    if association(call.store, call.repository, user["id"]) == "NONE":
        raise not_found()
    return Answer(status=204)


async def get_collaborator_permission(call: Call) -> Answer:
    """The account's permission (`admin`, `write`, `read`, `none`) and role."""
    user = _named(call)
    role = role_of(call.store, call.repository, user["id"])
    document = collaborator_document(call.store, call.repository, user)
    return Answer({"permission": _LEGACY[role], "role_name": role, "user": document})


async def add_collaborator(call: Call) -> Answer:
    """Give an account a role, `write` where none is named."""
    word = call.text("permission", resource="Repository", default="push")
    role = _NAMES.get(word)
    if role is None:
        raise invalid("Repository", "permission")
    set_collaborator(call.store, call.repository["id"], _named(call)["id"], role)
    return Answer(status=204)


async def remove_collaborator(call: Call) -> Answer:
    """Take an account's role away."""
    sql = "DELETE FROM collaborators WHERE repository_id = ? AND user_id = ?"
    call.store.run(sql, call.repository["id"], _named(call)["id"])
    return Answer(status=204)


_COLLABORATORS = "/repos/{owner}/{repo}/collaborators"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/user", "", get_authenticated),
    ("GET", "/users/{username}", "", get_by_username),
    ("GET", _COLLABORATORS, "metadata:read", list_collaborators),
    ("GET", f"{_COLLABORATORS}/{{username}}", "metadata:read", check_collaborator),
    ("GET", f"{_COLLABORATORS}/{{username}}/permission", "metadata:read", get_collaborator_permission),
    ("PUT", f"{_COLLABORATORS}/{{username}}", "administration:write", add_collaborator),
    ("DELETE", f"{_COLLABORATORS}/{{username}}", "administration:write", remove_collaborator),
)
"""Rows for forge/routes.py."""
