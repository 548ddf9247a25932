"""The history of an App's webhook deliveries, and sending one again.

Follows "REST API endpoints for GitHub App webhooks"; all of it is asked with the App's JSON Web Token. The list
goes from the newest to the oldest and is cut by `cursor`, not by page. Deliveries still on their way are not listed.
"""

from __future__ import annotations

from urllib.parse import urlencode

from tdev.forge import deliveries
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.call import Call
from tdev.forge.store import Row


async def list_deliveries(call: Call) -> Answer:
    """A page of the history; the Link header names the next cursor."""
    size = call.query.get("per_page", "30")
    cursor = call.query.get("cursor", "")
    if not size.isdecimal() or (cursor and not cursor.isdecimal()):
        raise ApiError(400, "Invalid cursor or per_page")
    count = min(max(int(size), 1), 100)
    before = int(cursor) if cursor else 2**62
    sql = "SELECT * FROM hook_deliveries WHERE app_id = ? AND state = 'sent' AND id <= ? ORDER BY id DESC"
    rows = [row for row in call.store.all(sql, call.actor.app_id, before) if _fits(row, call.query.get("status", ""))]
    headers = {}
    if len(rows) > count:
        query = urlencode({**call.query, "cursor": rows[count]["id"]})
        headers["Link"] = f'<{call.url}?{query}>; rel="next"'
    return Answer([deliveries.item(row) for row in rows[:count]], headers=headers)


def _fits(row: Row, status: str) -> bool:
    """The delivery is a `success` or a `failure`, or nothing was asked for."""
    good = 200 <= row["status_code"] < 400
    return not status or good == (status == "success")


def _delivery(call: Call) -> Row:
    """The delivery of the path, when it is the App's."""
    sql = "SELECT * FROM hook_deliveries WHERE id = ? AND app_id = ? AND state = 'sent'"
    row = call.store.one(sql, call.number("delivery_id"), call.actor.app_id)
    if row is None:
        raise not_found()
    return row


async def get_delivery(call: Call) -> Answer:
    """One delivery with its request and response."""
    url = call.store.value("SELECT webhook_url FROM apps WHERE id = ?", call.actor.app_id)
    return Answer(deliveries.document(_delivery(call), str(url)))


async def redeliver(call: Call) -> Answer:
    """Send a delivery again."""
    deliveries.redeliver(call.store, _delivery(call))
    return Answer({}, 202)


async def get_config(call: Call) -> Answer:
    """Where the App's webhook goes; the secret is not shown."""
    return Answer(_config(call))


async def update_config(call: Call) -> Answer:
    """Change address and secret."""
    names = {"url": "webhook_url", "secret": "webhook_secret"}
    changes = {column: call.text(name, resource="Hook") for name, column in names.items() if name in call.document}
    call.store.update("apps", call.actor.app_id, **changes)
    return Answer(_config(call))


def _config(call: Call) -> dict[str, str]:
    """GitHub's `webhook-config`."""
    row = call.store.one("SELECT webhook_url, webhook_secret FROM apps WHERE id = ?", call.actor.app_id)
    if row is None:
        raise not_found()
    secret = {"secret": "********"} if row["webhook_secret"] else {}
    return {"content_type": "json", "insecure_ssl": "0", "url": row["webhook_url"], **secret}
