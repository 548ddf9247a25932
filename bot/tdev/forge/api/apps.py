"""GitHub Apps as their owners and the public see them.

Follows "REST API endpoints for GitHub Apps". Goes out: the App's document (`integration`). An App is made
at /_forge/apps or from a manifest: /settings/apps/new keeps the manifest under a code that works once,
and the conversion here turns it into the App with its key and secrets.
"""

from __future__ import annotations

import json

from tdev.forge.answers import Answer, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.call import Call, Handler
from tdev.forge.store import Json, Row, Store, user_by_id


def app_document(store: Store, app: Row, *, count: bool = False) -> Json:
    """An App; with `count` also how many installations it has, as the App itself is shown."""
    sql = "SELECT count(*) FROM installations WHERE app_id = ?"
    return {
        "id": app["id"],
        "slug": app["slug"],
        "node_id": f"A_forge{app['id']}",
        "client_id": app["client_id"],
        "owner": user_document(store, user_by_id(store, app["owner_id"])),
        "name": app["name"],
        "description": app["description"],
        "external_url": app["external_url"],
        "html_url": f"{store.base_url}/apps/{app['slug']}",
        "created_at": app["created_at"],
        "updated_at": app["updated_at"],
        "permissions": {"metadata": "read", **json.loads(app["permissions"])},
        "events": json.loads(app["events"]),
        **({"installations_count": store.value(sql, app["id"])} if count else {}),
    }


def app_of(call: Call) -> Row:
    """The App that is asking."""
    app = call.store.one("SELECT * FROM apps WHERE id = ?", call.actor.app_id)
    if app is None:
        raise not_found()
    return app


async def get_authenticated(call: Call) -> Answer:
    """The App whose token it is."""
    return Answer(app_document(call.store, app_of(call), count=True))


async def get_by_slug(call: Call) -> Answer:
    """An App by its slug."""
    app = call.store.one("SELECT * FROM apps WHERE slug = ?", call.path["app_slug"])
    if app is None:
        raise not_found()
    return Answer(app_document(call.store, app))


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/app", "app", get_authenticated),
    ("GET", "/apps/{app_slug}", "", get_by_slug),
)
"""Rows for forge/routes.py."""
