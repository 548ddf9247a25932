"""What the server says about itself.

Follows "REST API endpoints for meta data". The root lists the addresses clients look up there; /meta holds
GitHub Enterprise Server's fields; the octocat is left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer
from tdev.forge.api_versions import VERSIONS
from tdev.forge.call import Call, Handler

VERSION = "3.17.0"
"""The release of GitHub Enterprise Server whose addresses the forge uses."""


_SEARCH = "{&page,per_page,sort,order}"
_ADDRESSES = {
    "current_user_url": "user",
    "authorizations_url": "authorizations",
    "code_search_url": f"search/code?q={{query}}{_SEARCH}",
    "commit_search_url": f"search/commits?q={{query}}{_SEARCH}",
    "emails_url": "user/emails",
    "emojis_url": "emojis",
    "events_url": "events",
    "feeds_url": "feeds",
    "followers_url": "user/followers",
    "following_url": "user/following{/target}",
    "gists_url": "gists{/gist_id}",
    "issue_search_url": f"search/issues?q={{query}}{_SEARCH}",
    "issues_url": "issues",
    "keys_url": "user/keys",
    "label_search_url": "search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "notifications",
    "organization_url": "orgs/{org}",
    "organization_repositories_url": "orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "orgs/{org}/teams",
    "public_gists_url": "gists/public",
    "rate_limit_url": "rate_limit",
    "repository_url": "repos/{owner}/{repo}",
    "repository_search_url": f"search/repositories?q={{query}}{_SEARCH}",
    "current_user_repositories_url": "user/repos{?type,page,per_page,sort}",
    "starred_url": "user/starred{/owner}{/repo}",
    "starred_gists_url": "gists/starred",
    "user_url": "users/{user}",
    "user_organizations_url": "user/orgs",
    "user_repositories_url": "users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": f"search/users?q={{query}}{_SEARCH}",
}
"""GitHub's document has them all; an address the forge does not serve answers 404."""


async def get_root(call: Call) -> Answer:
    """Where to find what."""
    store = call.store
    return Answer(
        {
            "current_user_authorizations_html_url": f"{store.base_url}/settings/connections/applications{{/client_id}}",
            **{name: f"{store.api_url}/{path}" for name, path in _ADDRESSES.items()},
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
    return Answer(list(VERSIONS))


ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/", "", get_root),
    ("GET", "/meta", "", get_meta),
    ("GET", "/zen", "", get_zen),
    ("GET", "/versions", "", get_versions),
)
"""Rows for forge/routes.py."""
