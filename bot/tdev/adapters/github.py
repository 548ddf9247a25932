"""The calls of GitHub's REST API that the bot makes, one function each.

A Hub speaks for the App; `Hub.at` gives a Client for one repository, whose token has only the permissions that are
asked for. Functions return the few fields the flows need as plain values; paths and field names are GitHub's,
https://docs.github.com/en/rest. What is made is looked up first by its hidden marker, among our own comments only,
so that doing a step twice makes one comment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tdev.adapters.app_auth import Permissions, Tokens, app_jwt, token_of
from tdev.adapters.github_http import GitHubRefusal, Page, Transport, send
from tdev.core.intent import Place
from tdev.errors import TransientError

_PAGES = 50


class Identity(Protocol):
    """Who makes the calls of a Client: the App with tokens it asks for, or a job with the token it was given."""

    @property
    def transport(self) -> Transport:
        """How to reach GitHub."""

    async def login(self) -> str:
        """The login under which it comments."""

    async def token(self, place: Place, permissions: Permissions) -> str:
        """A token for that repository."""

    def forget(self, token: str) -> None:
        """Drop a token that GitHub no longer takes."""


@dataclass
class Hub:
    """GitHub as the App sees it."""

    transport: Transport
    """How to reach it."""
    app_id: str
    """Client id or number of the App."""
    key: RSAPrivateKey = field(repr=False)
    """The App's private key."""
    tokens: Tokens = field(default_factory=Tokens)
    """Installation tokens that are still good."""
    slug: str = ""
    """Name of the App in its login; asked once."""

    async def as_app(self, method: str, path: str, variables: dict[str, str] | None = None, **more: Any) -> Page:
        """A request that the App makes for itself."""
        token = app_jwt(self.app_id, self.key, self.tokens.clock())
        return await send(self.transport, method, path, variables or {}, jwt=token, **more)

    async def login(self) -> str:
        """The login under which the App comments: `<slug>[bot]`."""
        if not self.slug:
            self.slug = str(_dict((await self.as_app("GET", "/app")).data)["slug"])
        return f"{self.slug}[bot]"

    async def token(self, place: Place, permissions: Permissions) -> str:
        """An installation token for that repository and those permissions alone."""
        kept = self.tokens.get(place.installation_id, place.repository_id, permissions)
        if kept:
            return kept.value
        page = await self.as_app(
            "POST",
            "/app/installations/{installation_id}/access_tokens",
            {"installation_id": str(place.installation_id)},
            body={"repository_ids": [place.repository_id], "permissions": dict(permissions)},
            repeatable=True,
        )
        token = token_of(page.data)
        self.tokens.put(place.installation_id, place.repository_id, permissions, token)
        return token.value

    def forget(self, token: str) -> None:
        """Drop a token that GitHub no longer takes."""
        self.tokens.forget(token)

    def at(self, place: Place, **permissions: str) -> Client:
        """Calls on one repository with just these permissions."""
        return Client(self, place, permissions)


@dataclass(frozen=True)
class Client:
    """Calls on one repository."""

    hub: Identity
    """Who calls."""
    place: Place
    """Which repository."""
    permissions: Permissions
    """What the token may do."""

    async def call(self, method: str, path: str, *, variables: dict[str, Any] | None = None, **more: Any) -> Any:
        """A request below `/repos/{owner}/{repo}`; a token that was revoked is replaced once."""
        return (await self._page(method, "/repos/{owner}/{repo}" + path, variables or {}, more)).data

    async def items(self, path: str, key: str = "", **variables: Any) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, page by page; `key` names the list where the answer is an object."""
        url: str | None = "/repos/{owner}/{repo}" + path
        for _ in range(_PAGES):
            if url is None:
                return
            page = await self._page("GET", url, variables, {})
            for item in page.data[key] if key else page.data:
                yield item
            url = page.next_url

    async def _page(self, method: str, path: str, variables: dict[str, Any], more: dict[str, Any]) -> Page:
        owner, _, name = self.place.repository.partition("/")
        texts = {"owner": owner, "repo": name} | {key: str(value) for key, value in variables.items()}
        token = await self.hub.token(self.place, self.permissions)
        try:
            return await send(self.hub.transport, method, path, texts, token=token, **more)
        except GitHubRefusal as refusal:
            if refusal.status != 401:
                raise
        self.hub.forget(token)
        token = await self.hub.token(self.place, self.permissions)
        return await send(self.hub.transport, method, path, texts, token=token, **more)


def _dict(data: object) -> dict[str, Any]:
    if isinstance(data, dict):
        return data
    raise TransientError("GitHub answered with something that is no object.")


async def may_write(client: Client, login: str) -> bool:
    """The user is a person with write access (write, maintain or admin). Needs metadata:read."""
    try:
        answer = _dict(await client.call("GET", "/collaborators/{username}/permission", variables={"username": login}))
    except GitHubRefusal as refusal:
        if refusal.status == 404:
            return False
        raise
    user = answer.get("user") or {}
    return answer.get("permission") in ("admin", "write", "maintain") and user.get("type") == "User"


async def react(client: Client, number: int, comment_id: int, content: str) -> None:
    """A reaction on the comment, or on the issue where there is none; a second one changes nothing."""
    path = "/issues/comments/{id}/reactions" if comment_id else "/issues/{id}/reactions"
    await client.call("POST", path, variables={"id": comment_id or number}, body={"content": content}, repeatable=True)


async def find_comment(client: Client, number: int, marker: str) -> tuple[int, str]:
    """Id and text of our own comment that begins with the marker; 0 and nothing when there is none."""
    login = await client.hub.login()
    async for comment in client.items("/issues/{number}/comments{?per_page}", number=number, per_page=100):
        if (comment.get("user") or {}).get("login") == login and (comment.get("body") or "").startswith(marker):
            return int(comment["id"]), str(comment["body"])
    return 0, ""


async def put_comment(client: Client, number: int, marker: str, text: str) -> int:
    """Create the comment that begins with the marker, or bring it up to date; its id."""
    body = f"{marker}\n{text}"
    found, standing = await find_comment(client, number, marker)
    if found and standing == body:
        return found
    if found:
        await client.call("PATCH", "/issues/comments/{id}", variables={"id": found}, body={"body": body})
        return found
    made = await client.call("POST", "/issues/{number}/comments", variables={"number": number}, body={"body": body})
    return int(_dict(made)["id"])


async def change_comment(client: Client, comment_id: int, marker: str, text: str) -> bool:
    """Bring a comment of ours up to date; False when it is gone."""
    try:
        await client.call(
            "PATCH", "/issues/comments/{id}", variables={"id": comment_id}, body={"body": f"{marker}\n{text}"}
        )
    except GitHubRefusal as refusal:
        if refusal.status == 404:
            return False
        raise
    return True


async def dispatch(client: Client, workflow: str, ref: str, inputs: dict[str, str]) -> int:
    """Start a workflow; id of its run, 0 where GitHub gives none."""
    answer = await client.call(
        "POST",
        "/actions/workflows/{workflow}/dispatches",
        variables={"workflow": workflow},
        body={"ref": ref, "inputs": inputs, "return_run_details": True},
    )
    return int(answer.get("workflow_run_id") or 0) if isinstance(answer, dict) else 0


async def find_run(client: Client, workflow: str, run_id: str) -> int:
    """Id of the dispatched workflow run whose name holds our run id; 0 when there is none among the last hundred."""
    answer = _dict(
        await client.call(
            "GET",
            "/actions/workflows/{workflow}/runs{?event,per_page}",
            variables={"workflow": workflow, "event": "workflow_dispatch", "per_page": 100},
        )
    )
    for run in answer["workflow_runs"]:
        if run_id in str(run.get("display_title") or "") or run_id in str(run.get("name") or ""):
            return int(run["id"])
    return 0


async def read_run(client: Client, workflow_run_id: int) -> dict[str, Any]:
    """The workflow run: status, conclusion, html_url."""
    return _dict(await client.call("GET", "/actions/runs/{id}", variables={"id": workflow_run_id}))


async def jobs_of(client: Client, workflow_run_id: int) -> list[dict[str, Any]]:
    """The jobs of a run's last attempt, with their steps."""
    return [
        job
        async for job in client.items("/actions/runs/{id}/jobs{?per_page}", "jobs", id=workflow_run_id, per_page=100)
    ]


async def cancel(client: Client, workflow_run_id: int) -> bool:
    """Ask for a run to be stopped; False when it has ended already."""
    try:
        await client.call("POST", "/actions/runs/{id}/cancel", variables={"id": workflow_run_id}, repeatable=True)
    except GitHubRefusal as refusal:
        if refusal.status == 409:
            return False
        raise
    return True


async def read_pull(client: Client, number: int) -> dict[str, Any]:
    """A pull request: head, base, state, mergeable."""
    return _dict(await client.call("GET", "/pulls/{number}", variables={"number": number}))


async def pull_of_branch(
    client: Client, branch: str, fits: Callable[[dict[str, Any]], bool] = lambda pull: True
) -> dict[str, Any] | None:
    """The newest pull request from a branch of the repository itself that fits; None when there is none."""
    owner = client.place.repository.partition("/")[0]
    path = "/pulls{?state,head,per_page}"
    async for pull in client.items(path, state="all", head=f"{owner}:{branch}", per_page=100):
        if fits(pull):
            return pull
    return None


async def recent_pulls(client: Client) -> list[dict[str, Any]]:
    """The hundred pull requests that changed last."""
    answer = await client.call(
        "GET",
        "/pulls{?state,sort,direction,per_page}",
        variables={"state": "all", "sort": "updated", "direction": "desc", "per_page": 100},
    )
    return list(answer)


async def checks_of(client: Client, sha: str) -> list[dict[str, Any]]:
    """The check runs of a commit. Needs checks:read."""
    path = "/commits/{sha}/check-runs{?per_page}"
    return [check async for check in client.items(path, "check_runs", sha=sha, per_page=100)]


async def add_labels(client: Client, number: int, labels: list[str]) -> None:
    """Add labels; those that stand already stay."""
    await client.call(
        "POST", "/issues/{number}/labels", variables={"number": number}, body={"labels": labels}, repeatable=True
    )


async def remove_label(client: Client, number: int, label: str) -> None:
    """Take a label away, if it is there."""
    try:
        await client.call("DELETE", "/issues/{number}/labels/{name}", variables={"number": number, "name": label})
    except GitHubRefusal as refusal:
        if refusal.status != 404:
            raise


async def lost_deliveries(hub: Hub) -> list[dict[str, Any]]:
    """The newest hundred deliveries of the App's webhook, newest first."""
    page = await hub.as_app("GET", "/app/hook/deliveries{?per_page}", {"per_page": "100"})
    return list(page.data)


async def deliver_again(hub: Hub, delivery: int) -> None:
    """Ask GitHub to send a delivery again; it comes under the same X-GitHub-Delivery."""
    await hub.as_app("POST", "/app/hook/deliveries/{delivery_id}/attempts", {"delivery_id": str(delivery)})
