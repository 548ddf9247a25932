"""How many requests are left.

Follows "REST API endpoints for rate limits". Asking costs nothing. All resources the forge has share one
counter, `core`; the others GitHub names are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer
from tdev.forge.call import Call, Handler
from tdev.forge.limits import budget


async def get(call: Call) -> Answer:
    """The caller's primary rate limit."""
    document = budget(call.store, call.limits, call.actor).document()
    return Answer({"resources": {"core": document}, "rate": document})


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (("GET", "/rate_limit", "", get),)
"""Rows for forge/routes.py."""
