"""Signing in with the forge: the web application flow of OAuth, for GitHub Apps.

Follows "Generating a user access token for a GitHub App". An App sends a person to /login/oauth/authorize;
the page asks, and since the forge knows no passwords the person says there who they are. The App's
server then changes the code, which works once and for ten minutes, for a token `ghu_…`.

`state` comes back as it was sent; PKCE with S256 is kept to when it was begun. The token may do what both the
App and the person may, and does not end by itself, as with GitHub's expiry switched off. Device flow,
refresh tokens and scopes are left out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import hdrs, web

from tdev.forge.pages.html import Html, fill, joined, page
from tdev.forge.store import Row, Store, add_user_token, hash_of, timestamp, user_by_login

AUTHORIZE = "/login/oauth/authorize"
_SECONDS = 600
_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")
_FORM = """<h1>{app} asks to know who you are</h1>
<p class="muted">It may then do in your name what both of you may: {permissions}.</p>
<form method="post" action="{action}">{hidden}
<label>You are <select name="login">{people}</select></label>
<button name="answer" value="yes">Authorize</button> <button name="answer" value="no">Cancel</button></form>"""
_HIDDEN = '<input type="hidden" name="{name}" value="{value}">'
_OPTION = '<option value="{login}">{login}</option>'


def check_origin(store: Store, request: web.Request) -> None:
    """HTTP 403 when a page of another site sends the form: only the forge's own page may speak for a person."""
    own = (store.base_url, f"{request.scheme}://{request.host}")
    if request.headers.get(hdrs.ORIGIN, store.base_url) not in own:
        raise web.HTTPForbidden(text="This form is sent from the forge's own page only.")


def form_page(title: str, body: Html) -> web.Response:
    """A page whose form tells where it comes from."""
    answer = page(title, body)
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def hidden_fields(values: Mapping[str, str]) -> Html:
    """Hidden fields of a form."""
    return joined(fill(_HIDDEN, name=name, value=value) for name, value in values.items())


def people_options(store: Store) -> Html:
    """The people a form offers."""
    rows = store.all("SELECT login FROM users WHERE type = 'User' ORDER BY login")
    return joined(fill(_OPTION, login=row["login"]) for row in rows)


@dataclass(frozen=True)
class _Ask:
    """What an App asks for."""

    app: Row
    redirect: str
    state: str
    challenge: str


def _ask(store: Store, values: Mapping[str, Any]) -> _Ask:
    """The request of an App; an HTTP error when it can't be trusted to be the App's."""
    app = store.one("SELECT * FROM apps WHERE client_id = ?", str(values.get("client_id", "")))
    if app is None:
        raise web.HTTPNotFound(text="There is no App with this client_id.")
    known = [str(url) for url in json.loads(app["callback_urls"])]
    redirect = str(values.get("redirect_uri") or (known[0] if known else ""))
    if not any(_same(redirect, url) for url in known):
        raise web.HTTPBadRequest(text="The redirect_uri is not associated with this application.")
    challenge = str(values.get("code_challenge", ""))
    if challenge and values.get("code_challenge_method") != "S256":
        raise web.HTTPBadRequest(text="The code_challenge_method must be S256.")
    return _Ask(app, redirect, str(values.get("state", "")), challenge)


def _same(asked: str, known: str) -> bool:
    """The address is the one that was registered; on loopback any port will do."""
    if asked == known:
        return True
    left, right = urlsplit(asked), urlsplit(known)
    loopback = left.hostname in _LOOPBACK and left.hostname == right.hostname
    return loopback and (left.scheme, left.path, left.query) == (right.scheme, right.path, right.query)


def back_to(url: str, **values: str) -> web.HTTPFound:
    """Send the browser to an address with these parameters, without the empty ones."""
    given = urlencode({name: value for name, value in values.items() if value})
    return web.HTTPFound(f"{url}{'&' if '?' in url else '?'}{given}")


def _s256(verifier: str) -> str:
    """The challenge that belongs to a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def routes(store: Store) -> list[web.RouteDef]:
    """The pages and the exchange."""

    async def show(request: web.Request) -> web.Response:
        """Ask the person."""
        ask = _ask(store, request.query)
        kept = {
            "client_id": ask.app["client_id"],
            "redirect_uri": ask.redirect,
            "state": ask.state,
            **({"code_challenge": ask.challenge, "code_challenge_method": "S256"} if ask.challenge else {}),
        }
        may = ", ".join(f"{name}: {level}" for name, level in json.loads(ask.app["permissions"]).items())
        body = fill(
            _FORM,
            app=ask.app["name"],
            permissions=may or "nothing",
            action=AUTHORIZE,
            hidden=hidden_fields(kept),
            people=people_options(store),
        )
        return form_page(f"Sign in to {ask.app['name']}", body)

    async def decide(request: web.Request) -> web.Response:
        """Send the person back with a code, or with their refusal."""
        check_origin(store, request)
        values = await request.post()
        ask = _ask(store, values)
        if values.get("answer") != "yes":
            why = "The user has denied your application access."
            raise back_to(ask.redirect, error="access_denied", error_description=why, state=ask.state)
        user = user_by_login(store, str(values.get("login", "")))
        if user is None or user["type"] != "User":
            raise web.HTTPBadRequest(text="There is no such person.")
        code = secrets.token_hex(10)
        store.insert(
            "oauth_codes",
            hash=hash_of(code),
            app_id=ask.app["id"],
            user_id=user["id"],
            redirect_uri=ask.redirect,
            challenge=ask.challenge or None,
            expires_at=timestamp(store.clock() + _SECONDS),
        )
        raise back_to(ask.redirect, code=code, state=ask.state)

    async def exchange(request: web.Request) -> web.Response:
        """Change a code for a token; errors are answered 200, as GitHub does."""
        values = await _values(request)
        app = store.one("SELECT * FROM apps WHERE client_id = ?", values.get("client_id", ""))
        if app is None:
            raise web.HTTPNotFound(text="Not Found")
        document = _exchanged(store, app, values)
        if "json" in request.headers.get(hdrs.ACCEPT, ""):
            return web.json_response(document)
        return web.Response(text=urlencode(document), content_type="application/x-www-form-urlencoded")

    return [
        web.get(AUTHORIZE, show),
        web.post(AUTHORIZE, decide),
        web.post("/login/oauth/access_token", exchange),
    ]


async def _values(request: web.Request) -> dict[str, str]:
    """The parameters of an exchange: a form, JSON or the query."""
    values: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            given = await request.json()
        except ValueError as error:
            raise web.HTTPBadRequest(text="Problems parsing JSON") from error
        values |= given if isinstance(given, dict) else {}
    else:
        values |= dict(await request.post())
    return {name: value for name, value in values.items() if isinstance(value, str)}


def _refusal(error: str, why: str) -> dict[str, str]:
    """An error of the exchange."""
    return {"error": error, "error_description": why, "error_uri": "https://docs.github.com/apps"}


def _exchanged(store: Store, app: Row, values: Mapping[str, str]) -> dict[str, str]:
    """A token for a code, or why not. A code is used up by the attempt."""
    if not hmac.compare_digest(app["client_secret"], hash_of(values.get("client_secret", ""))):
        why = "The client_id and/or client_secret passed are incorrect."
        return _refusal("incorrect_client_credentials", why)
    sql = "DELETE FROM oauth_codes WHERE hash = ? AND app_id = ? RETURNING *"
    code = store.one(sql, hash_of(values.get("code", "")), app["id"])
    wrong = _refusal("bad_verification_code", "The code passed is incorrect or expired.")
    if code is None or code["expires_at"] <= timestamp(store.clock()):
        return wrong
    if values.get("redirect_uri", code["redirect_uri"]) != code["redirect_uri"]:
        return _refusal("redirect_uri_mismatch", "The redirect_uri MUST match the one the code was made for.")
    verifier = values.get("code_verifier", "")
    if bool(code["challenge"]) != bool(verifier) or (verifier and _s256(verifier) != code["challenge"]):
        return wrong
    return {"access_token": add_user_token(store, code["user_id"], app["id"]), "token_type": "bearer", "scope": ""}
