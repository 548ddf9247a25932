"""Webhook deliveries: each queued event becomes one signed HTTP request, and what became of it is kept.

Follows GitHub's pages "Webhook events and payloads" and "Handling failed webhook deliveries": ten
seconds to answer, no attempt beyond the first unless somebody asks for it, each attempt in the history.
Comes in: rows that events.emit queued. Goes out: requests to the App's webhook address.

A forge that was killed while it sent sends again when it starts: a receiver must know deliveries by
their X-GitHub-Delivery, as with GitHub. Repository and organisation webhooks are left out.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from tdev.forge.faults import take
from tdev.forge.store import Json, Row, Store

SECONDS = 10.0
"""How long a receiver may take."""
_PAUSE = 0.02
_AT_ONCE = 8
_REORDER = 0.5
_MAX_KEPT = 64 * 1024
USER_AGENT = "GitHub-Hookshot/f0f9e0a"


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    status: str
    """`OK`, or why not in a few words."""
    code: int
    """HTTP status, 0 when there was no answer."""
    seconds: float
    headers: Mapping[str, str]
    body: str


def signatures(secret: str, body: bytes) -> dict[str, str]:
    """Both signature headers of a body; none without a secret."""
    if not secret:
        return {}
    key = secret.encode()
    return {
        "X-Hub-Signature": f"sha1={hmac.new(key, body, hashlib.sha1).hexdigest()}",
        "X-Hub-Signature-256": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
    }


def headers_of(delivery: Row, secret: str, body: bytes) -> dict[str, str]:
    """The request headers of a delivery."""
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-GitHub-Delivery": delivery["guid"],
        "X-GitHub-Event": delivery["event"],
        "X-GitHub-Hook-ID": str(delivery["app_id"]),
        "X-GitHub-Hook-Installation-Target-ID": str(delivery["app_id"]),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        **signatures(secret, body),
    }


async def attempt(session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Send one request; every way it can end is an outcome."""
    started = time.monotonic()
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            text = (await answer.content.read(_MAX_KEPT)).decode("utf-8", "replace")
            status = "OK" if answer.status < 400 else f"Invalid HTTP Response: {answer.status}"
            return Outcome(status, answer.status, time.monotonic() - started, dict(answer.headers), text)
    except TimeoutError:
        return Outcome("timed out", 0, time.monotonic() - started, {}, "")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        words = str(error) or type(error).__name__
        return Outcome(f"failed to connect to host: {words}", 0, time.monotonic() - started, {}, "")


async def deliver(store: Store, session: aiohttp.ClientSession, delivery: Row) -> None:
    """Send one delivery and keep what became of it; a fault that was set for deliveries is used up here."""
    app = store.one("SELECT webhook_url, webhook_secret FROM apps WHERE id = ?", delivery["app_id"])
    if app is None or not app["webhook_url"]:
        store.update("hook_deliveries", delivery["id"], state="sent", status="no webhook address", status_code=0)
        return
    body = delivery["payload"].encode()
    headers = headers_of(delivery, app["webhook_secret"], body)
    fault = take(store, "delivery", delivery["event"], app["webhook_url"]) or {}
    await asyncio.sleep(float(fault.get("delay") or (_REORDER if fault.get("reorder") else 0)))
    if fault.get("drop") or fault.get("reset"):
        done = Outcome("failed to connect to host: dropped on purpose", 0, 0.0, {}, "")
    else:
        done = await attempt(session, app["webhook_url"], headers, body)
        if fault.get("duplicate"):
            done = await attempt(session, app["webhook_url"], headers, body)
    store.update(
        "hook_deliveries",
        delivery["id"],
        state="sent",
        delivered_at=_milliseconds(store.clock()),
        duration=round(done.seconds, 3),
        status=done.status,
        status_code=done.code,
        request_headers=json.dumps(headers),
        response_headers=json.dumps(dict(done.headers)),
        response_body=done.body,
    )


def _milliseconds(seconds: float) -> str:
    """Seconds since 1970 as the history writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def redeliver(store: Store, delivery: Row) -> int:
    """Queue the same event once more, under the same GUID; returns the id of the new delivery."""
    kept = ("guid", "app_id", "installation_id", "repository_id", "event", "action", "payload")
    return store.insert(
        "hook_deliveries", **{name: delivery[name] for name in kept}, redelivery=1, queued_at=store.now()
    )


@asynccontextmanager
async def delivering(store: Store) -> AsyncIterator[None]:
    """While the block runs, queued deliveries are sent, in order but not one after the other."""
    store.run("UPDATE hook_deliveries SET state = 'queued' WHERE state = 'sending'")
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session:
        loop = asyncio.create_task(_loop(store, session))
        try:
            yield
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


async def _loop(store: Store, session: aiohttp.ClientSession) -> None:
    """Start every queued delivery, at most eight at once."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(delivery: Row) -> None:
        try:
            await deliver(store, session, delivery)
        finally:
            places.release()

    async with asyncio.TaskGroup() as group:
        while True:
            await places.acquire()
            delivery = next_queued(store)
            while delivery is None:
                await asyncio.sleep(_PAUSE)
                delivery = next_queued(store)
            group.create_task(one(delivery))


def next_queued(store: Store) -> Row | None:
    """The oldest delivery that waits, marked as being sent."""
    return store.one(
        "UPDATE hook_deliveries SET state = 'sending' WHERE id = "
        "(SELECT min(id) FROM hook_deliveries WHERE state = 'queued') RETURNING *"
    )


def item(delivery: Row) -> Json:
    """A delivery as the history lists it (GitHub's hook-delivery-item)."""
    return {
        "id": delivery["id"],
        "guid": delivery["guid"],
        "delivered_at": delivery["delivered_at"],
        "redelivery": bool(delivery["redelivery"]),
        "duration": delivery["duration"],
        "status": delivery["status"],
        "status_code": delivery["status_code"],
        "event": delivery["event"],
        "action": delivery["action"],
        "installation_id": delivery["installation_id"],
        "repository_id": delivery["repository_id"],
        "throttled_at": None,
    }


def document(delivery: Row, url: str) -> Json:
    """A delivery with its request and response (GitHub's hook-delivery)."""
    return {
        **item(delivery),
        "url": url,
        "request": {
            "headers": json.loads(delivery["request_headers"] or "{}"),
            "payload": json.loads(delivery["payload"]),
        },
        "response": {
            "headers": json.loads(delivery["response_headers"] or "{}"),
            "payload": delivery["response_body"] or "",
        },
    }
