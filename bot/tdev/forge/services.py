"""All of the forge that is not its REST API, put onto an application: git, pages, downloads, OIDC, deliveries, runs.

Comes in: an aiohttp application and its store. Goes out: its routes, and two tasks that run while it does, one
sending webhook deliveries and one carrying out workflow runs where a runner is given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from tdev.forge.deliveries import delivering
from tdev.forge.git import http as git_http
from tdev.forge.git.backend import RefUpdate
from tdev.forge.git.pushed import received
from tdev.forge.pages import table
from tdev.forge.store import Row, Store
from tdev.forge.workflows import downloads, oidc
from tdev.forge.workflows.job_work import working
from tdev.forge.workflows.runner import Runner
from tdev.forge.workflows.triggered import triggered


def attach(app: web.Application, store: Store, runner: Runner | None) -> None:
    """Add the routes and the tasks. Call it after the REST API's routes were added: pages take what is left."""

    async def taken(repository: Row, updates: Sequence[RefUpdate], sender: Row) -> None:
        received(store, repository, updates, sender)

    store.listeners.append(triggered)
    app.add_routes(git_http.routes(store, taken))
    app.add_routes([*downloads.routes(store), *oidc.routes(store), *table.routes(store)])

    async def deliveries(app: web.Application) -> AsyncIterator[None]:
        async with delivering(store):
            yield

    async def runs(app: web.Application) -> AsyncIterator[None]:
        if runner is None:
            yield
            return
        async with working(store, runner):
            yield

    app.cleanup_ctx.extend((deliveries, runs))
