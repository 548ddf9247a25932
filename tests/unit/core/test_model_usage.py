"""Tokens into dollars, and sums of them."""

from __future__ import annotations

import pytest

from tdev.core.model_prices import price_of
from tdev.core.model_usage import ModelUsage, Tokens


def test_each_kind_of_token_has_its_price() -> None:
    price = price_of("claude-opus-5")
    million = 1_000_000
    assert Tokens(input=million).usd(price) == 5
    assert Tokens(cache_write=million).usd(price) == 6.25
    assert Tokens(cache_write_hour=million).usd(price) == 10
    assert Tokens(cache_read=million).usd(price) == 0.5
    assert Tokens(output=million).usd(price) == 25


def test_a_long_prompt_counts_whatever_it_came_from() -> None:
    price = price_of("claude-haiku-5-5")
    assert Tokens(input=1, cache_read=100_000, output=1000).usd(price) == pytest.approx((0.5 + 5000 + 2500) / 1e6)


def test_less_than_must_have_passed_is_not_believed() -> None:
    claimed = Tokens(input=10, cache_write=20, cache_write_hour=30, cache_read=40, output=5)
    assert claimed.prompt == 100
    assert claimed.at_least(100, 5) == claimed
    assert claimed.at_least(150, 50) == Tokens(60, 20, 30, 40, 50)


def test_usage_adds_up() -> None:
    usage = ModelUsage(refused=2, stopped=True).plus(Tokens(1, 2, 3, 4, 5), 0.5).plus(Tokens(10, 0, 0, 0, 1), 0.25)
    assert usage == ModelUsage(2, 11, 5, 4, 6, 0.75, 2, True)
