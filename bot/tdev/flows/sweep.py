"""sweep: what no event told us is asked for: runs that went on, and deliveries that never arrived.

Goes over the runs that have not ended: those half begun are begun, the others are followed. Then asks GitHub for the
App's failed deliveries and has them sent again, after
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries. A failure with one run does not
keep the others from being looked at; it is logged and tried again next time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import Any

from tdev.adapters import github, run_ledger
from tdev.adapters.run_ledger import Run
from tdev.errors import TdevError
from tdev.flows.bot import Bot
from tdev.flows.finish_run import follow
from tdev.flows.start_run import carry_on
from tdev.triggers.table import TRIGGERS

_LOG = logging.getLogger(__name__)
_AT_ONCE = 8
MOST_REDELIVERIES = 3
"""Times that one delivery is asked for again."""


async def sweep_runs(bot: Bot) -> None:
    """Bring every run that has not ended up to date; repositories at the same time, the runs of one in turn.

    A defect is raised once all the others have been looked at.
    """
    runs: dict[int, list[str]] = {}
    for run in await run_ledger.unfinished(bot.inbox):
        runs.setdefault(run.request.place.repository_id, []).append(run.request.key)
    places = asyncio.Semaphore(_AT_ONCE)
    work = [_repository(bot, repository_id, keys, places) for repository_id, keys in runs.items()]
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        if outcome is not None:
            raise outcome


async def _repository(bot: Bot, repository_id: int, keys: list[str], places: asyncio.Semaphore) -> None:
    """The runs of one repository; those of one that is being worked on are left for the next time."""
    async with places:
        for key in keys:
            if repository_id in bot.busy:
                return
            with bot.at_work(repository_id):
                run = await run_ledger.by_key(bot.inbox, key)
                if run is not None and not run.ended:
                    await _bring_up_to_date(bot, run)


async def _bring_up_to_date(bot: Bot, run: Run) -> None:
    try:
        if run.workflow_run_id:
            await follow(bot, run)
        else:
            await carry_on(bot, run)
    except TdevError as error:
        _LOG.warning("run %s: %s", run.run_id, error)


async def sweep_deliveries(bot: Bot) -> int:
    """Have lost deliveries sent again; how many."""
    deliveries = await github.lost_deliveries(bot.hub)
    tries = Counter(str(delivery["guid"]) for delivery in deliveries)
    arrived = {str(delivery["guid"]) for delivery in deliveries if 200 <= int(delivery["status_code"] or 0) < 300}
    asked: set[str] = set()
    for delivery in deliveries:
        guid = str(delivery["guid"])
        if guid in asked or guid in arrived or tries[guid] > MOST_REDELIVERIES or not await _wanted(bot, delivery):
            continue
        asked.add(guid)
        await github.deliver_again(bot.hub, int(delivery["id"]))
    return len(asked)


async def _wanted(bot: Bot, delivery: dict[str, Any]) -> bool:
    """The delivery is of an event we read, and we have not got it."""
    return delivery["event"] in TRIGGERS and not await bot.inbox.knows(str(delivery["guid"]))
