"""One request to GitHub's REST API and its answer, with the repeats that GitHub asks for.

What a request and an answer look like is gidgethub's business (sansio: URL templates, headers, decoding); sending is
aiohttp's; here is only what to do when it fails, after
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api: a rate limit is waited for
when it is short, a 5xx or a broken connection is tried again only where repeating can't double anything.
A refusal (4xx) is a GitHubRefusal with GitHub's own message; all else that fails is a TransientError.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import gidgethub
from gidgethub import sansio

from tdev import __version__
from tdev.errors import Refused, TransientError

API_VERSION = "2022-11-28"
_TRIES = 4
_LONGEST_WAIT = 60.0
_SECONDS = 30.0
_DOWNLOAD_SECONDS = 120.0


class GitHubRefusal(Refused):
    """GitHub said no: status and message are GitHub's."""

    def __init__(self, status: int, message: str, what: str) -> None:
        super().__init__(f"GitHub refused {what}: {status} {message}.")
        self.status = status


@dataclass(frozen=True)
class Transport:
    """How to reach GitHub."""

    session: aiohttp.ClientSession
    """Open connections."""
    base_url: str
    """`https://api.github.com`, or a server on loopback."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits so many seconds."""


@dataclass(frozen=True)
class Page:
    """An answer."""

    data: Any
    """Decoded JSON; None where the body was empty."""
    next_url: str | None
    """The next page of a list."""


async def send(
    transport: Transport,
    method: str,
    path: str,
    variables: Mapping[str, str],
    *,
    token: str = "",
    jwt: str = "",
    body: object = None,
    repeatable: bool | None = None,
) -> Page:
    """Send a request; `path` is GitHub's template, as in its documentation.

    `repeatable` says that sending it twice does no harm; by default so for all but POST.
    Raises GitHubRefusal on 4xx, TransientError when GitHub can't be reached, is broken, or wants us to wait long.
    """
    url = sansio.format_url(path, variables, base_url=transport.base_url)
    headers = sansio.create_headers(f"tdev/{__version__}", oauth_token=token or None, jwt=jwt or None)
    headers["x-github-api-version"] = API_VERSION
    data = b"" if body is None else json.dumps(body).encode()
    if body is not None:
        headers["content-type"] = "application/json; charset=utf-8"
    again = method != "POST" if repeatable is None else repeatable
    what = f"{method} {path}"
    for attempt in range(1, _TRIES + 1):
        try:
            return await _once(transport, method, url, headers, data)
        except (aiohttp.ClientError, TimeoutError, gidgethub.GitHubBroken) as error:
            if not again or attempt == _TRIES:
                raise TransientError(f"GitHub did not answer {what}: {error or type(error).__name__}.") from error
            await transport.sleep(0.25 * 2**attempt)
        except gidgethub.HTTPException as error:
            wait = _asked_to_wait(error, attempt)
            if wait is None:
                raise GitHubRefusal(int(error.status_code), str(error), what) from error
            if wait > _LONGEST_WAIT or attempt == _TRIES:
                raise TransientError(f"GitHub's rate limit stops {what} for {wait:.0f} s.") from error
            await transport.sleep(wait)
    raise TransientError(f"GitHub did not answer {what}.")


async def _once(transport: Transport, method: str, url: str, headers: Mapping[str, str], data: bytes) -> Page:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with transport.session.request(
        method, url, headers=headers, data=data, timeout=timeout, allow_redirects=False
    ) as response:
        body = await response.read()
        lower = {name.lower(): value for name, value in response.headers.items()}
        try:
            decoded, _, more = sansio.decipher_response(response.status, lower, body)
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise aiohttp.ClientPayloadError(f"status {response.status} with a body that can't be read") from error
        return Page(decoded, more)


async def download(
    transport: Transport, path: str, variables: Mapping[str, str], token: str, most: int
) -> bytes | None:
    """What GitHub keeps elsewhere and answers with an address; the token is not sent there.

    None when it is gone or larger than `most` bytes. Raises TransientError when it can't be had now.
    """
    url = sansio.format_url(path, variables, base_url=transport.base_url)
    headers = sansio.create_headers(f"tdev/{__version__}", oauth_token=token) | {"x-github-api-version": API_VERSION}
    limits = aiohttp.ClientTimeout(total=_DOWNLOAD_SECONDS)
    try:
        async with transport.session.get(url, headers=headers, allow_redirects=False, timeout=limits) as answer:
            place = answer.headers.get("location", "")
            if answer.status in (404, 410):
                return None
            if answer.status != 302 or not place:
                raise TransientError(f"GitHub answered a download with {answer.status}.")
        async with transport.session.get(place, timeout=limits) as answer:
            answer.raise_for_status()
            data = bytearray()
            async for piece in answer.content.iter_chunked(1 << 16):
                data += piece
                if len(data) > most:
                    return None
            return bytes(data)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TransientError(f"A download broke off: {error or type(error).__name__}.") from error


def _asked_to_wait(error: gidgethub.HTTPException, attempt: int) -> float | None:
    """Seconds GitHub wants us to wait; None when it is no rate limit."""
    if error.status_code not in (403, 429):
        return None
    headers = error.headers
    if headers.get("retry-after", "").isdigit():
        return float(headers["retry-after"])
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        return max(0.0, float(headers["x-ratelimit-reset"]) - time.time()) + 1
    return 2.0**attempt if error.status_code == 429 or "rate limit" in str(error).lower() else None
