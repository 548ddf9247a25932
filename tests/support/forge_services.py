"""The forge without its REST API: git, pages, deliveries, OIDC and runs, on a loopback port in a thread."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from support.command import git
from tdev.adapters.service import free_port
from tdev.forge import store as stores
from tdev.forge.services import attach
from tdev.forge.store import Row, Store
from tdev.forge.workflows.runner import Runner
from tdev.settings import Settings


@dataclass(frozen=True)
class Services:
    """A running forge and a second connection to its state."""

    store: Store
    url: str

    def clone_url(self, token: str = "", repository: str = "ada/calc") -> str:
        """Address to clone from, with a token in it."""
        return f"{self.url.replace('://', f'://x-access-token:{token}@') if token else self.url}/{repository}.git"


@contextmanager
def serving(root: Path, settings: Settings, runner: Runner | None = None) -> Iterator[Services]:
    """Run it until the block ends."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    root.mkdir(exist_ok=True)
    started, stop = threading.Event(), threading.Event()

    async def main() -> None:
        store = stores.open_store(root, base_url=url, environment=settings.child_environment)
        app = web.Application()
        attach(app, store, runner)
        runner_of_app = web.AppRunner(app)
        await runner_of_app.setup()
        await web.TCPSite(runner_of_app, "127.0.0.1", port).start()
        started.set()
        while not stop.is_set():
            await asyncio.sleep(0.02)
        await runner_of_app.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield Services(stores.open_store(root, base_url=url, environment=settings.child_environment), url)
    finally:
        stop.set()
        thread.join(20)


def add_repository(store: Store, *, private: bool = False) -> tuple[Row, Row]:
    """Ada and her repository calc, empty."""
    ada = stores.add_user(store, "ada")
    return ada, stores.add_repository(store, ada, "calc", private=private)


def add_app(store: Store, account: Row, url: str, secret: str, events: list[str]) -> Row:
    """An App that is told of events at an address, installed on all repositories of an account."""
    bot = stores.add_user(store, "checker[bot]", kind="Bot")
    now = store.now()
    app_id = store.insert(
        "apps", slug="checker", name="Checker", owner_id=account["id"], bot_id=bot["id"], external_url=url,
        client_id="Iv1.checker", client_secret="x", public_key="", permissions="{}", events=json.dumps(events),
        webhook_url=url, webhook_secret=secret, created_at=now, updated_at=now,
    )  # fmt: skip
    number = store.insert(
        "installations", app_id=app_id, account_id=account["id"], repository_selection="all", permissions="{}",
        events=json.dumps(events), created_at=now, updated_at=now,
    )  # fmt: skip
    found = store.one("SELECT * FROM installations WHERE id = ?", number)
    assert found is not None
    return found


def work_tree(folder: Path, files: dict[str, str]) -> Path:
    """A repository on disk with one commit on main."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "start")
    return folder
