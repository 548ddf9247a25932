"""The edge of the REST API: the one place where HTTP becomes a Call and an Answer becomes HTTP.

Follows "Getting started with the REST API", "Rate limits", "Best practices" (conditional requests) and
"Troubleshooting". In this order: who asks, rate limits, a fault that was set, the route, the JSON body,
the repository, the permission, the handler, the ETag. Every refusal goes out in GitHub's words.

Requests answered 304 are given back to the primary limit. What is left out: CORS, compression,
and the media types GitHub has for rendered Markdown.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web

from tdev.errors import TdevError
from tdev.forge.access.authentication import ANONYMOUS, identify
from tdev.forge.access.limits import Budget, Limits, budget, check_secondary, give_back, spend
from tdev.forge.access.permissions import check
from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api_versions import OLDEST, as_of, version_of
from tdev.forge.call import Actor, Call
from tdev.forge.faults import take
from tdev.forge.routes import Route, find
from tdev.forge.store import Json, Store, repository_by_name

_LOG = logging.getLogger("tdev.forge")
_READING = ("GET", "HEAD")
_FREE = ("/rate_limit",)


@dataclass(frozen=True)
class Exchange:
    """One answered request, as it is told to an observer."""

    method: str
    template: str
    """Path of the route as GitHub's description writes it; empty when there is none."""
    path: str
    """As it was asked, below the API's root."""
    query: Mapping[str, str]
    request_body: Any
    status: int
    response_body: Any
    request_headers: Mapping[str, str]
    response_headers: Mapping[str, str]


@dataclass
class Visit:
    """One request on its way."""

    request: web.Request
    path: str
    """Encoded, below the API's root."""
    actor: Actor = ANONYMOUS
    route: Route | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    have: Budget | None = None
    version: str = OLDEST
    """Of the API, as asked for."""

    @property
    def template(self) -> str:
        """The route's path; empty when there is none."""
        return self.route.template if self.route else ""


@dataclass(frozen=True)
class Edge:
    """The REST API of one store."""

    store: Store
    limits: Limits
    observe: Callable[[Exchange], None] | None = None
    prefix: str = "/api/v3"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        visit = Visit(request, request.rel_url.raw_path.removeprefix(self.prefix) or "/")
        try:
            answer = await self._answer(visit)
        except _Reset:
            return _reset(request)
        answer = self._conditional(visit, answer)
        headers = {**_headers(visit), **answer.headers}
        if self.observe is not None:
            self.observe(_exchange(visit, answer, headers))
        return _response(answer, headers)

    async def _answer(self, visit: Visit) -> Answer:
        """What the request is answered, refusals included."""
        try:
            return await self._admitted(visit)
        except ApiError as error:
            return error.answer()
        except TdevError as error:
            _LOG.warning("%s %s: %s", visit.request.method, visit.path, error)
            return ApiError(error.http_status, error.message).answer()
        except (_Reset, web.HTTPException):
            raise
        except Exception:
            _LOG.exception("%s %s failed", visit.request.method, visit.path)
            return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "Server Error").answer()

    async def _admitted(self, visit: Visit) -> Answer:
        """The part of a request that limits count: between knowing who asks and having the answer."""
        request, key = visit.request, ""
        _check_headers(request)
        visit.version = version_of(request.headers.get("X-GitHub-Api-Version", ""))
        visit.actor = identify(self.store, request.headers.get(hdrs.AUTHORIZATION, ""))
        visit.have = budget(self.store, self.limits, visit.actor)
        key = visit.actor.key
        check_secondary(self.limits, visit.actor, request.method, self.store.clock())
        if visit.path not in _FREE:
            visit.have = spend(self.store, self.limits, visit.actor)
        running = self.limits.running
        running[key] = running.get(key, 0) + 1
        try:
            return await self._with_faults(visit)
        finally:
            running[key] -= 1

    async def _with_faults(self, visit: Visit) -> Answer:
        """The answer, or what a fault puts in its place; a `late` fault strikes when the work is done."""
        fault = take(self.store, "api", visit.request.method, visit.path)
        if fault is None:
            return await self._called(visit)
        done = await self._called(visit) if fault.get("late") else None
        await asyncio.sleep(float(fault.get("delay") or 0))
        if fault.get("reset"):
            raise _Reset
        if fault.get("status"):
            return _fault_answer(fault)
        return done or await self._called(visit)

    async def _called(self, visit: Visit) -> Answer:
        """What the route's handler answers."""
        found = find(visit.request.method, visit.path)
        if found is None:
            raise not_found()
        visit.route, visit.parameters = found
        if any("\0" in word for word in (*visit.parameters.values(), *visit.request.query.values())):
            raise ApiError(HTTPStatus.BAD_REQUEST, "The address holds a null byte.")
        visit.body = await _body(visit.request)
        repository = None
        if "owner" in visit.parameters and "repo" in visit.parameters:
            repository = repository_by_name(self.store, visit.parameters["owner"], visit.parameters["repo"])
            if repository is None:
                raise not_found()
        check(self.store, visit.actor, repository, visit.route.permission)
        call = Call(
            store=self.store,
            actor=visit.actor,
            path=visit.parameters,
            query=dict(visit.request.query),
            body={} if visit.body is None else visit.body,
            url=f"{self.store.api_url}{visit.path}",
            accept=visit.request.headers.get(hdrs.ACCEPT, ""),
            found=repository,
            limits=self.limits,
            api_version=visit.version,
        )
        answer = await visit.route.handler(call)
        return replace(answer, body=as_of(visit.version, answer.body))

    def _conditional(self, visit: Visit, answer: Answer) -> Answer:
        """The answer with its ETag, or 304 when the client has it already."""
        if visit.request.method not in _READING or answer.status != HTTPStatus.OK or answer.body is None:
            return answer
        seen = json.dumps(answer.headers, sort_keys=True).encode() + _bytes(answer)
        tag = f'W/"{hashlib.sha256(seen).hexdigest()}"'
        headers = {**answer.headers, "ETag": tag, "Cache-Control": "private, max-age=60, s-maxage=60"}
        known = visit.request.headers.get(hdrs.IF_NONE_MATCH, "")
        if tag.removeprefix("W/") not in [each.strip().removeprefix("W/") for each in known.split(",")]:
            return Answer(answer.body, answer.status, answer.media_type, headers)
        if visit.have is not None and visit.path not in _FREE:
            visit.have = give_back(self.store, visit.actor, visit.have)
        return Answer(None, HTTPStatus.NOT_MODIFIED, answer.media_type, headers)


class _Reset(Exception):
    """The connection is to be cut."""


def _reset(request: web.Request) -> web.Response:
    """Cut the connection so that the client sees a reset."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def _check_headers(request: web.Request) -> None:
    """Refuse what GitHub refuses before it looks at anything: no User-Agent."""
    if not request.headers.get(hdrs.USER_AGENT):
        why = "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
        raise ApiError(HTTPStatus.FORBIDDEN, why)


async def _body(request: web.Request) -> Any:
    """The parsed JSON body, None when there is none; ApiError 400 or 413."""
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise ApiError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request body is too large.") from error
    if not raw.strip():
        return None
    try:
        document = json.loads(raw)
        if b"\\u" in raw:
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ApiError(HTTPStatus.BAD_REQUEST, "Problems parsing JSON") from error
    return document


def _fault_answer(fault: Json) -> Answer:
    """The answer a fault asks for."""
    headers = {str(name): str(value) for name, value in (fault.get("headers") or {}).items()}
    body = fault.get("body", {"message": "Server Error", "status": str(fault["status"])})
    return Answer(body, int(fault["status"]), headers=headers)


def _headers(visit: Visit) -> dict[str, str]:
    """The headers every answer has."""
    headers = {
        "X-GitHub-Request-Id": secrets.token_hex(12).upper(),
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Api-Version-Selected": visit.version,
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP",
        "X-Content-Type-Options": "nosniff",
        **(visit.have.headers() if visit.have else {}),
    }
    words = visit.route.permission if visit.route else ""
    if ":" in words:
        accepted = words.replace(":open", ":write").replace(":", "=").replace("|", "; ")
        headers["X-Accepted-GitHub-Permissions"] = accepted
    return headers


def _bytes(answer: Answer) -> bytes:
    """The body as it is sent."""
    if answer.body is None:
        return b""
    if isinstance(answer.body, bytes):
        return answer.body
    if "json" not in answer.media_type:
        return str(answer.body).encode()
    return json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()


def _response(answer: Answer, headers: Mapping[str, str]) -> web.Response:
    """The HTTP response."""
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    return web.Response(
        body=_bytes(answer), status=answer.status, headers={**headers, hdrs.CONTENT_TYPE: answer.media_type}
    )


def _exchange(visit: Visit, answer: Answer, headers: Mapping[str, str]) -> Exchange:
    """What an observer is told."""
    return Exchange(
        method=visit.request.method,
        template=visit.template,
        path=visit.path,
        query=dict(visit.request.query),
        request_body=visit.body,
        status=answer.status,
        response_body=answer.body,
        request_headers=dict(visit.request.headers),
        response_headers={hdrs.CONTENT_TYPE: answer.media_type, **headers}
        if answer.body is not None
        else dict(headers),
    )
