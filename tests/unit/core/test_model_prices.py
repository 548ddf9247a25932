"""Prices of models: whichever way a provider writes the name, and the dearest for what is unknown."""

from __future__ import annotations

import pytest

from tdev.core.model_prices import DEAREST, PRICES, Release, price_of, release_of


@pytest.mark.parametrize(
    ("model", "family", "version"),
    [
        ("claude-sonnet-5-5", "sonnet", (5, 5)),
        ("claude-sonnet-5", "sonnet", (5,)),
        ("claude-sonnet-4-5-20250929", "sonnet", (4, 5)),
        ("claude-sonnet-4-20250514", "sonnet", (4,)),
        ("claude-opus-4-0", "opus", (4,)),
        ("claude-opus-4@20250514", "opus", (4,)),
        ("claude-haiku-4-5@20251001", "haiku", (4, 5)),
        ("eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "sonnet", (4, 5)),
        ("global.anthropic.claude-opus-4-6-v1", "opus", (4, 6)),
        ("claude-3-5-sonnet-v2@20241022", "sonnet", (3, 5)),
        ("claude-3-7-sonnet-20250219", "sonnet", (3, 7)),
        ("anthropic/claude-fable-5-2", "fable", (5, 2)),
    ],
)
def test_a_model_is_known_by_any_providers_name(model: str, family: str, version: tuple[int, ...]) -> None:
    assert release_of(model) == Release(family, version)
    assert price_of(model) is PRICES[Release(family, version)]


@pytest.mark.parametrize("model", ["", "sonnet", "gpt-9", "claude-sonnet", "claude-sonnet-123", "claude-2.1", "opus-5"])
def test_what_is_no_known_name_costs_most(model: str) -> None:
    assert release_of(model) is None
    assert price_of(model) == DEAREST


def test_a_release_that_is_not_in_the_list_costs_most() -> None:
    assert release_of("claude-haiku-9-9") == Release("haiku", (9, 9))
    assert price_of("claude-haiku-9-9") == DEAREST
    assert max(price.output for price in PRICES.values()) == DEAREST.output


def test_long_prompts_cost_more_where_the_list_says_so() -> None:
    price = price_of("claude-haiku-5-5")
    assert price.at(100_000) is price
    assert (price.at(100_001).input, price.at(100_001).output) == pytest.approx((0.5, 2.5))
    assert price_of("claude-opus-5-5").at(10**6) is price_of("claude-opus-5-5")


def test_prices_are_in_order() -> None:
    assert all(0 < p.cache_read < p.input < p.cache_write < p.cache_write_hour < p.output for p in PRICES.values())
