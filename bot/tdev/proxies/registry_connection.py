"""One connection through the registry proxy, from its first line to its end."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from tdev.proxies.addresses import addresses_of
from tdev.proxies.call_log import Log
from tdev.proxies.client_hello import RECORD_HEAD, NotTls, record_length, server_name
from tdev.proxies.outward import machine_proxy, trusted
from tdev.proxies.proxy_request import LONGEST_HEAD, ProxyRequest, proxy_request
from tdev.proxies.registry_hosts import Destination
from tdev.proxies.traffic import Counter, CutOff, NotLet
from tdev.settings import Settings

_CONNECT_SECONDS = 30.0
_BLOCK = 64 * 1024
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class RegistryServer:
    """Answers connections from the sandbox."""

    settings: Settings
    allowed: tuple[Destination, ...]
    counter: Counter
    log: Log
    idle_seconds: float
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

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
            await task
        finally:
            self._tasks.discard(task)
            back.transport.abort()

    async def _connection(self, near: StreamReader, back: StreamWriter) -> None:
        """One client; whatever it does is counted and logged."""
        place, reason, status = "", "", 0
        try:
            self.counter.open()
            async with asyncio.timeout(self.idle_seconds):
                request = proxy_request(await near.readuntil(b"\r\n\r\n"))
            place = request.place
            await self._pass_on(request, near, back)
        except CutOff as error:
            reason = str(error)
            self.counter.refuse(place)
        except NotLet as error:
            reason, status = str(error), 403
            self.counter.refuse(place or reason)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, NotTls) as error:
            reason, status = f"not a request: {error}"[:100], 400
            self.counter.refuse(place or "not a request")
        except (OSError, TimeoutError) as error:
            reason, status = f"{type(error).__name__}: {error}"[:200], 502
        finally:
            self.counter.close()
            self.log({"place": place, **({"reason": reason} if reason else {})})
        if status:
            with contextlib.suppress(OSError, TimeoutError):
                await self._tell(back, status, reason)

    async def _tell(self, back: StreamWriter, status: int, reason: str) -> None:
        text = f"tdev: {reason}\n".encode()
        head = f"HTTP/1.1 {status} Refused\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        back.write(head.encode() + text)
        async with asyncio.timeout(5):
            await back.drain()
            back.close()
            await back.wait_closed()

    async def _pass_on(self, request: ProxyRequest, near: StreamReader, back: StreamWriter) -> None:
        tls = not request.head
        place = next(
            (
                place
                for place in self.allowed
                if (place.host, place.port) == (request.host, request.port) and place.tls == tls
            ),
            None,
        )
        if place is None:
            raise NotLet(f"{request.place} is not an index of this machine or of the policy")
        far, out, head = await self._reach(request, place)
        self.counter.connect(request.place)
        try:
            if tls:
                back.write(_ESTABLISHED)
                head = await self._hello(near, request.host)
            await self._join(request, head, (near, back), (far, out))
        except (NotLet, NotTls, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise CutOff(str(error) or type(error).__name__) from error
        finally:
            out.transport.abort()

    async def _hello(self, near: StreamReader, host: str) -> bytes:
        """The client's first record, once it is sure that it asks for the tunnel's own host."""
        async with asyncio.timeout(self.idle_seconds):
            head = await near.readexactly(RECORD_HEAD)
            record = await near.readexactly(record_length(head))
        name = server_name(record)
        if name != ("" if _is_address(host) else host):
            raise NotLet(f"a tunnel to {host} that asks for {name[:80]!r}")
        return head + record

    async def _reach(self, request: ProxyRequest, place: Destination) -> tuple[StreamReader, StreamWriter, bytes]:
        """A connection to the host, and what is to be sent first."""
        url = request.url or f"https://{request.place}"
        through = machine_proxy(self.settings, url)
        async with asyncio.timeout(_CONNECT_SECONDS):
            if through:
                return await self._reach_through(request, through)
            addresses = await addresses_of(request.host, request.port, private=place.own)
            if not addresses:
                raise NotLet(f"{request.host} has no public address")
            return (*await _connected(addresses, request.port), request.head)

    async def _reach_through(self, request: ProxyRequest, through: str) -> tuple[StreamReader, StreamWriter, bytes]:
        """The same through the machine's own proxy, which resolves the name itself."""
        parts = urlsplit(through if "//" in through else f"http://{through}")
        tls = trusted(self.settings) if parts.scheme == "https" else None
        port = parts.port or (443 if tls else 80)
        far, out = await asyncio.open_connection(parts.hostname, port, ssl=tls, limit=LONGEST_HEAD)
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
        extra = f"proxy-authorization: Basic {base64.b64encode(login).decode()}\r\n" if parts.username else ""
        if request.head:
            _, _, rest = request.head.partition(b"\r\n")
            method = request.head.split(b" ")[0].decode()
            return far, out, f"{method} {request.url} HTTP/1.1\r\n{extra}".encode() + rest
        out.write(f"CONNECT {request.place} HTTP/1.1\r\nhost: {request.place}\r\n{extra}\r\n".encode())
        answer = await far.readuntil(b"\r\n\r\n")
        if answer.split(b" ")[1:2] != [b"200"]:
            raise OSError(f"the machine's own proxy said {answer.splitlines()[0][:80]!r}")
        return far, out, b""

    async def _join(
        self,
        request: ProxyRequest,
        head: bytes,
        near: tuple[StreamReader, StreamWriter],
        far: tuple[StreamReader, StreamWriter],
    ) -> None:
        """Carry bytes both ways until the host is done; a plain request has nothing more to say after its head."""
        self.counter.send(request.place, len(head), len(head))
        far[1].write(head)
        await far[1].drain()
        receiving = asyncio.create_task(self._receive(request, far[0], near[1]))
        waiting = {receiving, asyncio.create_task(self._send(request, len(head), near[0], far[1]))}
        try:
            while receiving in waiting:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _send(self, request: ProxyRequest, sent: int, near: StreamReader, out: StreamWriter) -> None:
        while block := await near.read(_BLOCK):
            if request.head:
                raise NotLet("more than one request on a connection")
            sent += len(block)
            self.counter.send(request.place, len(block), sent)
            out.write(block)
            await out.drain()
        if out.can_write_eof():
            out.write_eof()

    async def _receive(self, request: ProxyRequest, far: StreamReader, back: StreamWriter) -> None:
        while True:
            async with asyncio.timeout(self.idle_seconds):
                block = await far.read(_BLOCK)
                if not block:
                    break
                self.counter.receive(request.place, len(block))
                back.write(block)
                await back.drain()
        if back.can_write_eof():
            back.write_eof()
        back.close()
        await back.wait_closed()


async def _connected(addresses: list[str], port: int) -> tuple[StreamReader, StreamWriter]:
    """A connection to the first address that takes one; raises the last OSError."""
    failure = OSError("no address")
    for address in addresses:
        try:
            return await asyncio.open_connection(address, port, limit=LONGEST_HEAD)
        except OSError as error:
            failure = error
    raise failure


def _is_address(host: str) -> bool:
    """Whether the host is an address, for which a TLS client sends no name."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(host))
    return False
