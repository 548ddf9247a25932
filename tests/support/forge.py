"""A whole forge on a loopback port, in a thread, and a client for setting it up and asking it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from aiohttp import web

from tdev.adapters.service import free_port
from tdev.forge import store as stores
from tdev.forge.admin import app_by_id, installation_by_id
from tdev.forge.application import make_application
from tdev.forge.edge import Exchange
from tdev.forge.store import Row, Store
from tdev.forge.workflows.runner import Runner
from tdev.settings import Settings

API = "/api/v3"


@dataclass
class Forge:
    """A running forge, with a second connection to its state."""

    store: Store
    url: str
    exchanges: list[Exchange] = field(default_factory=list)
    """Every request to the API that was answered."""

    @property
    def api_url(self) -> str:
        """Root of the REST API."""
        return self.store.api_url

    @property
    def admin_token(self) -> str:
        """What opens /_forge."""
        return self.store.admin_token

    def raw(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        """Send a request to any address of the server: status, body, headers in lower case."""
        host = urlsplit(self.url)
        given = {"User-Agent": "tests", **(headers or {})}
        with closing(http.client.HTTPConnection(host.hostname or "", host.port, timeout=60)) as connection:
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str = "",
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any, dict[str, str]]:
        """Ask the REST API: status, parsed document (None for no body), headers in lower case."""
        root = "" if path.startswith("/_forge") else API
        given = {"Accept": "application/vnd.github+json", **(headers or {})}
        if token:
            given["Authorization"] = f"Bearer {token}"
        status, body, got = self.raw(method, f"{root}{path}", None if json is None else _bytes(json), given)
        is_json = "json" in got.get("content-type", "")
        return status, (_parsed(body) if is_json else body.decode("utf-8", "replace") or None), got

    def get(self, path: str, *, token: str = "", status: int = 200) -> Any:
        """The document of a GET that must have this status."""
        return self.do("GET", path, token=token, status=status)

    def do(self, method: str, path: str, *, token: str = "", json: Any = None, status: int = 200) -> Any:
        """The document of a request that must have this status."""
        got, document, _ = self.request(method, path, token=token, json=json)
        assert got == status, (method, path, got, document)
        return document

    def admin(self, method: str, path: str, document: Any = None) -> Any:
        """Ask /_forge; the status must be good."""
        status, answer, _ = self.request(method, f"/_forge/{path}", token=self.admin_token, json=document)
        assert status < 300, (status, answer)
        return answer

    def user(self, login: str, *, kind: str = "User", site_admin: bool = False) -> Row:
        """The account with this login, made when there is none."""
        if stores.user_by_login(self.store, login) is None:
            self.admin("POST", "users", {"login": login, "type": kind, "site_admin": site_admin})
        row = stores.user_by_login(self.store, login)
        assert row is not None
        return row

    def token(self, login: str) -> str:
        """A new personal access token of an account."""
        return str(self.admin("POST", f"users/{self.user(login)['login']}/tokens")["token"])

    def repository(
        self, owner: str, name: str, files: Mapping[str, str] | None = None, *, private: bool = False
    ) -> Row:
        """A new repository with one commit of these files; its owner is made when there is none."""
        self.user(owner)
        given = {"README.md": f"# {name}\n"} if files is None else dict(files)
        self.admin("POST", "repositories", {"owner": owner, "name": name, "files": given, "private": private})
        row = stores.repository_by_name(self.store, owner, name)
        assert row is not None
        return row

    def collaborator(self, owner: str, name: str, login: str, role: str = "write") -> Row:
        """Give an account a role in a repository."""
        row = self.user(login)
        self.admin("PUT", f"repositories/{owner}/{name}/collaborators/{login}", {"role": role})
        return row

    def secret(self, owner: str, name: str, secret: str, value: str, environment: str = "") -> None:
        """Set a secret of a repository, or of one of its environments."""
        body = {"value": value, **({"environment": environment} if environment else {})}
        self.admin("PUT", f"repositories/{owner}/{name}/secrets/{secret}", body)

    def app(
        self,
        slug: str,
        permissions: Mapping[str, str],
        events: Sequence[str] = (),
        webhook_url: str = "",
        secret: str = "",
        *,
        owner: str = "ada",
        callback_urls: Sequence[str] = (),
    ) -> tuple[Row, str]:
        """A new App and its private key; its owner is made when there is none."""
        self.user(owner)
        document = {
            "slug": slug, "owner": owner, "permissions": dict(permissions), "events": list(events),
            "webhook_url": webhook_url, "webhook_secret": secret, "callback_urls": list(callback_urls),
        }  # fmt: skip
        made = self.admin("POST", "apps", document)
        self.client_secrets[slug] = made["client_secret"]
        return app_by_id(self.store, made["id"]), made["pem"]

    client_secrets: dict[str, str] = field(default_factory=dict)
    """Of the Apps that `app` made."""

    def install(self, app: Row, owner: str, repositories: Sequence[str] | None = None) -> Row:
        """Install an App on an account: on all its repositories, or on those named."""
        document = {"account": owner, "repositories": None if repositories is None else list(repositories)}
        made = self.admin("POST", f"apps/{app['slug']}/installations", document)
        return installation_by_id(self.store, made["id"])

    def jwt(self, app: Row, key: str, **claims: Any) -> str:
        """A JSON Web Token of an App, good for nine minutes unless the claims say otherwise."""
        now = int(self.store.clock())
        return jwt.encode({"iss": app["client_id"], "iat": now - 30, "exp": now + 540, **claims}, key, "RS256")

    def installation_token(self, app: Row, key: str, installation: Row, **narrower: Any) -> str:
        """A new installation access token."""
        path = f"/app/installations/{installation['id']}/access_tokens"
        made = self.do("POST", path, token=self.jwt(app, key), json=narrower or None, status=201)
        return str(made["token"])


def _bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def _parsed(body: bytes) -> Any:
    return json.loads(body) if body else None


@contextmanager
def running_forge(
    root: Path,
    settings: Settings,
    *,
    runner: Runner | None = None,
    observe: Callable[[Exchange], None] | None = None,
    clock: Callable[[], float] | None = None,
) -> Iterator[Forge]:
    """Run a forge until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    root.mkdir(parents=True, exist_ok=True)
    started, stop = threading.Event(), threading.Event()
    seen: list[Exchange] = []
    told = {"clock": clock} if clock else {}

    def noted(exchange: Exchange) -> None:
        seen.append(exchange)
        if observe is not None:
            observe(exchange)

    async def main() -> None:
        app = make_application(
            root, base_url=url, environment=settings.child_environment, runner=runner, observe=noted, **told
        )
        server = web.AppRunner(app)
        await server.setup()
        await web.TCPSite(server, "127.0.0.1", port).start()
        started.set()
        while not stop.is_set():
            await asyncio.sleep(0.02)
        await server.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert started.wait(20), "the forge did not start"
    store = stores.open_store(root, base_url=url, environment=settings.child_environment, **told)
    try:
        yield Forge(store, url, seen)
    finally:
        stop.set()
        thread.join(20)
        store.connection.close()
