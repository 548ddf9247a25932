"""The table of pages: which address shows what.

The addresses are GitHub's own, so that every `html_url` the REST API gives leads somewhere. Goes out: aiohttp
routes for one store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from tdev.forge.pages import checks, issue, pull, repository, run, style
from tdev.forge.store import Store

PAGES: tuple[tuple[str, Callable[[Store, web.Request], web.Response]], ...] = (
    ("/{owner}/{name}", repository.repository),
    ("/{owner}/{name}/tree/{branch:.+}", repository.repository),
    ("/{owner}/{name}/blob/{rest:.+}", repository.blob),
    ("/{owner}/{name}/issues", repository.issues),
    ("/{owner}/{name}/pulls", repository.pulls),
    ("/{owner}/{name}/actions", repository.runs),
    ("/{owner}/{name}/issues/{number}", issue.issue),
    ("/{owner}/{name}/pull/{number:\\d+}.{kind:diff|patch}", pull.as_text),
    ("/{owner}/{name}/pull/{number}", pull.pull),
    ("/{owner}/{name}/pull/{number}/files", pull.pull),
    ("/{owner}/{name}/runs/{run}", checks.check_run),
    ("/{owner}/{name}/actions/runs/{run}", run.run),
    ("/{owner}/{name}/actions/runs/{run}/job/{job}", run.run),
)
"""Address and what makes the page."""


def routes(store: Store) -> list[web.RouteDef]:
    """A route for every page, for the list of repositories and for the stylesheet."""

    def shown(make: Callable[[Store, web.Request], web.Response]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            return make(store, request)

        return handler

    async def start(request: web.Request) -> web.Response:
        return repository.start(store)

    return [
        web.get("/", start),
        web.get(style.ADDRESS, style.stylesheet),
        *(web.get(path, shown(make)) for path, make in PAGES),
    ]
