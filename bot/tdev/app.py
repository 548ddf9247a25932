"""The bot put together: settings become adapters, a web server, and a worker that empties the inbox.

`serve` runs until it is cancelled. The worker takes stored deliveries in order, one at a time per repository; what
fails for a reason that may pass is tried again, later and later, and given up after ten tries with the reason in the
database. Beside that it asks about unfinished runs and lost deliveries. This is an edge: a defect in a flow is logged
with its traceback and must not stop the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp import web

from tdev.adapters.app_auth import read_key
from tdev.adapters.github import Hub
from tdev.adapters.github_http import GitHubRefusal, Transport
from tdev.adapters.inbox import Delivery, open_inbox
from tdev.core.intent import Request, RunReport
from tdev.errors import ConfigurationError, TdevError
from tdev.flows.bot import Bot
from tdev.flows.process import acknowledge, process
from tdev.flows.sweep import sweep_deliveries, sweep_runs
from tdev.settings import Settings
from tdev.web.webhook import check_secret, make_application

_LOG = logging.getLogger(__name__)
_MOST_TRIES = 10
_LONGEST_PAUSE = 300.0
_LOST_SECONDS = 600.0
_MOST_AT_ONCE = 8
_LONGEST_SLEEP = 1.0


def check_settings(settings: Settings) -> None:
    """Raises ConfigurationError when something the bot needs is missing or wrong."""
    check_secret(settings.webhook_secret)
    if not settings.app_id:
        raise ConfigurationError(
            "TDEV_APP_ID is not set.", next_step="Set it to the client id of the GitHub App; docs/bot.md shows where."
        )
    read_key(settings.app_private_key, settings.app_private_key_file)


@contextlib.asynccontextmanager
async def make_bot(settings: Settings) -> AsyncIterator[Bot]:
    """The bot with its database and connections open."""
    check_settings(settings)
    key = read_key(settings.app_private_key, settings.app_private_key_file)
    inbox = await open_inbox(settings.inbox)
    try:
        async with aiohttp.ClientSession() as session:
            hub = Hub(Transport(session, settings.github_api_url), settings.app_id, key)
            yield Bot(hub, inbox, settings)
    finally:
        await inbox.close()


async def serve(settings: Settings, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Answer webhooks and work until cancelled; `ready` gets the address once deliveries are taken.

    Raises ConfigurationError when settings are missing or the address is taken.
    """
    async with make_bot(settings) as bot:
        runner = web.AppRunner(make_application(bot.inbox, settings.webhook_secret), access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            try:
                await site.start()
            except OSError as error:
                raise ConfigurationError(
                    f"{host}:{port} can't be listened on: {error.strerror}.", next_step="Choose another --port."
                ) from error
            bound = runner.addresses[0]
            ready(f"http://{bound[0]}:{bound[1]}")
            await work(bot)
        finally:
            await runner.cleanup()


async def work(bot: Bot) -> None:
    """Empty the inbox, several repositories at a time, and sweep; until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_sweeping(bot, "deliveries", _LOST_SECONDS))
        group.create_task(_sweeping(bot, "runs", bot.settings.poll_seconds))
        greeted, places = 0, asyncio.Semaphore(_MOST_AT_ONCE)
        while True:
            bot.inbox.arrived.clear()
            for waiting in await _kept_waiting(bot, greeted):
                greeted = waiting.sequence
                group.create_task(_greet(bot, waiting, places))
            delivery = await _next(bot)
            if delivery is None or delivery.repository_id in bot.busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(bot.inbox.arrived.wait(), _LONGEST_SLEEP)
                continue
            bot.busy.add(delivery.repository_id)
            group.create_task(_in_turn(bot, delivery))


async def _next(bot: Bot) -> Delivery | None:
    """The delivery that is to be dealt with next; None when there is none, or the disk does not tell."""
    if len(bot.busy) >= _MOST_AT_ONCE:
        return None
    try:
        return await bot.inbox.due(bot.clock(), bot.busy)
    except TdevError as error:
        _LOG.warning("inbox: %s", error)
        return None


async def _kept_waiting(bot: Bot, greeted: int) -> list[Delivery]:
    """The requests that came to a busy repository since the last look."""
    try:
        return await bot.inbox.kept_waiting(bot.busy, greeted)
    except TdevError as error:
        _LOG.warning("inbox: %s", error)
        return []


async def _greet(bot: Bot, delivery: Delivery, places: asyncio.Semaphore) -> None:
    """Acknowledge a request that must wait; if that fails it is done when its turn comes."""
    if not isinstance(delivery.intent, Request):
        return
    async with places:
        try:
            await acknowledge(bot, delivery.intent)
        except TdevError as error:
            _LOG.debug("%s: %s", _named(delivery), error)


async def _in_turn(bot: Bot, delivery: Delivery) -> None:
    """Deal with a delivery while nothing else is done for its repository; it stays when the disk refuses."""
    with bot.at_work(delivery.repository_id):
        try:
            await deal_with(bot, delivery)
        except TdevError as error:
            _LOG.warning("%s: %s", _named(delivery), error)
            await bot.sleep(_LONGEST_SLEEP)


async def _sweeping(bot: Bot, what: str, seconds: float) -> None:
    """Sweep now and every so many seconds."""
    while True:
        await _guarded_sweep(bot, what)
        await bot.sleep(seconds)


async def deal_with(bot: Bot, delivery: Delivery) -> None:
    """Process one delivery, write down what became of it, and say so in one line of the log."""
    began = time.monotonic()
    try:
        outcome = await _processed(bot, delivery)
    except TdevError as error:
        outcome = await _again(bot, delivery, str(error))
    except Exception as error:
        _LOG.exception("delivery %s: defect", delivery.delivery_id)
        outcome = await _again(bot, delivery, f"defect: {type(error).__name__}")
    _LOG.info("%s: %s (%.2f s)", _named(delivery), outcome, time.monotonic() - began)


async def _processed(bot: Bot, delivery: Delivery) -> str:
    """Process it; what became of it. A refusal of GitHub's is final."""
    if delivery.intent is None:
        await bot.inbox.finish(delivery.sequence, error="stored by another version")
        return "given up: stored by another version"
    if isinstance(delivery.intent, RunReport):
        for other in await bot.inbox.finish_later_reports(delivery.sequence, delivery.intent):
            _LOG.info("delivery %s: dealt with together with %s", other, delivery.delivery_id)
    try:
        outcome = await process(bot, delivery.intent, delivery.received_at)
    except GitHubRefusal as refusal:
        await bot.inbox.finish(delivery.sequence, error=str(refusal))
        return f"given up: {refusal}"
    await bot.inbox.finish(delivery.sequence)
    return outcome


def _named(delivery: Delivery) -> str:
    """The delivery for the log."""
    intent = delivery.intent
    about = ""
    if isinstance(intent, Request):
        about = f" {intent.place.repository}#{intent.number} {intent.name.value} by {intent.actor}"
    elif intent is not None:
        about = f" {intent.place.repository} workflow run {intent.workflow_run_id}"
    return f"delivery {delivery.delivery_id} {delivery.event}{about}"


async def _again(bot: Bot, delivery: Delivery, error: str) -> str:
    """Try the delivery later, or give it up; in words."""
    if delivery.attempts + 1 >= _MOST_TRIES:
        await bot.inbox.finish(delivery.sequence, error=error)
        return f"given up after {_MOST_TRIES} tries: {error}"
    pause = min(_LONGEST_PAUSE, 2.0**delivery.attempts)
    await bot.inbox.postpone(delivery.sequence, bot.clock() + pause, error)
    return f"try {delivery.attempts + 1} failed, again in {pause:.0f} s: {error}"


async def _guarded_sweep(bot: Bot, what: str) -> None:
    """Sweep; whatever goes wrong is tried again next time."""
    try:
        if what == "runs":
            await sweep_runs(bot)
        else:
            await sweep_deliveries(bot)
            await bot.inbox.prune(bot.clock())
    except TdevError as error:
        _LOG.warning("sweep of %s: %s", what, error)
    except Exception:
        _LOG.exception("sweep of %s: defect", what)
