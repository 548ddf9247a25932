"""One request to the model, from the sandbox to the provider and back.

The request is taken apart and made anew: only what model_request.py has checked, at one of the provider's own paths,
with headers from a list. The answer is handed on as it comes, never kept, and cut off when the money is used up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

from tdev.core.model_usage import Tokens
from tdev.errors import TransientError
from tdev.policy.model_choice import ModelChoice, may_ask
from tdev.proxies import refusals
from tdev.proxies.account import Account, OutOfMoney, Promise
from tdev.proxies.answer_usage import CHARACTERS_PER_TOKEN, EventAnswer, JsonAnswer, Reader
from tdev.proxies.call_log import Log
from tdev.proxies.frame_usage import FrameAnswer
from tdev.proxies.model_request import Json, NotAllowed, checked_body, text_length, written
from tdev.proxies.providers.provider import Call, Provider

_REQUEST_HEADERS = ("anthropic-version", "anthropic-beta", "user-agent", "x-app", "x-claude-code-session-id")
_RESPONSE_HEADERS = ("content-type", "request-id", "retry-after", "retry-after-ms", "x-should-retry")
_RESPONSE_PREFIXES = ("anthropic-ratelimit-", "x-amzn-requestid", "x-amzn-errortype")
_READERS: dict[str, Callable[[], Reader]] = {
    "text/event-stream": EventAnswer,
    "application/vnd.amazon.eventstream": FrameAnswer,
}
_MOST_AT_ONCE = 32
_BLOCK = 8192
"""Bytes that are counted at once, hence what a stream can go beyond the budget by: about a thousand tokens."""
_LONGEST_ANSWER = 64 * 1024 * 1024
_THINKING_TOKENS = 1025
"""Fewest tokens of answer when thinking is given its own budget, which is at least 1024."""


@dataclass
class Passing:
    """What is known of one request, for the log."""

    began: float = field(default_factory=time.monotonic)
    path: str = ""
    model: str = ""
    status: int = 0
    reason: str = ""
    """Why it was refused or cut off; empty = it was not."""


@dataclass
class ModelHandler:
    """Answers requests from the sandbox."""

    provider: Provider
    choice: ModelChoice
    account: Account
    session: aiohttp.ClientSession
    log: Log
    proxy: str | None
    """HTTP proxy of the machine on the way to the provider."""
    idle_seconds: float
    """Silence after which the client, or the provider, is given up."""

    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _at_once: int = 0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer; whatever happens, the request is counted and logged."""
        passing = Passing(path=request.raw_path[:200])
        self._at_once += 1
        promise: list[Promise] = []
        try:
            return await self._answer(request, passing, promise)
        except NotAllowed as error:
            return self._refused(passing, refusals.not_allowed(str(error)), str(error))
        except OutOfMoney:
            return self._refused(passing, refusals.out_of_money(), "budget", stopped=True)
        finally:
            self._at_once -= 1
            for one in promise:
                one.settle(asked=True)
            self._write_line(passing, promise)

    def _refused(
        self, passing: Passing, answer: web.Response, reason: str, *, stopped: bool = False
    ) -> web.StreamResponse:
        self.account.refuse(stopped=stopped)
        passing.status, passing.reason = answer.status, reason
        return answer

    def _write_line(self, passing: Passing, promise: list[Promise]) -> None:
        used = promise[0].used if promise else Tokens()
        line: dict[str, object] = {
            "provider": self.provider.name,
            "path": passing.path,
            "model": passing.model,
            "status": passing.status,
            "input_tokens": used.input,
            "cache_write_tokens": used.cache_write + used.cache_write_hour,
            "cache_read_tokens": used.cache_read,
            "output_tokens": used.output,
            "usd": round(promise[0].spent, 6) if promise else 0.0,
            "ms": round((time.monotonic() - passing.began) * 1000),
        }
        self.log(line | ({"reason": passing.reason} if passing.reason else {}))

    async def _answer(self, request: web.BaseRequest, passing: Passing, promise: list[Promise]) -> web.StreamResponse:
        if self._at_once > _MOST_AT_ONCE:
            return self._refused(passing, refusals.too_many(), "too many at once")
        call = self.provider.call(request.method, request.raw_path)
        if call is None or "upgrade" in request.headers:
            reason = f"{request.method[:20]} {request.raw_path[:80]} is not allowed"
            return self._refused(passing, refusals.forbidden(reason), reason)
        async with self._reading:
            body = await self._body(request, call)
        passing.model = call.model or str(body["model"])
        characters = text_length(body)
        if not call.counts:
            promise.append(await self._pay(body, passing.model, characters))
        path, sent = self.provider.placed(call, body, request.headers)
        least = characters // CHARACTERS_PER_TOKEN
        return await self._forward(request, path, written(sent), passing, promise, least)

    async def _body(self, request: web.BaseRequest, call: Call) -> Json:
        try:
            async with asyncio.timeout(self.idle_seconds):
                data = await request.read()
        except web.HTTPRequestEntityTooLarge as error:
            raise NotAllowed("the request is too long") from error
        except TimeoutError as error:
            raise NotAllowed("the request did not come to an end") from error
        return checked_body(data, lambda model: may_ask(self.choice, model), call.model)

    async def _pay(self, body: Json, model: str, characters: int) -> Promise:
        """Hold the money back, and lower the request to it."""
        wanted = body.get("max_tokens")
        if wanted is None:
            raise NotAllowed("max_tokens is missing")
        thinking = body.get("thinking")
        budgeted = isinstance(thinking, dict) and thinking.get("type") == "enabled"
        extra = {"least": _THINKING_TOKENS} if budgeted else {}
        promise = await self.account.promise(model, characters, wanted, **extra)
        body["max_tokens"] = promise.granted
        if budgeted and isinstance(thinking, dict) and type(thinking.get("budget_tokens")) is int:
            thinking["budget_tokens"] = min(thinking["budget_tokens"], max(1024, promise.granted - 1))
        return promise

    async def _forward(
        self,
        request: web.BaseRequest,
        path: str,
        data: bytes,
        passing: Passing,
        promise: list[Promise],
        least: int,
    ) -> web.StreamResponse:
        url = self.provider.base_url + path
        headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
        headers |= {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
        try:
            signed = await asyncio.to_thread(self.provider.signed, url, headers, data)
            async with self.session.post(
                URL(url, encoded=True), data=data, headers=signed, proxy=self.proxy, allow_redirects=False
            ) as answer:
                passing.status = answer.status
                return await self._hand_on(request, answer, passing, promise, least)
        except TransientError as error:
            passing.status, passing.reason = 502, error.message
            return refusals.unreachable(error.message)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            passing.status, passing.reason = 502, type(error).__name__
            return refusals.unreachable(f"The model's provider did not answer ({type(error).__name__}).")

    async def _hand_on(
        self,
        request: web.BaseRequest,
        answer: aiohttp.ClientResponse,
        passing: Passing,
        promise: list[Promise],
        least: int,
    ) -> web.StreamResponse:
        """The answer's bytes, as they come."""
        response = web.StreamResponse(status=answer.status, headers=_kept_headers(answer))
        reader = _READERS.get(answer.content_type, JsonAnswer)()
        await response.prepare(request)
        broken = await self._pump(response, answer, reader, promise if answer.status < 300 else [], least)
        if broken and request.transport is not None:
            passing.reason = broken
            request.transport.close()
        else:
            await response.write_eof()
        return response

    async def _pump(
        self,
        response: web.StreamResponse,
        answer: aiohttp.ClientResponse,
        reader: Reader,
        promise: list[Promise],
        least: int,
    ) -> str:
        """Hand on until the end; says why when it broke off."""
        length = 0
        for one in promise:
            one.use(reader.tokens().at_least(least, 0))
        try:
            while data := await answer.content.read(_BLOCK):
                length += len(data)
                reader.feed(data)
                paid = all(one.use(reader.tokens().at_least(least, 0)) for one in promise)
                if not paid:
                    self.account.refuse(stopped=True)
                    if isinstance(reader, EventAnswer):
                        await self._write(response, refusals.event_out_of_money())
                    return "budget"
                if length > _LONGEST_ANSWER:
                    return "answer too long"
                await self._write(response, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
        return ""

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self.idle_seconds):
            await response.write(data)


def _kept_headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of an answer that the client may see."""
    return {
        name: value
        for name, value in answer.headers.items()
        if name.lower() in _RESPONSE_HEADERS or name.lower().startswith(_RESPONSE_PREFIXES)
    }
