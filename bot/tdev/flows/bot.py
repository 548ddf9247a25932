"""What every flow needs: GitHub, the bot's memory, and its settings; and how it talks.

app.py makes one Bot; flows are functions that take it. Whatever must survive is in the inbox's file or on GitHub; the
only state here says which repositories are being worked on, so that nothing is done in one twice at the same time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

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
    busy: set[int] = field(default_factory=set)
    """Ids of the repositories that are being worked on now."""

    @contextlib.contextmanager
    def at_work(self, repository_id: int) -> Iterator[None]:
        """The repository is busy as long as the block runs."""
        self.busy.add(repository_id)
        try:
            yield
        finally:
            self.busy.discard(repository_id)
            self.inbox.arrived.set()

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
