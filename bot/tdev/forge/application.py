"""The forge as one web application: REST API, set-up, sign-in, git, pages, webhooks, Actions.

Comes in: the state folder, the address it is reached at, the environment for git, perhaps a runner for
workflows and an observer of the API. Goes out: an aiohttp application. The REST API is at /api/v3, the
path of GitHub Enterprise Server; /_forge sets state up; all else is at GitHub's own addresses.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from aiohttp import web

from tdev.forge import admin_http, services
from tdev.forge.access import app_manifest, oauth
from tdev.forge.access.limits import Limits
from tdev.forge.edge import Edge, Exchange
from tdev.forge.store import open_store
from tdev.forge.workflows.runner import Runner

_MAX_BODY = 64 * 1024 * 1024


def make_application(
    root: Path,
    *,
    base_url: str,
    environment: Mapping[str, str],
    runner: Runner | None = None,
    clock: Callable[[], float] = time.time,
    observe: Callable[[Exchange], None] | None = None,
) -> web.Application:
    """The application; its store is opened now and closed with it.

    `observe` is told of every answered request to the REST API, in the thread that serves.
    """
    store = open_store(root, base_url=base_url, clock=clock, environment=environment)
    limits = Limits()
    edge = Edge(store, limits, observe)
    app = web.Application(client_max_size=_MAX_BODY)
    app.router.add_route("*", edge.prefix, edge.handle)
    app.router.add_route("*", f"{edge.prefix}/{{tail:.*}}", edge.handle)
    app.add_routes([*admin_http.routes(store, limits), *oauth.routes(store), *app_manifest.routes(store)])

    async def closing(app: web.Application) -> AsyncIterator[None]:
        yield
        store.connection.close()

    app.cleanup_ctx.append(closing)
    services.attach(app, store, runner)
    return app
