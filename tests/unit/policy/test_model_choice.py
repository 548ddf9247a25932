"""Which ids of models a policy's choice lets through."""

from __future__ import annotations

import pytest

from tdev.core.model_prices import PRICES, release_of
from tdev.policy.model_choice import ModelChoice, full_name, may_ask

SONNET = ModelChoice(name="sonnet", fallback="haiku", stronger="sonnet")


@pytest.mark.parametrize(
    "model",
    [
        "claude-sonnet-5-5",
        "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "claude-haiku-4-5@20251001",
        "claude-haiku-5-5",
    ],
)
def test_an_alias_means_whatever_it_may_stand_for(model: str) -> None:
    assert may_ask(SONNET, model)


@pytest.mark.parametrize(
    "model",
    ["", "sonnet", "claude-opus-5-5", "claude-fable-5", "claude-sonnet-4-20250514", "claude-3-5-haiku-20241022"],
)
def test_nothing_else_passes(model: str) -> None:
    assert not may_ask(SONNET, model)


def test_dear_old_models_are_not_what_an_alias_means() -> None:
    assert may_ask(ModelChoice(name="opus"), "claude-opus-4-5")
    assert not may_ask(ModelChoice(name="opus"), "claude-opus-4-1")


def test_a_full_name_means_that_model_alone() -> None:
    choice = ModelChoice(name="claude-opus-4-6", fallback="", stronger="")
    assert may_ask(choice, "us.anthropic.claude-opus-4-6-v1")
    assert not may_ask(choice, "claude-opus-5-5")
    assert may_ask(choice, "claude-haiku-5-5")


def test_a_name_of_another_kind_passes_as_it_is() -> None:
    arn = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc"
    choice = ModelChoice(name=arn, fallback="my-gateway-model")
    assert may_ask(choice, arn) and may_ask(choice, "my-gateway-model")
    assert not may_ask(choice, arn + "d")


def test_the_marker_of_a_long_window_is_not_part_of_the_name() -> None:
    assert may_ask(ModelChoice(name="claude-sonnet-4-6[1m]"), "claude-sonnet-4-6")


def test_an_alias_has_a_full_name_that_it_lets_pass() -> None:
    for alias in ("haiku", "sonnet", "opus", "fable"):
        assert release_of(full_name(alias)) in PRICES
        assert may_ask(ModelChoice(name=alias), full_name(alias))
    assert full_name("claude-opus-4-6") == "claude-opus-4-6"
