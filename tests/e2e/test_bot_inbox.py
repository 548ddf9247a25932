"""The bot's memory on disk: what is handed out in which order, and what waits for what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tdev.adapters.inbox import Delivery, Inbox, open_inbox
from tdev.core.command import Name
from tdev.core.intent import Place, Request, RunReport, act

pytestmark = pytest.mark.e2e


def place(repository_id: int = 1) -> Place:
    return Place(
        installation_id=9, repository=f"octo/r{repository_id}", repository_id=repository_id, default_branch="main"
    )


def asked(number: int, repository_id: int = 1, name: Name = Name.STATUS) -> Request:
    key = act("comment", repository_id, number, name)
    return Request(key=key, place=place(repository_id), number=number, name=name, actor="mona")


def report(run: int, status: str, repository_id: int = 1) -> RunReport:
    return RunReport(key=act("run", run, status), place=place(repository_id), workflow_run_id=run, status=status)


def with_inbox(folder: Path, work: Callable[[Inbox], Awaitable[None]]) -> None:
    """Open it, do something, close it."""

    async def main() -> None:
        inbox = await open_inbox(folder / "bot.sqlite")
        try:
            await work(inbox)
        finally:
            await inbox.close()

    asyncio.run(main())


async def store(inbox: Inbox, *intents: Request | RunReport) -> None:
    for intent in intents:
        assert await inbox.store(f"d-{intent.key}", "event", intent, 1.0)


async def next_one(inbox: Inbox, *busy: int) -> Delivery:
    found = await inbox.due(10.0, busy)
    assert found is not None
    return found


def test_people_come_before_reports_and_busy_repositories_wait(tmp_path: Path) -> None:
    async def work(inbox: Inbox) -> None:
        await store(inbox, report(7, "queued"), asked(1), asked(2), asked(3, 2))
        assert (await next_one(inbox)).intent == asked(1)
        assert (await next_one(inbox, 1)).intent == asked(3, 2)
        assert await inbox.due(10.0, (1, 2)) is None
        for _ in range(3):
            await inbox.finish((await next_one(inbox)).sequence)
        assert (await next_one(inbox)).intent == report(7, "queued")

    with_inbox(tmp_path, work)


def test_what_is_about_an_issue_waits_for_an_earlier_try_and_nothing_else_does(tmp_path: Path) -> None:
    async def work(inbox: Inbox) -> None:
        await store(inbox, asked(1, name=Name.EVOLVE), asked(1, name=Name.STOP), asked(2))
        await inbox.postpone((await next_one(inbox)).sequence, 100.0, "GitHub is down")
        other = await next_one(inbox)
        assert other.intent == asked(2)
        await inbox.finish(other.sequence)
        assert await inbox.due(10.0) is None
        later = await inbox.due(200.0)
        assert later is not None and later.intent == asked(1, name=Name.EVOLVE) and later.attempts == 1

    with_inbox(tmp_path, work)


def test_reports_on_a_run_that_came_later_need_no_look_of_their_own(tmp_path: Path) -> None:
    async def work(inbox: Inbox) -> None:
        await store(
            inbox, report(7, "queued"), report(8, "queued"), report(7, "in_progress"), report(7, "completed", 2)
        )
        first = await next_one(inbox)
        assert isinstance(first.intent, RunReport)
        told = await inbox.finish_later_reports(first.sequence, first.intent)
        assert told == [f"d-{report(7, 'in_progress').key}"]
        assert await inbox.counts() == {"waiting": 3, "done": 1, "failed": 0}

    with_inbox(tmp_path, work)
