"""Who is asking: reads the Authorization header.

Takes what GitHub takes: `Bearer` or `token` with a personal or an installation access token or with
an App's JSON Web Token, and Basic with the token as password. A JWT must be signed RS256 with the
App's key, name the App (`iss`: its id or client id), be issued in the past and last at most ten
minutes, as "Generating a JSON Web Token (JWT) for a GitHub App" says. A bad credential is 401; none at all is
nobody, who may read what is public. A token of a person who signed in through an App may do what both may.
"""

from __future__ import annotations

import base64
import binascii
import json
from http import HTTPStatus

import jwt

from tdev.forge.answers import ApiError
from tdev.forge.call import Actor
from tdev.forge.store import Row, Store, hash_of, installed_repository_ids, timestamp

_LONGEST = 600
_SKEW = 60
ANONYMOUS = Actor("anonymous")


def identify(store: Store, authorization: str) -> Actor:
    """The actor an Authorization header stands for; ApiError 401 when it is no good."""
    if not authorization:
        return ANONYMOUS
    token = token_in(authorization)
    return _app(store, token) if token.count(".") == 2 else _token(store, token)


def token_in(authorization: str) -> str:
    """The token of an Authorization header: after Bearer or token, or the password of Basic."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() != "basic":
        raise _bad()
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _bad() from error
    return user if password in ("", "x-oauth-basic") else password


def _bad(message: str = "Bad credentials") -> ApiError:
    return ApiError(HTTPStatus.UNAUTHORIZED, message)


def _token(store: Store, token: str) -> Actor:
    """The actor of a personal or installation access token."""
    row = store.one("SELECT * FROM tokens WHERE hash = ?", hash_of(token))
    if row is None or (row["expires_at"] and row["expires_at"] <= timestamp(store.clock())):
        raise _bad()
    if row["user_id"]:
        user = store.one("SELECT * FROM users WHERE id = ?", row["user_id"])
        if user is None:
            raise _bad()
        if row["app_id"]:
            return _through_app(store, row, user)
        return Actor("user", user["id"], token_hash=row["hash"], site_admin=bool(user["site_admin"]))
    return _installation(store, row)


def _through_app(store: Store, token: Row, user: Row) -> Actor:
    """The actor of a user access token: the person, within what the App may and where it is installed."""
    app = store.one("SELECT permissions FROM apps WHERE id = ?", token["app_id"])
    if app is None:
        raise _bad()
    sql = "SELECT * FROM installations WHERE app_id = ? AND suspended_at IS NULL"
    reached = (installed_repository_ids(store, each) for each in store.all(sql, token["app_id"]))
    return Actor(
        "user",
        user["id"],
        app_id=token["app_id"],
        permissions={"metadata": "read", **json.loads(app["permissions"])},
        repository_ids=frozenset().union(*reached),
        token_hash=token["hash"],
    )


def _installation(store: Store, token: Row) -> Actor:
    """The actor of an installation access token, with what the installation may still reach."""
    installation = store.one("SELECT * FROM installations WHERE id = ?", token["installation_id"])
    if installation is None:
        raise _bad()
    if installation["suspended_at"]:
        raise ApiError(HTTPStatus.FORBIDDEN, "This installation has been suspended")
    reached = installed_repository_ids(store, installation)
    chosen = reached if token["repository_ids"] is None else reached & frozenset(json.loads(token["repository_ids"]))
    bot = store.value("SELECT bot_id FROM apps WHERE id = ?", installation["app_id"])
    return Actor(
        "installation",
        bot,
        app_id=installation["app_id"],
        installation_id=installation["id"],
        permissions={"metadata": "read", **json.loads(token["permissions"])},
        repository_ids=chosen,
        token_hash=token["hash"],
    )


def _app(store: Store, token: str) -> Actor:
    """The App that signed a JSON Web Token."""
    try:
        issuer = str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
    except jwt.PyJWTError as error:
        raise _bad("A JSON web token could not be decoded") from error
    app = store.one("SELECT * FROM apps WHERE client_id = ? OR CAST(id AS TEXT) = ?", issuer, issuer)
    if app is None:
        raise _bad("'Issuer' claim ('iss') must be an Integer assigned to the app, or its client id")
    try:
        claims = jwt.decode(
            token,
            app["public_key"],
            algorithms=["RS256"],
            options={"require": ["exp"], "verify_exp": False, "verify_iat": False, "verify_iss": False},
        )
    except jwt.PyJWTError as error:
        raise _bad("A JSON web token could not be decoded") from error
    _check_times(claims, store.clock())
    return Actor("app", 0, app_id=app["id"])


def _check_times(claims: dict[str, object], now: float) -> None:
    """401 unless the token was issued in the past, still holds and ends within ten minutes."""
    issued, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float):
        raise _bad("Missing 'issued at' claim ('iat') in assertion")
    if issued > now + _SKEW:
        raise _bad("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
    if not isinstance(ends, int | float):
        raise _bad("Missing 'expiration time' claim ('exp') in assertion")
    if ends <= now:
        raise _bad(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the "
            "assertion expires"
        )
    if ends > now + _LONGEST + _SKEW or ends - issued > _LONGEST + _SKEW:
        raise _bad("'Expiration time' claim ('exp') is too far in the future")
