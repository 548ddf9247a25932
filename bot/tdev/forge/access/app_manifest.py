"""Making an App from a manifest: two pages and one endpoint.

Follows "Registering a GitHub App from a manifest". A site posts its manifest to /settings/apps/new, the page
asks the person, who says who they are, and sends them back with a code. Within an hour the site turns the
code into the App with its private key, client secret and webhook secret, once. Owners other than people
and changes of a manifest on the page are left out.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from tdev.errors import Refused
from tdev.forge import admin
from tdev.forge.access.oauth import back_to, check_origin, form_page, hidden_fields, people_options
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api.apps import app_document
from tdev.forge.call import Call, Handler
from tdev.forge.pages.html import fill
from tdev.forge.store import Json, Store, hash_of, timestamp, user_by_login

_SECONDS = 3600
_CONFIRM = "/settings/apps/manifest"
_FORM = """<h1>Create the GitHub App {name}</h1><p class="muted">Permissions: {permissions}. Events: {events}.
Webhooks go to {hook}.</p><form method="post" action="{action}">{hidden}
<label>You are <select name="login">{people}</select></label> <button>Create GitHub App</button></form>"""


def _manifest(text: str) -> Json:
    """The manifest; HTTP 400 unless it names what an App needs."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise web.HTTPBadRequest(text="The manifest is no JSON.") from error
    wanted: Mapping[str, type] = {"url": str, "redirect_url": str}
    if not isinstance(document, dict) or not all(isinstance(document.get(name), kind) for name, kind in wanted.items()):
        raise web.HTTPBadRequest(text="The manifest needs url and redirect_url.")
    kinds: Mapping[str, type] = {
        "name": str, "description": str, "hook_attributes": dict, "default_permissions": dict, "default_events": list,
        "callback_urls": list,
    }  # fmt: skip
    wrong = [name for name, kind in kinds.items() if name in document and not isinstance(document[name], kind)]
    if wrong:
        raise web.HTTPBadRequest(text=f"{wrong[0]} of the manifest is of the wrong kind.")
    return document


def routes(store: Store) -> list[web.RouteDef]:
    """The two pages."""

    async def show(request: web.Request) -> web.Response:
        """Ask the person."""
        values = await request.post()
        text = str(values.get("manifest", ""))
        document = _manifest(text)
        kept = {"manifest": text, "state": str(request.query.get("state") or values.get("state") or "")}
        permissions = document.get("default_permissions", {})
        body = fill(
            _FORM,
            name=document.get("name", "without a name"),
            permissions=", ".join(f"{name}: {level}" for name, level in permissions.items()) or "none",
            events=", ".join(map(str, document.get("default_events", []))) or "none",
            hook=document.get("hook_attributes", {}).get("url", "nowhere"),
            action=_CONFIRM,
            hidden=hidden_fields(kept),
            people=people_options(store),
        )
        return form_page("Create a GitHub App", body)

    async def confirm(request: web.Request) -> web.Response:
        """Keep the manifest under a code and send the person back."""
        check_origin(store, request)
        values = await request.post()
        document = _manifest(str(values.get("manifest", "")))
        user = user_by_login(store, str(values.get("login", "")))
        if user is None or user["type"] != "User":
            raise web.HTTPBadRequest(text="There is no such person.")
        code = secrets.token_hex(20)
        ends = timestamp(store.clock() + _SECONDS)
        kept = json.dumps(document)
        store.insert("manifest_codes", hash=hash_of(code), user_id=user["id"], document=kept, expires_at=ends)
        raise back_to(document["redirect_url"], code=code, state=str(values.get("state", "")))

    return [web.post("/settings/apps/new", show), web.post(_CONFIRM, confirm)]


def _plan(document: Json, owner_id: int) -> admin.AppPlan:
    """What App a manifest asks for."""
    name = str(document.get("name") or f"app-{secrets.token_hex(4)}")
    hook: dict[str, Any] = document.get("hook_attributes", {})
    return admin.AppPlan(
        slug=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        owner_id=owner_id,
        permissions={str(each): str(level) for each, level in document.get("default_permissions", {}).items()},
        events=[str(event) for event in document.get("default_events", [])],
        webhook_url=str(hook.get("url", "")) if hook.get("active", True) else "",
        webhook_secret=secrets.token_hex(20),
        name=name,
        description=str(document.get("description", "")),
        external_url=document["url"],
        callback_urls=[str(url) for url in document.get("callback_urls", [])],
    )


async def convert(call: Call) -> Answer:
    """Turn a code into its App; a second time there is none."""
    sql = "DELETE FROM manifest_codes WHERE hash = ? RETURNING *"
    row = call.store.one(sql, hash_of(call.path["code"]))
    if row is None or row["expires_at"] <= timestamp(call.store.clock()):
        raise not_found()
    plan = _plan(json.loads(row["document"]), row["user_id"])
    try:
        made = admin.add_app(call.store, plan)
    except Refused as error:
        raise ApiError(422, error.message) from error
    once = {"client_secret": made.client_secret, "webhook_secret": plan.webhook_secret, "pem": made.private_key}
    return Answer({**app_document(call.store, made.row), **once}, 201)


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (("POST", "/app-manifests/{code}/conversions", "", convert),)
"""Rows for forge/routes.py."""
