"""process: a stored delivery is dealt with: who asked is checked, a reaction says "seen", then the flow runs.

The one place where intents meet flows. Raises what the flow raises; app.py decides whether it is tried again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tdev.adapters import github
from tdev.core.command import Name
from tdev.core.intent import Request, RunReport
from tdev.flows.authorise import authorised
from tdev.flows.bot import Bot
from tdev.flows.control_run import control_run
from tdev.flows.finish_run import finish_run
from tdev.flows.start_run import start_run

Flow = Callable[[Bot, Request, float], Awaitable[None]]
"""Bot, request, and when its delivery came."""

FLOWS: Mapping[Name, Flow] = {
    Name.BUILD: start_run,
    Name.EVOLVE: start_run,
    Name.PLAN: start_run,
    Name.RETRY: start_run,
    Name.ANSWER: start_run,
    Name.STATUS: control_run,
    Name.STOP: control_run,
    Name.EXPLAIN: control_run,
    Name.HELP: control_run,
}
"""What each command does."""


async def process(bot: Bot, intent: Request | RunReport, received_at: float) -> None:
    """Do what an intent asks for."""
    if isinstance(intent, RunReport):
        await finish_run(bot, intent)
        return
    if not await authorised(bot, intent):
        return
    await github.react(bot.talker(intent.place), intent.number, intent.comment_id, "eyes")
    await FLOWS[intent.name](bot, intent, received_at)
