"""The /_forge API: state is set up over HTTP, with the administrator's token.

Comes in: JSON. Goes out: the same documents as the REST API shows, and what is shown only once (tokens,
private keys, client secrets). It stands for the settings pages of GitHub and for the weather of the
network: accounts, repositories, Apps, installations, roles, tokens, secrets, faults, limits.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web

from tdev.errors import Refused, TdevError
from tdev.forge import admin, faults
from tdev.forge.access.authentication import token_in
from tdev.forge.access.limits import Limits
from tdev.forge.answers import ApiError, invalid, not_found
from tdev.forge.api.accounts import full_user
from tdev.forge.api.apps import app_document
from tdev.forge.api.installations import installation_document, remove, set_suspended
from tdev.forge.api.repositories import repository_document
from tdev.forge.call import ROLES
from tdev.forge.store import (
    Json,
    Row,
    Store,
    add_personal_token,
    add_user,
    repository_by_name,
    set_collaborator,
    user_by_login,
)
from tdev.forge.workflows import environments
from tdev.forge.workflows.secrets import set_secret

_Maker = Callable[[Json, web.Request], Any]
_LIMITS = ("core", "anonymous", "concurrent", "points", "content")


def routes(store: Store, limits: Limits) -> list[web.RouteDef]:
    """The routes below /_forge."""
    setup = _Setup(store, limits)

    def guarded(make: _Maker, status: int) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            try:
                _check_token(store, request)
                done = make(await _document(request), request)
            except TdevError as error:
                code = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(error, Refused) else error.http_status
                body = error.answer().body if isinstance(error, ApiError) else {"message": str(error)}
                return web.json_response(body, status=code)
            return web.Response(status=204) if done is None else web.json_response(done, status=status)

        return handler

    rows: tuple[tuple[str, str, _Maker, int], ...] = (
        ("POST", "users", setup.add_user, 201),
        ("POST", "users/{login}/tokens", setup.add_token, 201),
        ("POST", "repositories", setup.add_repository, 201),
        ("PUT", "repositories/{owner}/{name}/collaborators/{login}", setup.set_role, 200),
        ("PUT", "repositories/{owner}/{name}/secrets/{secret}", setup.set_secret, 200),
        ("POST", "apps", setup.add_app, 201),
        ("POST", "apps/{slug}/installations", setup.install, 201),
        ("PUT", "installations/{number}/suspended", setup.suspend, 200),
        ("DELETE", "installations/{number}/suspended", setup.unsuspend, 200),
        ("DELETE", "installations/{number}", setup.uninstall, 200),
        ("GET", "faults", lambda body, request: faults.all_faults(store), 200),
        ("POST", "faults", setup.add_fault, 201),
        ("DELETE", "faults", lambda body, request: faults.clear_faults(store), 200),
        ("GET", "limits", lambda body, request: setup.limits_document(), 200),
        ("PATCH", "limits", setup.change_limits, 200),
        ("DELETE", "limits", setup.forget_spent, 200),
    )
    return [web.route(method, f"/_forge/{path}", guarded(make, status)) for method, path, make, status in rows]


def _check_token(store: Store, request: web.Request) -> None:
    """401 unless the request carries the administrator's token."""
    header = request.headers.get(hdrs.AUTHORIZATION, "")
    if not header or not hmac.compare_digest(token_in(header).encode(), store.admin_token.encode()):
        raise ApiError(HTTPStatus.UNAUTHORIZED, "/_forge needs the administrator's token.")


async def _document(request: web.Request) -> Json:
    """The JSON body, which must be an object; empty when there is none."""
    raw = await request.read()
    try:
        document = json.loads(raw) if raw.strip() else {}
    except ValueError as error:
        raise ApiError(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from error
    if not isinstance(document, dict):
        raise ApiError(HTTPStatus.BAD_REQUEST, "Body should be a JSON object")
    return document


def _take(body: Json, name: str, kind: type, default: Any = None) -> Any:
    """A field of a kind; 422 when it is of another, or missing without a default."""
    value = body.get(name, default)
    if not isinstance(value, kind):
        raise invalid("Forge", name, "missing_field" if value is None else "invalid")
    return value


class _Setup:
    """The work behind the routes, for one store."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.store = store
        self.limits = limits

    def add_user(self, body: Json, request: web.Request) -> Json:
        """An account."""
        kind = _take(body, "type", str, "User")
        if kind not in ("User", "Organization"):
            raise invalid("User", "type")
        admin_too = _take(body, "site_admin", bool, False)
        return full_user(self.store, add_user(self.store, _take(body, "login", str), kind=kind, site_admin=admin_too))

    def add_token(self, body: Json, request: web.Request) -> Json:
        """A personal access token."""
        return {"token": add_personal_token(self.store, self._user(request.match_info["login"])["id"])}

    def add_repository(self, body: Json, request: web.Request) -> Json:
        """A repository, with a first commit when `files` are given."""
        row = admin.add_filled_repository(
            self.store,
            self._user(_take(body, "owner", str)),
            _take(body, "name", str),
            _take(body, "files", dict, {}),
            private=_take(body, "private", bool, False),
            description=_take(body, "description", str, ""),
        )
        return repository_document(self.store, row)

    def set_role(self, body: Json, request: web.Request) -> None:
        """A role in a repository."""
        found = self._repository(request)
        role = _take(body, "role", str, "write")
        if role not in ROLES[1:]:
            raise invalid("Collaborator", "role")
        set_collaborator(self.store, found["id"], self._user(request.match_info["login"])["id"], role)

    def set_secret(self, body: Json, request: web.Request) -> None:
        """A secret of a repository, or of one of its environments."""
        found, number = self._repository(request), 0
        if "environment" in body:
            environment = environments.find(self.store, found["id"], _take(body, "environment", str))
            if environment is None:
                raise not_found()
            number = environment["id"]
        value = _take(body, "value", str)
        set_secret(self.store, found["id"], request.match_info["secret"], value, environment_id=number)

    def add_app(self, body: Json, request: web.Request) -> Json:
        """An App; its private key and client secret are in this answer and nowhere else."""
        plan = admin.AppPlan(
            slug=_take(body, "slug", str),
            owner_id=self._user(_take(body, "owner", str))["id"],
            permissions=_take(body, "permissions", dict, {}),
            events=_take(body, "events", list, []),
            callback_urls=_take(body, "callback_urls", list, []),
            **{name: _take(body, name, str, "") for name in ("webhook_url", "webhook_secret", "name", "description")},
        )
        made = admin.add_app(self.store, plan)
        once = {"pem": made.private_key, "client_secret": made.client_secret, "webhook_secret": plan.webhook_secret}
        return {**app_document(self.store, made.row), **once}

    def install(self, body: Json, request: web.Request) -> Json:
        """An installation, on all repositories of the account or on those named."""
        app = self.store.one("SELECT * FROM apps WHERE slug = ?", request.match_info["slug"])
        if app is None:
            raise not_found()
        names = None if body.get("repositories") is None else _take(body, "repositories", list)
        row = admin.install(self.store, app, self._user(_take(body, "account", str)), names)
        return installation_document(self.store, row)

    def suspend(self, body: Json, request: web.Request) -> None:
        """Suspend an installation."""
        set_suspended(self.store, self._installation(request), suspended=True)

    def unsuspend(self, body: Json, request: web.Request) -> None:
        """End a suspension."""
        set_suspended(self.store, self._installation(request), suspended=False)

    def uninstall(self, body: Json, request: web.Request) -> None:
        """Remove an installation."""
        remove(self.store, self._installation(request))

    def add_fault(self, body: Json, request: web.Request) -> Json:
        """A fault that is to happen."""
        return {"id": faults.add_fault(self.store, body)}

    def limits_document(self) -> Json:
        """The limits, without what was spent."""
        return {name: value for name, value in asdict(self.limits).items() if name in _LIMITS}

    def change_limits(self, body: Json, request: web.Request) -> Json:
        """Change some limits; they are as before after a restart."""
        known = {each.name for each in fields(self.limits)} & set(_LIMITS)
        for name in body:
            if name not in known or _take(body, name, int) < 0:
                raise invalid("Limits", name)
        for name, value in body.items():
            setattr(self.limits, name, value)
        return self.limits_document()

    def forget_spent(self, body: Json, request: web.Request) -> None:
        """Everybody has their whole budget again."""
        self.store.run("DELETE FROM spent")
        self.limits.recent.clear()

    def _user(self, login: str) -> Row:
        """An account by login."""
        row = user_by_login(self.store, login)
        if row is None:
            raise Refused(f"There is no account {login}.", next_step="Make it first.")
        return row

    def _repository(self, request: web.Request) -> Row:
        """The repository of the path."""
        row = repository_by_name(self.store, request.match_info["owner"], request.match_info["name"])
        if row is None:
            raise not_found()
        return row

    def _installation(self, request: web.Request) -> Row:
        """The installation of the path."""
        number = request.match_info["number"]
        row = self.store.one("SELECT * FROM installations WHERE id = ?", int(number)) if number.isdecimal() else None
        if row is None:
            raise not_found()
        return row
