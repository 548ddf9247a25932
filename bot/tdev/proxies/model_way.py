"""The way to the model's provider and back: the request with the real key, the answer as it comes.

The answer is handed on piece by piece, never kept, and cut off when the money is used up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from tdev.errors import TransientError
from tdev.proxies import refusals
from tdev.proxies.account import Account
from tdev.proxies.answer_usage import EventAnswer, JsonAnswer, Reader
from tdev.proxies.frame_usage import FrameAnswer
from tdev.proxies.passing import Passing
from tdev.proxies.providers.provider import Provider

_REQUEST_HEADERS = ("anthropic-version", "anthropic-beta", "user-agent", "x-app", "x-claude-code-session-id")
_OWN_HEADERS = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity"}
_RESPONSE_HEADERS = ("content-type", "request-id", "retry-after", "retry-after-ms", "x-should-retry")
_RESPONSE_PREFIXES = ("anthropic-ratelimit-", "x-amzn-requestid", "x-amzn-errortype")
_READERS: dict[str, Callable[[], Reader]] = {
    "text/event-stream": EventAnswer,
    "application/vnd.amazon.eventstream": FrameAnswer,
}
_BLOCK = 8192
"""Bytes that are counted at once, hence what a stream can go beyond the budget by: about a thousand tokens."""
_LONGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True)
class Way:
    """How to the provider."""

    provider: Provider
    session: aiohttp.ClientSession
    proxy: str | None
    """HTTP proxy of the machine on the way there."""
    account: Account
    idle_seconds: float
    """Silence after which the client is given up; the session's time-outs are those for the provider."""

    async def send(self, request: web.BaseRequest, path: str, data: bytes, passing: Passing) -> web.StreamResponse:
        """The provider's answer, or a 502 when there is none."""
        url = self.provider.base_url + path
        headers = {name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers}
        try:
            signed = await asyncio.to_thread(self.provider.signed, url, headers | _OWN_HEADERS, data)
            passing.asks()
            async with self.session.post(
                URL(url, encoded=True), data=data, headers=signed, proxy=self.proxy, allow_redirects=False
            ) as answer:
                passing.status = answer.status
                return await self._hand_on(request, answer, passing)
        except TransientError as error:
            reason = error.message
        except aiohttp.ClientConnectorError as error:
            passing.costs_nothing(asked=False)
            reason = f"The model's provider can't be reached ({type(error).__name__})."
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = f"The model's provider did not answer ({type(error).__name__})."
        passing.status, passing.reason = refusals.UNREACHABLE_STATUS, reason
        return refusals.unreachable(reason)

    async def _hand_on(
        self, request: web.BaseRequest, answer: aiohttp.ClientResponse, passing: Passing
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=_kept_headers(answer))
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
        if answer.status >= 300:
            passing.costs_nothing(asked=True)
        passing.reason = await self._pump(response, answer, passing)
        if passing.reason and request.transport is not None:
            request.transport.close()
        elif not passing.left:
            await response.write_eof()
        return response

    async def _pump(self, response: web.StreamResponse, answer: aiohttp.ClientResponse, passing: Passing) -> str:
        """Hand on until the end, and hear it to the end for the account when nobody is there any more.

        Says why when it broke off.
        """
        reader, length = _READERS.get(answer.content_type, JsonAnswer)(), 0
        try:
            while data := await answer.content.read(_BLOCK):
                length += len(data)
                reader.feed(data)
                if answer.status < 300 and not passing.hears(reader.tokens()):
                    return await self._cut_off(response, reader)
                if length > _LONGEST_ANSWER:
                    return "answer too long"
                passing.left = passing.left or not await self._written(response, data)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__
        return ""

    async def _cut_off(self, response: web.StreamResponse, reader: Reader) -> str:
        self.account.refuse(stopped=True)
        if isinstance(reader, EventAnswer):
            await self._written(response, refusals.event_out_of_money())
        return "budget"

    async def _written(self, response: web.StreamResponse, data: bytes) -> bool:
        """Hand on a piece; False when the client has left, or takes nothing for too long."""
        try:
            async with asyncio.timeout(self.idle_seconds):
                await response.write(data)
        except (ConnectionError, RuntimeError, TimeoutError):
            return False
        return True


def _kept_headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """The headers of an answer that the client may see."""
    return {
        name: value
        for name, value in answer.headers.items()
        if name.lower() in _RESPONSE_HEADERS or name.lower().startswith(_RESPONSE_PREFIXES)
    }
