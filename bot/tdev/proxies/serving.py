"""A server on a Unix socket, in a thread of our own process with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tdev.errors import ConfigurationError, TransientError

_LONGEST_ADDRESS = 107
"""Bytes of a Unix socket's path that Linux takes."""
_BACKLOG = 128

Serve = Callable[[socket.socket], AbstractAsyncContextManager[None]]
"""Answers connections to the listening socket for as long as the context lasts."""


@contextlib.contextmanager
def served(path: Path, serve: Serve, name: str) -> Iterator[None]:
    """Serve at `path`, which only our own user may open, until the block ends; open connections end with it.

    Raises ConfigurationError when no socket can be made there, and what `serve` raises when it begins.
    """
    listening = _bound(path)
    loop = asyncio.new_event_loop()
    ready: threading.Event = threading.Event()
    failed: list[BaseException] = []
    stop = asyncio.Event()

    async def main() -> None:
        async with serve(listening):
            ready.set()
            await stop.wait()

    def work() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(main())
        except BaseException as error:  # handed on to the thread that waits
            failed.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        ready.wait()
        if failed:
            raise failed[0]
        yield
    finally:
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)
        thread.join()
        listening.close()
        path.unlink(missing_ok=True)
    if failed:
        raise TransientError(f"The {name} ended by itself: {failed[0]}.") from failed[0]


def _bound(path: Path) -> socket.socket:
    """A socket that is made, then closed to other users, then listens: in this order nobody else gets in."""
    if len(os.fsencode(path)) > _LONGEST_ADDRESS:
        raise ConfigurationError(
            f"{path} is too long for a Unix socket ({_LONGEST_ADDRESS} bytes).",
            next_step="Set TDEV_HOME to a shorter folder.",
        )
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"No socket can be made at {path}: {error.strerror or error}.", next_step="Set TDEV_HOME to another folder."
        ) from error
    listening.setblocking(False)
    return listening


@contextlib.asynccontextmanager
async def connections_until_closed(server: asyncio.Server) -> AsyncIterator[None]:
    """Accept until the block ends."""
    try:
        yield
    finally:
        server.close()
