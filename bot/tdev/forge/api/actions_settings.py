"""Secrets and variables that workflows read, of a repository or of one environment.

Follows "REST API endpoints for GitHub Actions secrets" and "… variables". Secrets are listed and deleted, by name;
setting one needs a sealed box of libsodium, which the forge has not: they are set through /_forge or `set_secret`.
Variables are listed, made, changed and deleted.
"""

from __future__ import annotations

from tdev.errors import Refused
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api.environments import environment_of
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row
from tdev.forge.workflows import secrets

_TIMES = ("created_at", "updated_at")


def secret_document(row: Row) -> Json:
    """GitHub's `actions-secret`."""
    return {name: row[name] for name in ("name", *_TIMES)}


def variable_document(row: Row) -> Json:
    """GitHub's `actions-variable`."""
    return {name: row[name] for name in ("name", "value", *_TIMES)}


def _place(call: Call) -> tuple[int, int]:
    """The repository, and the environment of the path or 0."""
    return call.repository["id"], environment_of(call)["id"] if "environment_name" in call.path else 0


def _found(call: Call, kind: str, name: str) -> Row:
    """One of a kind by its name; 404 where there is none."""
    row = secrets.find(call.store, kind, *_place(call), name)
    if row is None:
        raise not_found()
    return row


async def list_secrets(call: Call) -> Answer:
    """The names of secrets."""
    return call.page(secrets.listed(call.store, secrets.SECRET, *_place(call)), secret_document, wrap="secrets")


async def get_secret(call: Call) -> Answer:
    """A secret's name and times."""
    return Answer(secret_document(_found(call, secrets.SECRET, call.path["secret_name"])))


async def delete_secret(call: Call) -> Answer:
    """Delete a secret."""
    row = _found(call, secrets.SECRET, call.path["secret_name"])
    secrets.remove(call.store, secrets.SECRET, *_place(call), row["name"])
    return Answer(status=204)


async def list_variables(call: Call) -> Answer:
    """The variables."""
    return call.page(secrets.listed(call.store, secrets.VARIABLE, *_place(call)), variable_document, wrap="variables")


async def get_variable(call: Call) -> Answer:
    """A variable."""
    return Answer(variable_document(_found(call, secrets.VARIABLE, call.path["name"])))


async def create_variable(call: Call) -> Answer:
    """Make a variable; 409 when there is one of that name."""
    name, value = call.text("name", resource="Variable"), call.text("value", resource="Variable")
    if secrets.find(call.store, secrets.VARIABLE, *_place(call), name) is not None:
        raise ApiError(409, "Already exists - Variable already exists")
    _put(call, name, value)
    return Answer({}, 201)


async def update_variable(call: Call) -> Answer:
    """Change a variable's value, name or both."""
    row = _found(call, secrets.VARIABLE, call.path["name"])
    name = call.text("name", resource="Variable", default=row["name"])
    value = call.text("value", resource="Variable", default=row["value"])
    with call.store.transaction():
        if name.upper() != row["name"]:
            if secrets.find(call.store, secrets.VARIABLE, *_place(call), name) is not None:
                raise ApiError(409, "Already exists - Variable already exists")
            secrets.remove(call.store, secrets.VARIABLE, *_place(call), row["name"])
        _put(call, name, value)
    return Answer(status=204)


def _put(call: Call, name: str, value: str) -> None:
    """Set a variable; 422 for a name or size that is not taken."""
    repository, environment = _place(call)
    try:
        secrets.set_variable(call.store, repository, name, value, environment_id=environment)
    except Refused as error:
        raise ApiError(422, str(error)) from error


async def delete_variable(call: Call) -> Answer:
    """Delete a variable."""
    row = _found(call, secrets.VARIABLE, call.path["name"])
    secrets.remove(call.store, secrets.VARIABLE, *_place(call), row["name"])
    return Answer(status=204)


def _rows(root: str, secrets_permission: str, variables_permission: str) -> tuple[tuple[str, str, str, Handler], ...]:
    """The routes below a repository's Actions or an environment. People need to write in order to read names."""
    secret, variable = f"{root}/secrets/{{secret_name}}", f"{root}/variables/{{name}}"
    see_secrets = f"{secrets_permission}:write|{secrets_permission}:read"
    see, change = f"{variables_permission}:write|{variables_permission}:read", f"{variables_permission}:write"
    return (
        ("GET", f"{root}/secrets", see_secrets, list_secrets),
        ("GET", secret, see_secrets, get_secret),
        ("DELETE", secret, f"{secrets_permission}:write", delete_secret),
        ("GET", f"{root}/variables", see, list_variables),
        ("POST", f"{root}/variables", change, create_variable),
        ("GET", variable, see, get_variable),
        ("PATCH", variable, change, update_variable),
        ("DELETE", variable, change, delete_variable),
    )


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    *_rows("/repos/{owner}/{repo}/actions", "secrets", "actions_variables"),
    *_rows("/repos/{owner}/{repo}/environments/{environment_name}", "environments", "environments"),
)
