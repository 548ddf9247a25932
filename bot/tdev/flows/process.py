"""process: a stored delivery is dealt with: who asked is checked, a reaction says "seen", then the flow runs.

The one place where intents meet flows. Returns in a few words what became of it, for the log. Raises what the flow
raises; app.py decides whether it is tried again.
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

Flow = Callable[[Bot, Request, float], Awaitable[str]]
"""Bot, request, and when its delivery came; in a few words what became of it."""

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


async def process(bot: Bot, intent: Request | RunReport, received_at: float) -> str:
    """Do what an intent asks for; what became of it."""
    if isinstance(intent, RunReport):
        return await finish_run(bot, intent)
    if not await authorised(bot, intent):
        return "refused: no write access"
    await _react(bot, intent)
    return await FLOWS[intent.name](bot, intent, received_at)


async def acknowledge(bot: Bot, request: Request) -> None:
    """Say "seen" to somebody who may command us and must wait for others; who may not is told when it is their turn."""
    if await github.may_write(bot.talker(request.place), request.actor):
        await _react(bot, request)


async def _react(bot: Bot, request: Request) -> None:
    await github.react(bot.talker(request.place), request.number, request.comment_id, "eyes")
