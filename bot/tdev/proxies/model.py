"""The model proxy: the only way from the sandbox to the model.

It alone holds the key. The client speaks plain HTTP to a Unix socket; what it may ask is in model_request.py, where it
goes in providers/, what it may cost in account.py. One proxy may serve several sessions: they share its budget.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
from aiohttp import web

from tdev.core.model_usage import ModelUsage
from tdev.policy.model_choice import ModelChoice, may_ask
from tdev.proxies.account import Account
from tdev.proxies.call_log import call_log
from tdev.proxies.model_handler import ModelHandler
from tdev.proxies.model_way import Way
from tdev.proxies.outward import machine_proxy, trusted
from tdev.proxies.providers.provider import Provider
from tdev.proxies.providers.table import provider_of
from tdev.proxies.serving import served
from tdev.settings import Settings

IDLE_SECONDS = 300.0
_CONNECT_SECONDS = 30.0
_Socket = socket.socket


@dataclass(frozen=True)
class ModelProxy:
    """A proxy that is running."""

    socket: Path
    """Where it listens."""
    provider: Provider
    """Whom it asks; `provider.client_environment(port)` is for the client."""
    _account: Account

    def usage(self) -> ModelUsage:
        """What was asked so far, requests under way included."""
        return self._account.usage()


@contextlib.contextmanager
def model_proxy(
    settings: Settings,
    choice: ModelChoice,
    usd: float,
    socket: Path,
    log: Path | None = None,
    *,
    idle_seconds: float = IDLE_SECONDS,
) -> Iterator[ModelProxy]:
    """A model proxy at `socket` until the block ends, which may spend `usd` US dollars.

    `idle_seconds` is how long either side may be silent. Raises ConfigurationError without a credential, or when the
    provider's address or the socket's place is no good.
    """
    provider = provider_of(settings)
    account = Account(usd)
    tls = trusted(settings)

    @contextlib.asynccontextmanager
    async def serve(listening: _Socket) -> AsyncIterator[None]:
        waiting = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS, sock_read=idle_seconds)
        connector = aiohttp.TCPConnector(ssl=tls, limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=waiting, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        ) as session:
            way = Way(provider, session, machine_proxy(settings, provider.base_url), account, idle_seconds)
            handler = ModelHandler(provider, partial(may_ask, choice), account, way, call_log(log))
            server = web.Server(handler, handler_cancellation=True, access_log=None)
            runner = web.ServerRunner(server, shutdown_timeout=0)
            await runner.setup()
            await web.SockSite(runner, listening).start()
            try:
                yield
            finally:
                await runner.cleanup()
                await handler.close()

    with served(socket, serve, "model proxy"):
        yield ModelProxy(socket, provider, account)
