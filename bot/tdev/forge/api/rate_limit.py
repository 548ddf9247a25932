"""How many requests are left.

Follows "REST API endpoints for rate limits". Asking costs nothing. All that the forge has shares one
counter, `core`. `search`, which clients look for, always stands at its full 30 a minute: there is no searching here.
The other resources GitHub names are left out.
"""

from __future__ import annotations

from tdev.forge.access.limits import budget
from tdev.forge.answers import Answer
from tdev.forge.call import Call, Handler

_MINUTE = 60
_SEARCHES = 30


async def get(call: Call) -> Answer:
    """The caller's primary rate limit."""
    document = budget(call.store, call.limits, call.actor).document()
    resets_at = int(call.store.clock()) + _MINUTE
    search = {"limit": _SEARCHES, "used": 0, "remaining": _SEARCHES, "reset": resets_at}
    return Answer({"resources": {"core": document, "search": search}, "rate": document})


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (("GET", "/rate_limit", "", get),)
"""Rows for forge/routes.py."""
