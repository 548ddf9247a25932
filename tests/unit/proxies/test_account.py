"""Money promised, spent and left."""

from __future__ import annotations

import asyncio

import pytest

from tdev.core.model_usage import Tokens
from tdev.proxies.account import Account, OutOfMoney

MODEL = "claude-opus-5"
"""25 dollars per million tokens of answer, 6.25 for a prompt's."""


def test_a_promise_covers_prompt_and_answer() -> None:
    async def check() -> None:
        account = Account(10.0)
        promise = await account.promise(MODEL, 4_000, 10_000)
        assert promise.granted == 10_000
        promise.asked = True
        assert promise.use(Tokens(input=1000, output=500))
        assert account.usage().usd == pytest.approx(0.0175)
        promise.settle()
        promise.settle()
        assert (account.usage().requests, account.usage().output_tokens) == (1, 500)
        assert not account.usage().stopped

    asyncio.run(check())


def test_one_request_gets_half_of_the_rest() -> None:
    async def check() -> None:
        account = Account(1.0)
        granted = [(await account.promise(MODEL, 0, 128_000)).granted for _ in range(3)]
        assert granted == [20_000, 10_000, 8192]

    asyncio.run(check())


def test_a_request_that_never_left_costs_nothing() -> None:
    async def check() -> None:
        account = Account(1.0)
        (await account.promise(MODEL, 400, 1000)).settle()
        assert account.usage().requests == 0
        assert (await account.promise(MODEL, 0, 128_000)).granted == 20_000

    asyncio.run(check())


def test_a_request_waits_for_those_under_way() -> None:
    async def check() -> None:
        account = Account(0.1)
        first = await account.promise(MODEL, 0, 4000)
        second = asyncio.create_task(account.promise(MODEL, 0, 2000, 1000))
        await asyncio.sleep(0.01)
        assert not second.done()
        first.asked = True
        first.use(Tokens(output=100))
        first.settle()
        assert (await asyncio.wait_for(second, 5)).granted == 2000

    asyncio.run(check())


def test_without_money_there_is_no_promise() -> None:
    async def check() -> None:
        account = Account(0.1)
        first = await account.promise(MODEL, 0, 4000)
        waiting = asyncio.create_task(account.promise(MODEL, 0, 2000))
        await asyncio.sleep(0.01)
        first.asked = True
        assert not first.use(Tokens(output=5000))
        first.settle()
        for refused in (waiting, account.promise(MODEL, 0, 10)):
            with pytest.raises(OutOfMoney):
                await asyncio.wait_for(refused, 5)
        assert account.usage().stopped

    asyncio.run(check())


def test_a_prompt_too_dear_is_refused_at_once() -> None:
    async def check() -> None:
        account = Account(0.1)
        with pytest.raises(OutOfMoney):
            await account.promise(MODEL, 4 * 100_000, 1000)

    asyncio.run(check())


def test_a_prompt_that_the_provider_has_is_expected_to_be_cheap() -> None:
    async def check() -> None:
        account = Account(1.0)
        first = await account.promise(MODEL, 4 * 100_000, 1000)
        first.asked = True
        first.use(Tokens(cache_write=100_000, output=10))
        first.settle()
        again = await account.promise(MODEL, 4 * 100_100, 1000)
        assert again.granted == 1000
        again.asked = True
        again.use(Tokens(cache_read=100_000, input=100, output=10))
        again.settle()
        assert account.usage().usd == pytest.approx(0.62525 + 0.05075)

    asyncio.run(check())


def test_refusals_are_counted() -> None:
    async def check() -> None:
        account = Account(1.0)
        account.refuse()
        assert (account.usage().refused, account.usage().stopped) == (1, False)
        account.refuse(stopped=True)
        assert (account.usage().refused, account.usage().stopped) == (2, True)

    asyncio.run(check())
