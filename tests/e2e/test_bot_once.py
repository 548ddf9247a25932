"""One act has one effect: the same delivery many times at once, and the bot killed again and again."""

from __future__ import annotations

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.bot_world import BOT, ByHand, World, until, world
from support.deliveries import headers
from tdev.core.pull_request import marker
from tdev.forge.edge import Exchange
from tdev.settings import Settings

pytestmark = pytest.mark.e2e
KILLS = 20


@pytest.mark.parametrize("event", ["issues", "issue_comment"])
def test_the_same_delivery_ten_times_at_once_makes_one_run_and_one_comment(settings: Settings, event: str) -> None:
    runner = ByHand()
    with world(settings, runner) as here:
        number = here.issue()
        if event == "issues":
            here.label(number, "tdev:build")
        else:
            here.say(number, "/tdev evolve types")
        until(lambda: here.deliveries(event) and all(row["state"] == "sent" for row in here.deliveries(event)))
        sent = here.deliveries(event)[-1]
        body = sent["payload"].encode()
        bot = here.serve()
        with ThreadPoolExecutor(10) as pool:
            given = headers(event, body, delivery=sent["guid"])
            statuses = list(pool.map(lambda _: bot.send(body, given), range(10)))
            statuses += list(pool.map(lambda _: bot.send(body, headers(event, body)), range(10)))
        assert statuses == [200] * 20
        until(lambda: runner.jobs and here.settled())
        runner.jobs[0].finish()
        until(lambda: "done" in here.comments(number, "run")[0] and here.settled())
        assert bot.send(body, given) == 200, "replayed after the end"
        until(here.settled)
        assert len(runner.jobs) == len(here.runs()) == len(here.comments(number)) == 1


class Killer:
    """Kills the bot by chance: right after a request of its was carried out, or some time after it began."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.kills = 0
        self.here: World | None = None
        self.left = self.chance.randrange(1, 9)
        self.began = time.monotonic()
        self.after = 0.0

    def observe(self, exchange: Exchange) -> None:
        """A request was carried out, and is not answered yet."""
        if not exchange.request_headers.get("User-Agent", "").startswith("tdev/"):
            return
        self.left -= 1
        if self.left <= 0 or (self.after and time.monotonic() - self.began > self.after):
            self.kill()

    def kill(self) -> None:
        """End the bot as if the power had gone, if it is at work and was not killed often enough."""
        if self.here is None or not self.here.bots or self.kills >= KILLS:
            return
        bot = self.here.bots[-1]
        if bot.process.poll() is None:
            self.kills += 1
            os.kill(bot.process.pid, signal.SIGKILL)
            bot.process.wait()

    def again(self) -> None:
        """Start the bot if it is dead, and choose when it dies next."""
        if self.here is not None and self.here.bots[-1].process.poll() is not None:
            self.left = self.chance.randrange(1, 9)
            self.after = self.chance.choice((0.0, self.chance.random()))
            self.here.serve()
            self.began = time.monotonic()


def test_killed_at_twenty_random_moments_each_run_still_ends_and_nothing_is_doubled(settings: Settings) -> None:
    killer, runner = Killer(seed=7), ByHand()
    with world(settings, runner, observe=killer.observe) as here:
        here.serve()
        killer.here = here
        numbers: list[int] = []
        while killer.kills < KILLS:
            numbers.append(here.issue())
            here.label(numbers[-1], "tdev:build")
            _to_the_end(here, killer, runner, numbers)
        until(lambda: killer.again() or here.settled(), 60)
        assert killer.kills == KILLS
        assert [len(here.comments(number)) for number in numbers] == [1] * len(numbers)
        assert len(runner.jobs) == len(here.runs()) == len(numbers)
        ids = [hand.inputs["run_id"] for hand in runner.jobs]
        assert len(set(ids)) == len(ids)


def _to_the_end(here: World, killer: Killer, runner: ByHand, numbers: list[int]) -> None:
    """One run, from its label to its result, however often the bot dies meanwhile."""
    limit = time.monotonic() + 120
    number, moved = numbers[-1], 0
    while not any("**Pull request #" in text for text in here.comments(number, "run")):
        assert time.monotonic() < limit, here.bot.log.read_text()[-3000:]
        killer.again()
        if len(runner.jobs) == len(numbers):
            _move_on(here, runner, moved)
            moved += 1
        if killer.chance.random() < 0.05:
            killer.kill()
        time.sleep(0.1)


def _move_on(here: World, runner: ByHand, moved: int) -> None:
    """The job does its next piece of work."""
    hand = runner.jobs[-1]
    if moved < 10:
        hand.step(f"stage {moved}", "success")
    elif moved == 10:
        branch = f"tdev/auto/rooms-{len(runner.jobs)}"
        here.branch(branch)
        here.pull(branch, body=marker(hand.inputs["run_id"]), who=BOT)
        hand.finish()
