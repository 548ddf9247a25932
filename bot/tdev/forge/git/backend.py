"""`git http-backend` as a program of the forge: one HTTP request in, git's answer out, no pack held in memory.

Follows git's own pages http-protocol, git-http-backend and gitprotocol-pack. Comes in: an aiohttp
request whose sender may do what it asks, and which updates must be refused. Goes out: git's answer,
and for a push the updates that were really made.

Refusals happen in git's `update` hook and not before it, so that one push can update a free branch
and be refused on a protected one, as on GitHub. Large file storage and the dumb protocol are left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tdev.forge.program import Running, talking

_CHUNK = 64 * 1024
_MAX_HEAD = 64 * 1024
_MAX_COMMANDS = 1024 * 1024
NO_COMMIT = "0" * 40
LINE = "\x1f"
_UPDATE_HOOK = r"""#!/bin/sh
line=$(printf '%s\n' "$FORGE_REFUSED" | awk -F '\t' -v ref="$1" '$1 == ref { print $2; exit }')
if [ -n "$line" ]; then printf 'error: %s\n' "$line" | tr '\037' '\n' >&2; exit 1; fi
zero=0000000000000000000000000000000000000000
if [ -n "$FORGE_NO_WORKFLOWS" ] && [ "$3" != "$zero" ]; then
  file=$(git log -c --format= --name-only "$3" --not --branches -- .github/workflows | grep . | head -n 1)
  if [ -n "$file" ]; then
    printf 'error: refusing to allow a GitHub App to create or update workflow `%s` ' "$file" >&2
    printf 'without `workflows` permission\n' >&2
    exit 1
  fi
fi
if [ "$3" != "$zero" ] && printf '%s\n' "$FORGE_LINEAR" | grep -Fqx "$1"; then
  if [ "$2" = "$zero" ]; then others="--not --branches"; else others="^$2"; fi
  if [ -n "$(git rev-list --merges -n 1 "$3" $others)" ]; then
    printf 'error: GH006: Protected branch update failed for %s.\n' "$1" >&2
    printf 'error: This branch must not contain merge commits.\n' >&2
    exit 1
  fi
fi
if [ "$2" != "$zero" ] && [ "$3" != "$zero" ] && printf '%s\n' "$FORGE_NO_FORCE" | grep -Fqx "$1"; then
  git merge-base --is-ancestor "$2" "$3" && exit 0
  printf 'error: GH006: Protected branch update failed for %s.\nerror: Cannot force-push to this branch\n' "$1" >&2
  exit 1
fi
exit 0
"""
_POST_RECEIVE_HOOK = '#!/bin/sh\ncat > "$FORGE_ACCEPTED"\n'


@dataclass(frozen=True)
class RefUpdate:
    """One reference that a push moves."""

    ref: str
    """Full name, `refs/heads/main`."""
    before: str
    """Commit id before; forty zeros when it is created."""
    after: str
    """Commit id after; forty zeros when it is deleted."""


@dataclass(frozen=True)
class Refusals:
    """What the repository's rules say about a push, before git has seen the objects."""

    refused: Mapping[str, str] = field(default_factory=dict)
    """Reference -> what the pusher is told; lines are separated by LINE."""
    no_force: frozenset[str] = frozenset()
    """References that may only go forward."""
    linear: frozenset[str] = frozenset()
    """References that take no merge commits."""
    no_workflows: bool = False
    """Workflow files must stay as they are: an App pushes that may not write them."""


@dataclass(frozen=True)
class Answer:
    """What git answered to a push, and what it did."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """HTTP headers."""
    body: bytes
    """The report the client reads; some kilobytes."""
    updates: tuple[RefUpdate, ...]
    """The updates that were accepted and made."""


def install_hooks(folder: Path) -> Path:
    """Write the hooks all repositories share; returns their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("update", _UPDATE_HOOK), ("post-receive", _POST_RECEIVE_HOOK)):
        file = folder / name
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)
            file.chmod(0o755)
    return folder


def commands_of(head: bytes) -> tuple[RefUpdate, ...] | None:
    """The updates at the start of a receive-pack request; None while the flush packet is still to come.

    Raises ValueError when it is not in pkt-line format.
    """
    updates: list[RefUpdate] = []
    at = 0
    while len(head) >= at + 4:
        length = int(head[at : at + 4], 16)
        if length == 0:
            return tuple(updates)
        if length < 4:
            raise ValueError("a packet of no length")
        if len(head) < at + length:
            return None
        line = head[at + 4 : at + length].partition(b"\0")[0].decode("utf-8", "replace").rstrip("\n")
        words = line.split(" ", 2)
        if len(words) == 3:
            updates.append(RefUpdate(ref=words[2], before=words[0], after=words[1]))
        elif words[0] not in ("shallow", "push-cert"):
            raise ValueError("a line that is no update")
        at += length
    return None


async def read_commands(request: web.Request) -> tuple[tuple[RefUpdate, ...], bytes]:
    """The updates a push asks for, and the bytes read to know them, which git must still be given."""
    head = b""
    while True:
        chunk = await request.content.read(_CHUNK)
        head += chunk
        try:
            updates = commands_of(head)
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"This is no push: {error}.") from error
        if updates is not None:
            return updates, head
        if not chunk or len(head) > _MAX_COMMANDS:
            raise web.HTTPBadRequest(text="The list of updates does not end.")


@dataclass(frozen=True)
class Backend:
    """`git http-backend` for the repositories below one folder."""

    repositories: Path
    """Holds <owner>/<name>.git."""
    hooks: Path
    """What install_hooks wrote."""
    environment: Mapping[str, str]
    """Settings.child_environment."""

    async def serve(self, request: web.Request, repository: str, service: str, user: str) -> web.StreamResponse:
        """Answer a clone, a fetch or an advertisement, streaming both ways."""
        async with self._started(request, repository, service, user, {}) as program:
            feeding = asyncio.create_task(_feed(program, request, b""))
            try:
                status, headers = await _head(program)
                response = web.StreamResponse(status=status, headers=headers)
                await response.prepare(request)
                while chunk := await program.answer.read(_CHUNK):
                    await response.write(chunk)
                await response.write_eof()
                return response
            finally:
                feeding.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                    await feeding

    async def receive(
        self, request: web.Request, repository: str, user: str, head: bytes, refusals: Refusals
    ) -> Answer:
        """Take a push. The answer is returned and not sent, so that its effects can be recorded first."""
        with tempfile.TemporaryDirectory(prefix="forge-push-") as scratch:
            accepted = Path(scratch) / "accepted"
            more = {
                "FORGE_REFUSED": "\n".join(f"{ref}\t{why}" for ref, why in refusals.refused.items()),
                "FORGE_NO_FORCE": "\n".join(refusals.no_force),
                "FORGE_LINEAR": "\n".join(refusals.linear),
                "FORGE_NO_WORKFLOWS": "yes" if refusals.no_workflows else "",
                "FORGE_ACCEPTED": str(accepted),
            }
            async with self._started(request, repository, "git-receive-pack", user, more) as program:
                feeding = asyncio.create_task(_feed(program, request, head))
                try:
                    status, headers = await _head(program)
                    body = await program.answer.read()
                    await program.process.wait()
                finally:
                    feeding.cancel()
                    with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                        await feeding
            made = accepted.read_text().splitlines() if accepted.is_file() else []
        rows = [line.split(" ", 2) for line in made]
        return Answer(status, headers, body, tuple(RefUpdate(ref, before, after) for before, after, ref in rows))

    def _started(
        self, request: web.Request, repository: str, service: str, user: str, more: Mapping[str, str]
    ) -> AbstractAsyncContextManager[Running]:
        """The program for one request."""
        environment = {**self.environment, **_cgi(request, repository, service, user), **self._git(), **more}
        return talking(("git", "http-backend"), cwd=self.repositories, environment=environment)

    def _git(self) -> dict[str, str]:
        """Git's own surroundings: no configuration of this machine, our hooks, pull references kept from pushes."""
        options = (
            ("http.receivepack", "true"),
            ("http.uploadpack", "true"),
            ("core.hooksPath", str(self.hooks)),
            ("safe.directory", "*"),
            ("gc.auto", "0"),
            ("receive.autogc", "false"),
            ("receive.hideRefs", "refs/pull"),
            ("receive.fsckObjects", "true"),
            ("uploadpack.allowFilter", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
        )
        return {
            "GIT_PROJECT_ROOT": str(self.repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_COUNT": str(len(options)),
            **{f"GIT_CONFIG_KEY_{at}": key for at, (key, _) in enumerate(options)},
            **{f"GIT_CONFIG_VALUE_{at}": value for at, (_, value) in enumerate(options)},
        }


def _cgi(request: web.Request, repository: str, service: str, user: str) -> dict[str, str]:
    """The request in the Common Gateway Interface's words. aiohttp has undone gzip and chunks already."""
    words = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": f"/{repository}.git/{service}",
        "QUERY_STRING": request.query_string,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.remote or "",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
    }
    return {**words, "REMOTE_USER": user} if user else words


async def _feed(program: Running, request: web.Request, head: bytes) -> None:
    """Hand the request's body to the program as it comes."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        if head:
            program.request.write(head)
        while chunk := await request.content.read(_CHUNK):
            program.request.write(chunk)
            await program.request.drain()
    program.request.close()


async def _head(program: Running) -> tuple[int, dict[str, str]]:
    """Status and headers of the program's answer; 502 when it gave none."""
    try:
        raw = await program.answer.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise web.HTTPBadGateway(text="git http-backend gave no answer.") from error
    return parse_head(raw[:_MAX_HEAD])


def parse_head(raw: bytes) -> tuple[int, dict[str, str]]:
    """Status (200 where CGI leaves it out) and headers of a CGI answer."""
    headers: dict[str, str] = {}
    for line in raw.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name:
            headers[name.strip()] = value.strip()
    status = int(headers.pop("Status", "200").split()[0])
    return status, headers


def only_branches(updates: Sequence[RefUpdate]) -> tuple[RefUpdate, ...]:
    """The updates that concern branches."""
    return tuple(update for update in updates if update.ref.startswith("refs/heads/"))
