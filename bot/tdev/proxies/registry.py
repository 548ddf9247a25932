"""The registry proxy: the only way to package indexes, while an environment is made in the sandbox.

An HTTP proxy on a Unix socket that lets through what registry_hosts.py lists and nothing else. Inside a tunnel the
client speaks TLS with the index itself; we see the name that it asks for, which must be the tunnel's own, and count.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdev.proxies.call_log import call_log
from tdev.proxies.registry_connection import RegistryServer
from tdev.proxies.registry_hosts import destinations, index_environment, indexes, without_logins
from tdev.proxies.serving import served
from tdev.proxies.traffic import Traffic
from tdev.proxies.traffic_counter import Counter
from tdev.settings import Settings

IDLE_SECONDS = 120.0
_Socket = socket.socket


@dataclass(frozen=True)
class RegistryProxy:
    """A proxy that is running."""

    socket: Path
    """Where it listens."""
    indexes: dict[str, str] = field(repr=False)
    """Variables that name the machine's indexes."""
    _counter: Counter

    def environment(self, port: int, *, passwords: bool = False) -> dict[str, str]:
        """What makes installers in the sandbox use it, when it is at that loopback port, and find the indexes.

        The passwords in the indexes' addresses are left out unless asked for: only where no code of a package runs.
        """
        url = f"http://127.0.0.1:{port}"
        names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
        indexes = self.indexes if passwords else {name: without_logins(text) for name, text in self.indexes.items()}
        return {**indexes, **dict.fromkeys(names, url), "NO_PROXY": "", "no_proxy": ""}

    def traffic(self) -> Traffic:
        """What passed so far."""
        return self._counter.traffic()


@contextlib.contextmanager
def registry_proxy(
    settings: Settings,
    socket: Path,
    extra: Iterable[str] = (),
    log: Path | None = None,
    *,
    instead: Sequence[str] = (),
    idle_seconds: float = IDLE_SECONDS,
) -> Iterator[RegistryProxy]:
    """A registry proxy at `socket` until the block ends; `extra` are the policy's hosts (`policy.registries`).

    `instead` are addresses of registries that this machine is set up with for another language: then those are let
    through, and Python's indexes are not. Raises ConfigurationError when the socket's place is no good, or the
    machine's uv.toml.
    """
    counter = Counter()
    allowed, asked = destinations(settings, extra, instead), () if instead else indexes(settings)
    server = RegistryServer(settings, allowed, asked, counter, call_log(log), idle_seconds)

    @contextlib.asynccontextmanager
    async def serve(listening: _Socket) -> AsyncIterator[None]:
        async with server.serving(listening):
            yield

    with served(socket, serve, "registry proxy"):
        yield RegistryProxy(socket, {} if instead else index_environment(settings), counter)
