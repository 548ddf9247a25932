"""act at work: its secrets handed over, what it prints read as it comes, its end, or the end of it.

Comes in: the running program, a log that takes its lines, an event that says that somebody cancels. Goes out: its exit
code. A step can write into act's own output, as it runs as the same user: so the end of the program counts, not that of
its output.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tdev.errors import TransientError
from tdev.forge.program import Running
from tdev.forge.workflows.act_log import ActLog

_AFTER_CANCEL = 300.0
_PAUSE = 0.05
_LAST_WORDS = 2.0
"""How long the rest of what act has printed may take to be read, when it has ended."""
_CHUNK = 64 * 1024
_LONGEST_LINE = 4 * 1024 * 1024


@asynccontextmanager
async def read_once(path: Path, text: str) -> AsyncIterator[None]:
    """A named pipe from which the text can be read once, so that it stands in no file."""
    os.mkfifo(path, 0o600)

    async def feed() -> None:
        while True:
            with suppress(OSError):
                handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
                break
            await asyncio.sleep(0.005)
        os.set_blocking(handle, True)
        with os.fdopen(handle, "wb") as out:
            await asyncio.to_thread(out.write, text.encode())
        path.unlink()

    feeding = asyncio.create_task(feed())
    try:
        yield
    finally:
        feeding.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await feeding


async def followed(act: Running, log: ActLog, cancelled: asyncio.Event) -> int | None:
    """Read what act prints until it ends; its exit code. When somebody cancels, it is told so, and stopped later."""
    errors = act.process.stderr
    if errors is None:
        raise TransientError("act was started without pipes.")
    act.request.close()
    reading = asyncio.ensure_future(asyncio.gather(_lines(act.answer, log.line), _lines(errors, log.error)))
    stop = asyncio.ensure_future(cancelled.wait())
    try:
        await _until_ended(act, reading, stop)
        if act.process.returncode is None:
            act.process.send_signal(signal.SIGINT)
            with suppress(TimeoutError):
                async with asyncio.timeout(_AFTER_CANCEL):
                    await _until_ended(act, reading)
        await asyncio.wait({reading}, timeout=_LAST_WORDS)
        return act.process.returncode
    finally:
        stop.cancel()
        reading.cancel()
        await asyncio.gather(reading, stop, return_exceptions=True)


async def _until_ended(act: Running, *others: asyncio.Future[Any]) -> None:
    """Wait until act has ended, or all of its output is read, or another thing has happened.

    What a step started may hold act's output open for longer than act lives.
    """
    while act.process.returncode is None and not any(each.done() for each in others):
        await asyncio.wait(others, timeout=_PAUSE, return_when=asyncio.FIRST_COMPLETED)
    if others and others[0].done():
        await act.process.wait()


async def _lines(stream: asyncio.StreamReader, take: Callable[[bytes], None]) -> None:
    """Hand on each line of a stream; one that is too long is cut."""
    rest = b""
    while chunk := await stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            take(line)
        rest = rest[:_LONGEST_LINE]
    if rest:
        take(rest)
