"""One request to the model: may it pass, what may it cost, and what is told to the log.

The request is taken apart and made anew: only what model_request.py has checked, at one of the provider's own paths.
model_way.py then sends it and hands the answer on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from tdev.proxies import refusals
from tdev.proxies.account import Account, OutOfMoney, Promise
from tdev.proxies.answer_usage import CHARACTERS_PER_TOKEN
from tdev.proxies.call_log import Log
from tdev.proxies.model_request import MAX_BYTES, Json, NotAllowed, checked_body, text_length, written
from tdev.proxies.model_way import Way
from tdev.proxies.passing import Passing
from tdev.proxies.providers.provider import Call, Provider

_MOST_AT_ONCE = 16
_MOST_UNPAID = 2000
"""Requests that cost nothing (refused, counted only, failed): beyond this somebody only makes noise at the provider."""
_FAREWELL_SECONDS = 1.0
_LEAST_THINKING = 1024
"""Fewest tokens that thinking can be given as its own budget."""


@dataclass
class ModelHandler:
    """Answers requests from the sandbox."""

    provider: Provider
    may_ask: Callable[[str], bool]
    """Whether a model of that name may be asked."""
    account: Account
    way: Way
    log: Log
    _at_once: int = 0
    _unpaid: int = 0
    _under_way: set[asyncio.Task[web.StreamResponse]] = field(default_factory=set)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer. A client that leaves does not end it: what the provider makes costs money, heard or not."""
        task = asyncio.ensure_future(self._answered(request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Hear a moment longer what nobody waits for; the rest counts as all that it was granted."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FAREWELL_SECONDS)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer; whatever happens, the request is counted and logged."""
        passing = Passing(path=request.raw_path[:200])
        self._at_once += 1
        try:
            path, data = await self._prepared(request, passing)
            return await self.way.send(request, path, data, passing)
        except refusals.Refusal as refusal:
            self.account.refuse()
            passing.status, passing.reason = refusal.status, str(refusal)
            return refusal.answer()
        except asyncio.CancelledError:
            passing.is_given_up()
            raise
        except OutOfMoney:
            self.account.refuse(stopped=True)
            passing.status, passing.reason = refusals.OUT_OF_MONEY_STATUS, "budget"
            return refusals.out_of_money()
        finally:
            self._at_once -= 1
            if passing.promise:
                passing.promise.settle()
            self._unpaid += not passing.promise or not passing.promise.spent
            self.log(passing.line(self.provider.name))

    async def _prepared(self, request: web.BaseRequest, passing: Passing) -> tuple[str, bytes]:
        """Path and body as they are sent, paid for; raises Refusal or OutOfMoney."""
        call = self._call(request)
        data = await self._read(request)
        try:
            body = checked_body(data, self.may_ask, call.model)
            passing.model = call.model or str(body["model"])
            characters = text_length(body)
            passing.least = characters // CHARACTERS_PER_TOKEN
            if not call.counts:
                passing.promise = await self._pay(body, passing.model, characters)
            path, sent = self.provider.placed(call, body, request.headers)
        except NotAllowed as error:
            raise refusals.Refusal(400, str(error)) from error
        return path, written(sent)

    def _call(self, request: web.BaseRequest) -> Call:
        """What the request line means; raises Refusal."""
        if self._at_once > _MOST_AT_ONCE:
            raise refusals.Refusal(429, "too many requests at once")
        if self._unpaid >= _MOST_UNPAID:
            raise refusals.Refusal(403, "too many requests that came to nothing")
        call = self.provider.call(request.method, request.raw_path)
        if call is None or "upgrade" in request.headers:
            raise refusals.Refusal(403, f"{request.method[:20]} {request.raw_path[:80]} is not allowed")
        return call

    async def _read(self, request: web.BaseRequest) -> bytes:
        """The body; raises Refusal when it is too long or does not come to an end."""
        data = bytearray()
        try:
            async with asyncio.timeout(self.way.idle_seconds):
                while len(data) <= MAX_BYTES and (request.content_length or 0) <= MAX_BYTES:
                    block = await request.content.readany()
                    if not block:
                        return bytes(data)
                    data += block
        except TimeoutError as error:
            raise refusals.Refusal(400, "the request did not come to an end") from error
        raise refusals.Refusal(400, "the request is too long")

    async def _pay(self, body: Json, model: str, characters: int) -> Promise:
        """Hold the money back, and lower the request to it."""
        wanted = body.get("max_tokens")
        if wanted is None:
            raise NotAllowed("max_tokens is missing")
        thinking = body.get("thinking")
        if not isinstance(thinking, dict) or type(thinking.get("budget_tokens")) is not int:
            promise = await self.account.promise(model, characters, wanted)
        else:
            promise = await self.account.promise(model, characters, wanted, _LEAST_THINKING + 1)
            most = max(_LEAST_THINKING, promise.granted - 1)
            body["thinking"] = {**thinking, "budget_tokens": min(thinking["budget_tokens"], most)}
        body["max_tokens"] = promise.granted
        return promise
