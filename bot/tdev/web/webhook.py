"""POST /webhook: a delivery of GitHub's is checked, stored and answered; nothing else is done while GitHub waits.

In goes a request as in https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers. Out goes 200
for a delivery that is stored (or was before), 202 for one that means nothing to us, else 400 (headers or JSON), 401
(signature), 413 (above 25 MiB), 415 (not JSON) or 503 (our disk). The signature is checked before the body is parsed.
GET /health says 200 when the database answers, and how many deliveries wait.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from tdev.adapters.inbox import Inbox
from tdev.errors import ConfigurationError, TdevError
from tdev.triggers.table import TRIGGERS, intent_of
from tdev.web.signature import is_signed

_LOG = logging.getLogger(__name__)
MOST_BYTES = 25 * 1024 * 1024
"""GitHub's own cap on a payload."""
_STORED = "Stored."
"""Such a delivery is logged once it is dealt with, in app.py."""
_SHORTEST_SECRET = 16
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DELIVERY = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")

INBOX: web.AppKey[Inbox] = web.AppKey("inbox", Inbox)
SECRET: web.AppKey[str] = web.AppKey("secret", str)


def make_application(inbox: Inbox, secret: str) -> web.Application:
    """The web application; raises ConfigurationError without a secret worth the name."""
    check_secret(secret)
    application = web.Application(client_max_size=MOST_BYTES, middlewares=[_errors])
    application[INBOX] = inbox
    application[SECRET] = secret
    application.add_routes([web.post("/webhook", receive), web.get("/health", health)])
    return application


def check_secret(secret: str) -> None:
    """Raises ConfigurationError when there is no secret or it is too short to protect anything."""
    if len(secret.encode()) < _SHORTEST_SECRET:
        raise ConfigurationError(
            f"TDEV_WEBHOOK_SECRET is {'too short' if secret else 'not set'}, so nobody could tell GitHub from others.",
            next_step=f"Set it to the secret of the App's webhook, at least {_SHORTEST_SECRET} characters long.",
        )


async def receive(request: web.Request) -> web.Response:
    """Check and store one delivery."""
    event, delivery, signature = _headers(request)
    body = await _body(request)
    status, became = await _became(request.app, event, delivery, signature, body)
    if became != _STORED:
        _LOG.log(logging.WARNING if status >= 400 else logging.INFO, "delivery %s %s: %s", delivery, event, became)
    return _say(status, became)


async def _became(app: web.Application, event: str, delivery: str, signature: str, body: bytes) -> tuple[int, str]:
    """Status and words for a delivery whose headers are well formed; it is stored when it asks for something."""
    if not is_signed(app[SECRET], body, signature):
        return 401, "The signature is not that of this body."
    payload = _parsed(body)
    if payload is None:
        return 400, "The body is no JSON object."
    intent = intent_of(event, payload) if event in TRIGGERS else None
    if intent is None:
        return 202, "Nothing to do."
    if await app[INBOX].store(delivery, event, intent, time.time()):
        return 200, _STORED
    return 200, "Stored before."


async def health(request: web.Request) -> web.Response:
    """The database answers; how many deliveries wait, are done, and have failed."""
    return web.json_response({"status": "ok", "deliveries": await request.app[INBOX].counts()})


def _headers(request: web.Request) -> tuple[str, str, str]:
    """Event, delivery id and signature; raises what a wrong header is answered with."""
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in ("utf-8", "utf8"):
        raise web.HTTPUnsupportedMediaType(text="Set the webhook's content type to application/json.")
    values = []
    for name, form in (("X-GitHub-Event", _EVENT), ("X-GitHub-Delivery", _DELIVERY), ("X-Hub-Signature-256", None)):
        given = request.headers.getall(name, [])
        if len(given) != 1 or (form is not None and not form.fullmatch(given[0])):
            raise web.HTTPBadRequest(text=f"The header {name} is missing, repeated or malformed.")
        values.append(given[0])
    return values[0], values[1], values[2]


async def _body(request: web.Request) -> bytes:
    """The body; raises 413 when it is above the cap, before it is read where its length is given."""
    if (request.content_length or 0) > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(MOST_BYTES, request.content_length or 0)
    return await request.read()


def _parsed(body: bytes) -> dict[str, object] | None:
    """The body as a JSON object; None when it is none, or nested without reason."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _say(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


@web.middleware
async def _errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Every refusal has a JSON body; foreseen failures have their own status and say nothing of our inside."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        return _say(refusal.status, refusal.text or refusal.reason)
    except TdevError as error:
        return _say(error.http_status, "Not now; please deliver again.")
