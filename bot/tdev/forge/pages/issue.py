"""An issue.

Goes out: …/issues/<number>; a pull request's number leads to its own page.
"""

from __future__ import annotations

from aiohttp import web

from tdev.forge.pages import conversation
from tdev.forge.pages.html import joined, page
from tdev.forge.store import Store


def issue(store: Store, request: web.Request) -> web.Response:
    """The page of an issue."""
    place, row = conversation.found(store, request, "issues:read")
    if store.value("SELECT 1 FROM pulls WHERE issue_id = ?", row["id"]):
        raise web.HTTPFound(f"{place.url}/pull/{row['number']}")
    body = joined((conversation.head(place, row, row["state"]), conversation.boxes(place, row)))
    return page(f"{row['title']} · #{row['number']}", body, trail=place.trail)
