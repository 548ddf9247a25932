"""The App that the bot acts as: its permissions with the reason for each, its events, its manifest.

In goes the address at which GitHub reaches the bot; out comes the manifest of
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest, or the address of the
page where such an App is registered with everything filled in. docs/bot.md shows the tables made from here.
No token of ours has all of these at once: each task asks for its own, for one repository.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from tdev.errors import ConfigurationError
from tdev.triggers.table import TRIGGERS

_PAGE = "https://github.com/settings/apps/new"
_ABOUT = "https://github.com/t-developer/tdev"
_DESCRIPTION = "Label an issue, get a small, gated, explained pull request."


class Permission(NamedTuple):
    """What the App may do."""

    name: str
    """GitHub's name."""
    level: str
    """`read` or `write`."""
    why: str
    """What it is needed for."""


PERMISSIONS = (
    Permission("actions", "write", "dispatch, read and cancel workflow runs; read their artifacts and logs"),
    Permission("checks", "write", "the publishing job posts the checks of a change; the bot shows them"),
    Permission("contents", "write", "the publishing job pushes `tdev/auto/*` branches"),
    Permission("issues", "write", "comment, react and label on issues"),
    Permission("metadata", "read", "ask what a person may do in the repository"),
    Permission("pull_requests", "write", "open pull requests; comment and react on them; read their branches"),
)
EVENTS = tuple(TRIGGERS)
"""The events that the App is told of."""


def manifest(url: str, name: str = "T-Developer") -> dict[str, object]:
    """The manifest of an App whose webhook is at `url`/webhook.

    Raises ConfigurationError when that is no address that GitHub can reach.
    """
    hook = _hook(url)
    return {
        "name": name,
        "url": _ABOUT,
        "description": _DESCRIPTION,
        "hook_attributes": {"url": hook, "active": True},
        "public": False,
        "default_permissions": {permission.name: permission.level for permission in PERMISSIONS},
        "default_events": list(EVENTS),
    }


def registration_page(url: str, name: str = "T-Developer") -> str:
    """Address of GitHub's page for a new App, filled in; raises ConfigurationError likewise."""
    values = [
        ("name", name),
        ("url", _ABOUT),
        ("description", _DESCRIPTION),
        ("public", "false"),
        ("webhook_active", "true"),
        ("webhook_url", _hook(url)),
        *((permission.name, permission.level) for permission in PERMISSIONS),
        *(("events[]", event) for event in EVENTS),
    ]
    return f"{_PAGE}?{urlencode(values)}"


def _hook(url: str) -> str:
    """Address of the webhook."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ConfigurationError(
            f"{url} is no address of a web server.",
            next_step="Give the one GitHub reaches, e.g. https://tdev.example.org",
        )
    return f"{url.rstrip('/')}/webhook"
