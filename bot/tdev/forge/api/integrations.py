"""An App as it stands in other documents: who wrote an issue or comment, and who made a check run.

Goes out: GitHub's `integration` document. Reading Apps and their installations through the REST API
is in apps.py.
"""

from __future__ import annotations

import json

from tdev.forge.api.accounts import user_document
from tdev.forge.store import Json, Row, Store, user_by_id


def integration_document(store: Store, app: Row) -> Json:
    """An App, without its keys."""
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
        "permissions": json.loads(app["permissions"]),
        "events": json.loads(app["events"]),
    }


def app_or_none(store: Store, app_id: int | None) -> Json | None:
    """The document of the App with an id, or None for no App."""
    row = store.one("SELECT * FROM apps WHERE id = ?", app_id) if app_id else None
    return None if row is None else integration_document(store, row)
