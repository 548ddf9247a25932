"""Clone, fetch and push: the three addresses of git's smart HTTP protocol, with the forge's permissions.

Comes in: /<owner>/<name>[.git]/info/refs, git-upload-pack or git-receive-pack, with a token as the
password of Basic authentication (any user name; Apps use x-access-token). Goes out: git's answers.
Reading a public repository needs no token; pushing needs `contents:write` or the role `write`.

A push is answered only when its effects are recorded, so a client that reads the REST API next
sees them. Statuses follow GitHub: 401 for nobody, 404 for what must not be seen, 403 for what may not be done.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from tdev.forge.access.authentication import identify
from tdev.forge.access.permissions import check, may_push
from tdev.forge.answers import ApiError
from tdev.forge.api.repositories import full_name
from tdev.forge.call import Actor
from tdev.forge.git.backend import Backend, RefUpdate, install_hooks, read_commands
from tdev.forge.git.push_rules import refusals
from tdev.forge.store import Row, Store, repository_by_name, user_by_id

Received = Callable[[Row, Sequence[RefUpdate], Row], Awaitable[None]]
"""What is told of a push: the repository, the updates that were made, the account that pushed."""
_SERVICES = ("git-upload-pack", "git-receive-pack")


@dataclass(frozen=True)
class GitHttp:
    """The handlers, for one store."""

    store: Store
    backend: Backend
    received: Received

    async def info_refs(self, request: web.Request) -> web.StreamResponse:
        """What references there are."""
        service = request.query.get("service", "")
        if service not in _SERVICES:
            raise web.HTTPForbidden(text="Please upgrade your git client: the dumb protocol is not supported.")
        repository, actor = self._allowed(request, push=service == "git-receive-pack")
        return await self.backend.serve(request, self._path(repository), "info/refs", self._login(actor))

    async def upload_pack(self, request: web.Request) -> web.StreamResponse:
        """Clone and fetch."""
        repository, actor = self._allowed(request, push=False)
        return await self.backend.serve(request, self._path(repository), "git-upload-pack", self._login(actor))

    async def receive_pack(self, request: web.Request) -> web.StreamResponse:
        """Push."""
        repository, actor = self._allowed(request, push=True)
        updates, head = await read_commands(request)
        refused = refusals(self.store, repository, actor, updates)
        answer = await self.backend.receive(request, self._path(repository), self._login(actor), head, refused)
        if answer.updates:
            await self.received(repository, answer.updates, user_by_id(self.store, actor.user_id))
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def _allowed(self, request: web.Request, *, push: bool) -> tuple[Row, Actor]:
        """The repository and who asks; an HTTP error when they may not."""
        owner, name = request.match_info["owner"], request.match_info["name"].removesuffix(".git")
        try:
            actor = identify(self.store, request.headers.get(hdrs.AUTHORIZATION, ""))
        except ApiError as error:
            raise _unauthorized("Invalid username or token.") from error
        if actor.kind == "app":
            raise _unauthorized("A JSON web token can't be used with git.")
        repository = repository_by_name(self.store, owner, name)
        try:
            if repository is None:
                raise ApiError(404, "Repository not found.")
            check(self.store, actor, repository, "contents:read")
        except ApiError as error:
            if actor.kind == "anonymous":
                raise _unauthorized("Authentication required.") from error
            if error.http_status == web.HTTPForbidden.status_code:
                raise web.HTTPForbidden(text=error.message) from error
            raise web.HTTPNotFound(text="Repository not found.") from error
        if push and actor.kind == "anonymous":
            raise _unauthorized("Authentication required.")
        if push and not may_push(self.store, actor, repository):
            raise web.HTTPForbidden(text=f"Permission to {full_name(self.store, repository)}.git denied to "
                                         f"{self._login(actor)}.")  # fmt: skip
        return repository, actor

    def _path(self, repository: Row) -> str:
        """<owner>/<name> below the folder of repositories."""
        folder = self.store.folder(repository)
        return f"{folder.parent.name}/{folder.name.removesuffix('.git')}"

    def _login(self, actor: Actor) -> str:
        """The account's login; empty for nobody."""
        return str(user_by_id(self.store, actor.user_id)["login"]) if actor.user_id else ""


def _unauthorized(text: str) -> web.HTTPUnauthorized:
    """401 that makes git ask its credential helper."""
    return web.HTTPUnauthorized(text=text, headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="GitHub"'})


def routes(store: Store, received: Received) -> list[web.RouteDef]:
    """The routes, with and without `.git`."""
    hooks = install_hooks(store.root / "hooks")
    git = GitHttp(store, Backend(store.root / "repositories", hooks, store.environment), received)
    return [
        web.get("/{owner}/{name}/info/refs", git.info_refs),
        web.post("/{owner}/{name}/git-upload-pack", git.upload_pack),
        web.post("/{owner}/{name}/git-receive-pack", git.receive_pack),
    ]
