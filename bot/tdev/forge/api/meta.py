"""What the server says about itself.

Follows "REST API endpoints for meta data". The root lists the addresses clients look up there; /meta holds
GitHub Enterprise Server's fields; the octocat is left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer
from tdev.forge.call import Call, Handler

VERSION = "3.17.0"
"""The release of GitHub Enterprise Server whose addresses the forge uses."""


async def get_root(call: Call) -> Answer:
    """Where to find what."""
    url = call.store.api_url
    return Answer(
        {
            "current_user_url": f"{url}/user",
            "repository_url": f"{url}/repos/{{owner}}/{{repo}}",
            "current_user_repositories_url": f"{url}/user/repos{{?type,page,per_page,sort}}",
            "rate_limit_url": f"{url}/rate_limit",
            "user_url": f"{url}/users/{{user}}",
        }
    )


async def get_meta(call: Call) -> Answer:
    """The server's release."""
    return Answer({"verifiable_password_authentication": False, "installed_version": VERSION})


async def get_zen(call: Call) -> Answer:
    """A sentence, as text."""
    return Answer("Small changes are read; large ones are believed.", media_type="text/plain; charset=utf-8")


async def get_versions(call: Call) -> Answer:
    """The API versions that are answered."""
    return Answer(["2022-11-28"])


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/", "", get_root),
    ("GET", "/meta", "", get_meta),
    ("GET", "/zen", "", get_zen),
    ("GET", "/versions", "", get_versions),
)
"""Rows for forge/routes.py."""
