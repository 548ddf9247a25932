"""The App that wrote an issue or a comment, as their documents name it (`performed_via_github_app`).

Goes out: the App's document from apps.py, or nothing where a person wrote.
"""

from __future__ import annotations

from tdev.forge.api.apps import app_document
from tdev.forge.store import Json, Store


def app_or_none(store: Store, app_id: int | None) -> Json | None:
    """The document of the App with an id, or None for no App."""
    row = store.one("SELECT * FROM apps WHERE id = ?", app_id) if app_id else None
    return None if row is None else app_document(store, row)
