"""GitHub for a job that publishes: whose token it has, and the pull request, its labels, each made once.

In goes what the job was given: the App's id and key, or else the job's own token. Out comes a Client for one
repository and no more rights than publishing needs. A token of the App is asked for that one repository and revoked
when the block ends, https://docs.github.com/en/rest/apps/installations; the App's key serves for nothing else.
What is made is looked for first, and again when an answer is lost: asking twice makes one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tdev.adapters import github
from tdev.adapters.app_auth import Permissions, read_key, token_of
from tdev.adapters.github import Client, Hub
from tdev.adapters.github_http import GitHubRefusal, Transport, send
from tdev.core.intent import Place
from tdev.core.job import Home
from tdev.errors import ConfigurationError, Refused, TdevError, TransientError
from tdev.settings import Settings

ACTIONS_SLUG = "github-actions"
"""The App that a job's own token acts as."""
PUBLISHING = {"contents": "write", "pull_requests": "write", "checks": "write", "issues": "write"}
"""What the token of a job that publishes may do."""
REPORTING = {"checks": "write", "pull_requests": "write"}
"""What the token of a job that posts checks, and a comment about them, may do."""
_TRIES = 3
_LABELS = {
    "tdev": ("5319e7", "Made by T-Developer"),
    "tdev:build": ("0e8a16", "T-Developer: make a service from this"),
    "tdev:evolve": ("1d76db", "T-Developer: make the repository better"),
    "test:generated": ("fbca04", "Holds tests that a program has drafted: read them before you rely on them"),
}
T = TypeVar("T")


@dataclass(frozen=True)
class Bearer:
    """A job that acts with one token."""

    transport: Transport
    """How to reach GitHub."""
    value: str = field(repr=False)
    """The token."""
    slug: str
    """The App it acts as."""

    async def login(self) -> str:
        """The login under which it comments."""
        return f"{self.slug}[bot]"

    async def token(self, place: Place, permissions: Permissions) -> str:
        """The token that it has."""
        return self.value

    def forget(self, token: str) -> None:
        """There is no other one."""


@dataclass(frozen=True)
class Access:
    """One repository, as a job may use it."""

    client: Client
    """Calls on it."""
    slug: str
    """The App the calls are made as."""
    token: str = field(repr=False)
    """For git."""
    sleep: Callable[[float], Awaitable[None]]
    """Waits so many seconds."""


@asynccontextmanager
async def access(
    settings: Settings, home: Home, permissions: Permissions, *, own_token: bool = False
) -> AsyncIterator[Access]:
    """The repository, by the App where its id and key are set, else (or with `own_token`) by the job's own token.

    Raises ConfigurationError when there is neither, or half of the first; Refused when the App is not installed there.
    """
    async with aiohttp.ClientSession() as session:
        transport = Transport(session, settings.github_api_url)
        if own_token or not (settings.app_id or settings.app_private_key or settings.app_private_key_file):
            if not settings.actions.token:
                raise ConfigurationError(
                    "There is no token to publish with.",
                    next_step="Give the step GITHUB_TOKEN, or TDEV_APP_ID and TDEV_APP_PRIVATE_KEY, by env.",
                )
            yield _access(Bearer(transport, settings.actions.token, settings.actions.token_app), home, 1, permissions)
            return
        async with _installation(settings, transport, home, permissions) as (bearer, installation):
            yield _access(bearer, home, installation, permissions)


def _access(bearer: Bearer, home: Home, installation: int, permissions: Permissions) -> Access:
    place = Place(
        installation_id=installation,
        repository=home.full_name,
        repository_id=home.id,
        default_branch=home.default_branch,
    )
    return Access(Client(bearer, place, permissions), bearer.slug, bearer.value, bearer.transport.sleep)


@asynccontextmanager
async def _installation(
    settings: Settings, transport: Transport, home: Home, permissions: Permissions
) -> AsyncIterator[tuple[Bearer, int]]:
    """A token of the App's installation for that repository alone, and the installation's id; revoked at the end."""
    bearer, installation = await _issued(settings, transport, home.full_name, permissions)
    try:
        yield bearer, installation
    finally:
        with suppress(TdevError):
            await send(transport, "DELETE", "/installation/token", {}, token=bearer.value)


async def _issued(
    settings: Settings, transport: Transport, full_name: str, permissions: Permissions
) -> tuple[Bearer, int]:
    """A new token of the App's installation for one repository, and the installation's id."""
    if not settings.app_id:
        raise ConfigurationError("TDEV_APP_ID is not set.", next_step="Set it beside TDEV_APP_PRIVATE_KEY.")
    hub = Hub(transport, settings.app_id, read_key(settings.app_private_key, settings.app_private_key_file))
    owner, _, name = full_name.partition("/")
    try:
        found = (await hub.as_app("GET", "/repos/{owner}/{repo}/installation", {"owner": owner, "repo": name})).data
    except GitHubRefusal as refusal:
        if refusal.status != 404:
            raise
        raise Refused(f"The App is not installed on {full_name}.", next_step="Install it there.") from refusal
    page = await hub.as_app(
        "POST",
        "/app/installations/{installation_id}/access_tokens",
        {"installation_id": str(found["id"])},
        body={"repositories": [name], "permissions": dict(permissions)},
        repeatable=True,
    )
    return Bearer(transport, token_of(page.data).value, str(found["app_slug"])), int(found["id"])


async def token_for(settings: Settings, full_name: str, permissions: Permissions) -> tuple[str, str]:
    """A new token of the App for `owner/name` and these permissions alone, and the App's slug.

    Whoever gets it has to end it. Raises ConfigurationError when half of the App's credentials is missing, Refused when
    the App is not installed there.
    """
    async with aiohttp.ClientSession() as session:
        bearer, _ = await _issued(settings, Transport(session, settings.github_api_url), full_name, permissions)
    return bearer.value, bearer.slug


async def end_token(settings: Settings, token: str) -> bool:
    """Revoke an installation token; False when GitHub knows it no longer."""
    async with aiohttp.ClientSession() as session:
        try:
            await send(Transport(session, settings.github_api_url), "DELETE", "/installation/token", {}, token=token)
        except GitHubRefusal as refusal:
            if refusal.status != 401:
                raise
            return False
    return True


async def made_once(
    find: Callable[[], Awaitable[T | None]], make: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]]
) -> tuple[T, bool]:
    """What `find` finds, else what `make` makes, and whether it was there; looks again when an answer is lost."""
    for attempt in range(_TRIES):
        found = await find()
        if found is not None:
            return found, attempt == 0
        try:
            return await make(), False
        except TransientError:
            if attempt == _TRIES - 1:
                raise
            await sleep(float(attempt + 1))
    raise TransientError("GitHub did not answer.")


async def open_pull(
    there: Access, branch: str, base: str, title: str, body: str, marker: str, *, draft: bool = False
) -> dict[str, Any]:
    """The pull request from a branch of ours: the one that bears the marker, else an open one, else a new one.

    With `draft` a new one is a draft; one that is there stays as it is, for a person may have marked it as ready.
    An open one of ours without the marker is about the same commits by an earlier run: it gets the marker added.
    Raises Refused when an open pull request of somebody else stands on the branch.
    """
    login = await there.client.hub.login()

    def ours(pull: dict[str, Any]) -> bool:
        return (pull.get("user") or {}).get("login") == login

    async def find() -> dict[str, Any] | None:
        marked = await github.pull_of_branch(
            there.client, branch, lambda pull: ours(pull) and marker in str(pull.get("body") or "")
        )
        return marked or await github.pull_of_branch(there.client, branch, lambda pull: pull["state"] == "open")

    async def make() -> dict[str, Any]:
        try:
            made = await there.client.call(
                "POST", "/pulls", body={"title": title, "head": branch, "base": base, "body": body, "draft": draft}
            )
        except GitHubRefusal as refusal:
            found = await find() if refusal.status == 422 else None
            if found is None:
                raise
            return found
        return dict(made)

    pull, _ = await made_once(find, make, there.sleep)
    if ours(pull) and marker in str(pull.get("body") or ""):
        return pull
    if not ours(pull):
        raise Refused(
            f"Pull request #{pull['number']} from {branch} was not opened by T-Developer.", next_step="Close it first."
        )
    joined = f"{pull.get('body') or ''}\n{marker}"
    return dict(
        await there.client.call("PATCH", "/pulls/{number}", variables={"number": pull["number"]}, body={"body": joined})
    )


async def ask_for_review(there: Access, pull: dict[str, Any], login: str) -> str:
    """Ask somebody to review a pull request; empty when it was done, else why not: its author can't be asked, nor
    can a bot, nor who has no access to the repository.
    """
    if login == (pull.get("user") or {}).get("login") or login.endswith("[bot]"):
        return f"{login} can't be asked to review"
    try:
        await there.client.call(
            "POST",
            "/pulls/{number}/requested_reviewers",
            variables={"number": pull["number"]},
            body={"reviewers": [login]},
            repeatable=True,
        )
    except GitHubRefusal as refusal:
        if refusal.status not in (403, 404, 422):
            raise
        return f"{login} can't be asked to review: {refusal.message}"
    return ""


async def label(there: Access, number: int, names: list[str]) -> None:
    """Give a pull request labels; those the repository does not have are made first."""
    for name in names:
        await _ensure_label(there, name)
    await github.add_labels(there.client, number, names)


async def _ensure_label(there: Access, name: str) -> None:
    try:
        await there.client.call("GET", "/labels/{name}", variables={"name": name})
        return
    except GitHubRefusal as refusal:
        if refusal.status != 404:
            raise
    colour, description = _LABELS.get(name, ("ededed", ""))
    try:
        body = {"name": name, "color": colour, "description": description}
        await there.client.call("POST", "/labels", body=body, repeatable=True)
    except GitHubRefusal as refusal:
        if refusal.status != 422:
            raise
