"""Connections from the registry proxy to an index: straight, or through the machine's own proxy."""

from __future__ import annotations

import asyncio
import base64
from asyncio import StreamReader, StreamWriter
from urllib.parse import SplitResult, unquote, urlsplit

from tdev.proxies.addresses import addresses_of
from tdev.proxies.outward import machine_proxy, trusted
from tdev.proxies.proxy_request import LONGEST_HEAD, ProxyRequest
from tdev.proxies.registry_hosts import Destination
from tdev.proxies.traffic import NotLet
from tdev.settings import Settings

_CONNECT_SECONDS = 30.0
Streams = tuple[StreamReader, StreamWriter]


async def connected(settings: Settings, request: ProxyRequest, place: Destination) -> tuple[Streams, bytes]:
    """A connection to the host, and what is to be sent first.

    Raises NotLet when the host's address is one of a private network and may not be, OSError or TimeoutError when it is
    not reached.
    """
    through = machine_proxy(settings, request.url or f"https://{request.place}")
    async with asyncio.timeout(_CONNECT_SECONDS):
        if through:
            return await _through(settings, request, urlsplit(through if "//" in through else f"http://{through}"))
        addresses = await addresses_of(request.host, request.port, private=place.own)
        if not addresses:
            raise NotLet(f"{request.host} has no public address")
        return await _first(addresses, request.port), request.head


async def _first(addresses: list[str], port: int) -> Streams:
    """A connection to the first address that takes one; raises the last OSError."""
    failure = OSError("no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, port, limit=LONGEST_HEAD)
        except OSError as error:
            failure = error
    raise failure


async def _through(settings: Settings, request: ProxyRequest, proxy: SplitResult) -> tuple[Streams, bytes]:
    """The same through the machine's own proxy, which resolves the name itself."""
    tls = trusted(settings) if proxy.scheme == "https" else None
    streams = await asyncio.open_connection(proxy.hostname, proxy.port or (443 if tls else 80), ssl=tls)
    login = f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}".encode()
    extra = f"proxy-authorization: Basic {base64.b64encode(login).decode()}\r\n" if proxy.username else ""
    if request.head:
        line, _, rest = request.head.partition(b"\r\n")
        return streams, f"{line.split()[0].decode()} {request.url} HTTP/1.1\r\n{extra}".encode() + rest
    far, out = streams
    out.write(f"CONNECT {request.place} HTTP/1.1\r\nhost: {request.place}\r\n{extra}\r\n".encode())
    try:
        answer = await far.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise OSError("the machine's own proxy gave no answer") from error
    if answer.split(b" ")[1:2] != [b"200"]:
        raise OSError(f"the machine's own proxy said {answer.splitlines()[0][:80]!r}")
    return streams, b""
