"""PROVIDERS: who may answer for the model, and the one that the settings mean."""

from __future__ import annotations

from collections.abc import Callable

from tdev.errors import ConfigurationError
from tdev.proxies.providers.anthropic import DEFAULT_URL, Anthropic
from tdev.proxies.providers.bedrock import bedrock
from tdev.proxies.providers.provider import Provider, checked_base_url
from tdev.proxies.providers.vertex import vertex
from tdev.settings import PROVIDER_CREDENTIALS, Settings


def _anthropic(settings: Settings) -> Anthropic:
    name = settings.credential
    if not name:
        raise ConfigurationError(
            "The engine claude needs a credential and none is set.",
            next_step=f"Set one of {', '.join(PROVIDER_CREDENTIALS['anthropic'])}.",
        )
    url = checked_base_url(settings.model_base_url or DEFAULT_URL, "ANTHROPIC_BASE_URL")
    return Anthropic(name, settings.credentials[name], url)


PROVIDERS: dict[str, Callable[[Settings], Provider]] = {"anthropic": _anthropic, "bedrock": bedrock, "vertex": vertex}


def provider_of(settings: Settings) -> Provider:
    """The provider and its credential; raises ConfigurationError when something is missing."""
    return PROVIDERS[settings.model_provider](settings)
