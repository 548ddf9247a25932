"""One connection through the registry proxy, from its first line to its end."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tdev.proxies.call_log import Log
from tdev.proxies.carriage import Carriage, carry
from tdev.proxies.client_hello import RECORD_HEAD, NotTls, record_length, server_name
from tdev.proxies.index_files import file_hosts
from tdev.proxies.proxy_request import LONGEST_HEAD, ProxyRequest, proxy_request
from tdev.proxies.registry_hosts import Destination, public_place
from tdev.proxies.registry_upstream import Streams, connected
from tdev.proxies.traffic import Flow, NotLet
from tdev.proxies.traffic_counter import Counter
from tdev.settings import Settings

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_FAREWELL_SECONDS = 5.0


@dataclass
class RegistryServer:
    """Answers connections from the sandbox."""

    settings: Settings
    allowed: tuple[Destination, ...]
    indexes: tuple[str, ...]
    """Addresses of Python's indexes, which are asked where they keep their files."""
    counter: Counter
    log: Log
    idle_seconds: float
    """Silence after which a connection is given up."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _files: frozenset[str] | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @contextlib.asynccontextmanager
    async def serving(self, listening: socket.socket) -> AsyncIterator[None]:
        """Accept until the block ends; open connections end with it."""
        server = await asyncio.start_unix_server(self._accepted, sock=listening, limit=LONGEST_HEAD)
        try:
            yield
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accepted(self, near: StreamReader, back: StreamWriter) -> None:
        task = asyncio.ensure_future(self._connection(near, back))
        self._tasks.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._tasks.discard(task)
            back.transport.abort()

    async def _connection(self, near: StreamReader, back: StreamWriter) -> None:
        """One client; whatever it does is counted and logged."""
        flow, reason, status = Flow(), "", 0
        try:
            self.counter.open()
            async with asyncio.timeout(self.idle_seconds):
                request = proxy_request(await near.readuntil(b"\r\n\r\n"))
            flow.place = request.place
            await self._pass_on(request, flow, (near, back))
        except NotLet as error:
            reason, status = str(error), 403
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, NotTls) as error:
            reason, status = f"not a request: {error}"[:100], 400
        except (OSError, TimeoutError) as error:
            reason, status = f"{type(error).__name__}: {error}"[:200], 502
        finally:
            self.counter.close()
            figures = {"place": flow.place, "sent_bytes": flow.sent, "received_bytes": flow.received}
            self.log({**figures, **({"reason": reason} if reason else {})})
        if status in (400, 403):
            self.counter.refuse(flow.place or reason)
        if status and not flow.stands:
            await self._tell(back, status, reason)

    async def _tell(self, back: StreamWriter, status: int, reason: str) -> None:
        text = f"tdev: {reason}\n".encode()
        head = f"HTTP/1.1 {status} Refused\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                back.write(head.encode() + text)
                await back.drain()
                back.close()
                await back.wait_closed()

    async def _pass_on(self, request: ProxyRequest, flow: Flow, near: Streams) -> None:
        """Find the place, connect to it, and carry bytes until it is done."""
        far, head = await connected(self.settings, request, await self._place(request))
        try:
            self.counter.connect(flow)
            if request.is_tunnel:
                near[1].write(_ESTABLISHED)
                head = await self._hello(near[0], request.host)
            self.counter.send(flow, len(head))
            far[1].write(head)
            await far[1].drain()
            await carry(Carriage(self.counter, flow, self.idle_seconds, more=request.is_tunnel), near, far)
        finally:
            far[1].transport.abort()

    async def _place(self, request: ProxyRequest) -> Destination:
        """Where the request goes: a listed place, or one where an index says that it keeps its files."""
        for place in self.allowed:
            if (place.host, place.port, place.tls) == (request.host, request.port, request.is_tunnel):
                return place
        if request.is_tunnel and request.port == 443 and request.host in await self._file_hosts():
            return public_place(request.host)
        raise NotLet(f"{request.place} is not an index of this machine or of the policy")

    async def _file_hosts(self) -> frozenset[str]:
        """What the indexes say, asked once."""
        async with self._asking:
            if self._files is None:
                self._files = await file_hosts(self.settings, self.indexes)
            return self._files

    async def _hello(self, near: StreamReader, host: str) -> bytes:
        """The client's first record, once it is sure that it asks for the tunnel's own host."""
        async with asyncio.timeout(self.idle_seconds):
            head = await near.readexactly(RECORD_HEAD)
            record = await near.readexactly(record_length(head))
        name = server_name(record)
        if name != ("" if _is_address(host) else host):
            raise NotLet(f"a tunnel to {host} that asks for {name[:80]!r}")
        return head + record


def _is_address(host: str) -> bool:
    """Whether the host is an address, for which a TLS client sends no name."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False
