"""The provider that the settings mean."""

from __future__ import annotations

from tdev.errors import ConfigurationError
from tdev.proxies.providers.anthropic import DEFAULT_URL, Anthropic
from tdev.proxies.providers.provider import Provider, checked_base_url
from tdev.settings import CREDENTIAL_VARIABLES, Settings


def provider_of(settings: Settings) -> Provider:
    """The provider and its credential; raises ConfigurationError when there is none."""
    for name in CREDENTIAL_VARIABLES:
        if secret := settings.credentials.get(name, ""):
            url = checked_base_url(settings.model_base_url or DEFAULT_URL, "ANTHROPIC_BASE_URL")
            return Anthropic(name, secret, url)
    raise ConfigurationError(
        "The engine claude needs a credential and none is set.",
        next_step=f"Set one of {', '.join(CREDENTIAL_VARIABLES)}.",
    )
