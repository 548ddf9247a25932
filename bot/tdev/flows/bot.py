"""What every flow needs: GitHub, the bot's memory, and its settings; and how it talks.

app.py makes one Bot; flows are functions that take it. There is no state here besides: whatever must survive is in
the inbox's file or on GitHub.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tdev.adapters import github
from tdev.adapters.github import Client, Hub
from tdev.adapters.inbox import Inbox
from tdev.core.comment import answer_marker
from tdev.core.intent import Place, Request
from tdev.settings import Settings


@dataclass(frozen=True)
class Bot:
    """The bot's surroundings."""

    hub: Hub
    """GitHub, as our App."""
    inbox: Inbox
    """Deliveries and runs."""
    settings: Settings
    """Which workflow, and the limits."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits so many seconds."""

    def talker(self, place: Place) -> Client:
        """May comment and react on issues and pull requests, and ask for a collaborator's permission."""
        return self.hub.at(place, issues="write", pull_requests="write", metadata="read")

    def dispatcher(self, place: Place) -> Client:
        """May start, stop and read workflow runs."""
        return self.hub.at(place, actions="write", metadata="read")

    def reader(self, place: Place) -> Client:
        """May read pull requests and checks."""
        return self.hub.at(place, pull_requests="read", checks="read", metadata="read")


async def say(bot: Bot, request: Request, text: str) -> None:
    """Answer an act, once: a second answer to it replaces the first."""
    await github.put_comment(bot.talker(request.place), request.number, answer_marker(request.key), text)
