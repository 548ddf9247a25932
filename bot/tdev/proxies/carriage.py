"""Carries bytes between a client in the sandbox and an index, counting them."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

from tdev.proxies.registry_upstream import Streams
from tdev.proxies.traffic import Flow, NotLet
from tdev.proxies.traffic_counter import Counter

_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Carriage:
    """What is needed to carry."""

    counter: Counter
    flow: Flow
    idle_seconds: float
    """Silence of the index after which it is given up."""
    more: bool
    """Whether the client may say more than it has."""


async def carry(carriage: Carriage, near: Streams, far: Streams) -> None:
    """Both ways until the index is done; raises NotLet when the client says too much, OSError or TimeoutError."""
    receiving = asyncio.create_task(_receive(carriage, far[0], near[1]))
    waiting = {receiving, asyncio.create_task(_send(carriage, near[0], far[1]))}
    try:
        while receiving in waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _send(carriage: Carriage, near: StreamReader, out: StreamWriter) -> None:
    while block := await near.read(_BLOCK):
        if not carriage.more:
            raise NotLet("more than one request on a connection")
        carriage.counter.send(carriage.flow, len(block))
        out.write(block)
        await out.drain()
    if out.can_write_eof():
        out.write_eof()


async def _receive(carriage: Carriage, far: StreamReader, back: StreamWriter) -> None:
    while True:
        async with asyncio.timeout(carriage.idle_seconds):
            block = await far.read(_BLOCK)
            if not block:
                break
            carriage.counter.receive(carriage.flow, len(block))
            back.write(block)
            await back.drain()
    back.close()
    await back.wait_closed()
