"""The bot put together: settings become adapters, a web server, and one worker that empties the inbox.

`serve` runs until it is cancelled. The worker takes stored deliveries in order, one at a time; what fails for a reason
that may pass is tried again, later and later, and given up after ten tries with the reason in the database. Between
deliveries it asks about unfinished runs and lost deliveries. This is an edge: a defect in a flow is logged with its
traceback and must not stop the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp import web

from tdev.adapters.app_auth import read_key
from tdev.adapters.github import Hub
from tdev.adapters.github_http import GitHubRefusal, Transport
from tdev.adapters.inbox import Delivery, open_inbox
from tdev.errors import ConfigurationError, TdevError
from tdev.flows.bot import Bot
from tdev.flows.process import process
from tdev.flows.sweep import sweep_deliveries, sweep_runs
from tdev.settings import Settings
from tdev.web.webhook import check_secret, make_application

_LOG = logging.getLogger(__name__)
_MOST_TRIES = 10
_LONGEST_PAUSE = 300.0
_LOST_SECONDS = 600.0


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
    """Empty the inbox, sweep, wait for more; until cancelled."""
    swept_runs = swept_lost = 0.0
    while True:
        bot.inbox.arrived.clear()
        delivery = await bot.inbox.due(bot.clock())
        if delivery is not None:
            await deal_with(bot, delivery)
            continue
        if bot.clock() - swept_lost >= _LOST_SECONDS:
            await _guarded_sweep(bot, "deliveries")
            swept_lost = bot.clock()
        if bot.clock() - swept_runs >= bot.settings.poll_seconds:
            await _guarded_sweep(bot, "runs")
            swept_runs = bot.clock()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bot.inbox.arrived.wait(), min(1.0, bot.settings.poll_seconds))


async def deal_with(bot: Bot, delivery: Delivery) -> None:
    """Process one delivery and write down what became of it."""
    if delivery.intent is None:
        await bot.inbox.finish(delivery.sequence, error="stored by another version")
        return
    try:
        await process(bot, delivery.intent, delivery.received_at)
    except GitHubRefusal as refusal:
        _LOG.warning("delivery %s: %s", delivery.delivery_id, refusal)
        await bot.inbox.finish(delivery.sequence, error=str(refusal))
    except TdevError as error:
        await _again(bot, delivery, str(error))
    except Exception as error:
        _LOG.exception("delivery %s: defect", delivery.delivery_id)
        await _again(bot, delivery, f"defect: {type(error).__name__}")
    else:
        await bot.inbox.finish(delivery.sequence)


async def _again(bot: Bot, delivery: Delivery, error: str) -> None:
    """Try the delivery later, or give it up."""
    _LOG.warning("delivery %s, try %d: %s", delivery.delivery_id, delivery.attempts + 1, error)
    if delivery.attempts + 1 >= _MOST_TRIES:
        await bot.inbox.finish(delivery.sequence, error=error)
        return
    pause = min(_LONGEST_PAUSE, 2.0**delivery.attempts)
    await bot.inbox.postpone(delivery.sequence, bot.clock() + pause, error)


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
