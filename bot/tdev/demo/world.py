"""The demo's surroundings: `tdev forge` and `tdev serve` as programs of their own, the App, its people.

Comes in: settings and an empty folder. Goes out: a World whose people are signed in and whose bot
has answered. Nothing is wired together in memory: the forge delivers signed webhooks to the bot over
HTTP, the bot calls the forge's REST API with tokens of its App, the forge's runner starts `tdev` for
the jobs of workflows.

What people click together on GitHub (accounts, an App and its installation, secrets, rulesets) is
written into the forge's state by its own functions.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tdev.adapters import service
from tdev.adapters.git import Git
from tdev.adapters.github_person import Person, push, signed_in
from tdev.adapters.service import free_port
from tdev.errors import TransientError
from tdev.forge import admin, store
from tdev.forge.workflows.secrets import set_secret
from tdev.settings import Settings

MAINTAINER = "ada"
CONTRIBUTOR = "carl"
APP = "tdev"
CHECKS = ("tdev/security", "tdev/tests", "tdev/quality")
WORKFLOWS = ("tdev.yml", "tdev-gates.yml")
PERMISSIONS = {
    "actions": "write",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
EVENTS = ("issues", "issue_comment", "workflow_run", "workflow_job")
_TDEV = (sys.executable, "-m", "tdev.cli.main")
_START_SECONDS = 60.0
_POLL_SECONDS = "2"


@dataclass(frozen=True)
class World:
    """A forge and a bot at work."""

    url: str
    """The forge's pages."""
    maintainer: Person
    """Owns the repositories."""
    contributor: Person
    """May push to them."""
    settings: Settings
    forge: store.Store = field(repr=False)
    """The forge's state, for what a browser would do."""
    app_id: int
    """The App."""
    app_key: str = field(repr=False)
    """Its private key."""

    @contextmanager
    def in_a_thread_of_its_own(self) -> Iterator[World]:
        """The same world with connections of its own, for a case that runs beside others."""
        people = {who.login: (self.forge.api_url, who.login, who.token) for who in (self.maintainer, self.contributor)}
        opened = store.open_store(self.forge.root, base_url=self.url, environment=self.settings.child_environment)
        with (
            closing(opened.connection),
            signed_in(*people[MAINTAINER]) as maintainer,
            signed_in(*people[CONTRIBUTOR]) as contributor,
        ):
            yield replace(self, maintainer=maintainer, contributor=contributor, forge=opened)

    def page(self, repository: str, tail: str = "") -> str:
        """Address of a page of a repository."""
        return f"{self.url}/{repository}{tail}"


@contextmanager
def world(settings: Settings, folder: Path, runner: str = "own") -> Iterator[World]:
    """Start everything; stop it when the block ends. `runner` carries out the forge's jobs: `own` or `act`.

    Raises TransientError when a program does not come up.
    """
    root = folder / "forge"
    root.mkdir(parents=True, exist_ok=True)
    forge_port, bot_port = free_port(), free_port()
    url, hook_secret = f"http://{service.LOOPBACK}:{forge_port}", secrets.token_hex(20)
    with ExitStack() as stack:
        words = (*_TDEV, "forge", "--root", str(root), "--port", str(forge_port), "--runner", runner)
        stack.enter_context(_program(words, settings.own_environment, folder / "forge.log", forge_port, "/"))
        state = store.open_store(root, base_url=url, environment=settings.child_environment)
        people = {login: store.add_user(state, login) for login in (MAINTAINER, CONTRIBUTOR)}
        plan = admin.AppPlan(
            slug=APP,
            owner_id=people[MAINTAINER]["id"],
            permissions=PERMISSIONS,
            events=EVENTS,
            webhook_url=f"http://{service.LOOPBACK}:{bot_port}/webhook",
            webhook_secret=hook_secret,
            name="T-Developer",
            description="Label an issue, get a gated pull request.",
        )
        app = admin.add_app(state, plan)
        admin.install(state, app.row, people[MAINTAINER])
        bot = {
            "TDEV_WEBHOOK_SECRET": hook_secret,
            "TDEV_APP_ID": str(app.row["id"]),
            "TDEV_APP_PRIVATE_KEY": app.private_key,
            "TDEV_GITHUB_API_URL": state.api_url,
            "TDEV_POLL_SECONDS": _POLL_SECONDS,
            "TDEV_HOME": str(folder / "bot"),
        }
        serve = (*_TDEV, "serve", "--port", str(bot_port))
        stack.enter_context(
            _program(serve, {**settings.own_environment, **bot}, folder / "bot.log", bot_port, "/health")
        )
        tokens = {login: store.add_personal_token(state, row["id"]) for login, row in people.items()}
        yield World(
            url=url,
            maintainer=stack.enter_context(signed_in(state.api_url, MAINTAINER, tokens[MAINTAINER])),
            contributor=stack.enter_context(signed_in(state.api_url, CONTRIBUTOR, tokens[CONTRIBUTOR])),
            settings=settings,
            forge=state,
            app_id=app.row["id"],
            app_key=app.private_key,
        )


@contextmanager
def _program(
    words: tuple[str, ...], environment: Mapping[str, str], log: Path, port: int, health: str
) -> Iterator[str]:
    """One of our own programs, answering; what it prints is kept."""
    with service.running(
        words, cwd=log.parent, environment=environment, port=port, health_path=health, timeout=_START_SECONDS, log=log
    ) as url:
        yield url


def add_repository(here: World, folder: Path, files: Mapping[str, str]) -> str:
    """Publish a folder as a repository with our workflows and the App's checks required; `owner/name`.

    The folder becomes a work tree with one commit, which the maintainer pushes.
    """
    _commit(here, folder, {**_workflows(here.settings), **files})
    owner = store.user_by_id(here.forge, _id_of(here, MAINTAINER))
    row = store.add_repository(here.forge, owner, folder.name)
    name = f"{MAINTAINER}/{folder.name}"
    push(folder, f"{here.url}/{name}.git", "main", here.maintainer.token, here.settings.child_environment)
    set_secret(here.forge, row["id"], "TDEV_APP_ID", str(here.app_id))
    set_secret(here.forge, row["id"], "TDEV_APP_PRIVATE_KEY", here.app_key)
    ask = here.maintainer.ask
    ask("PUT", f"/repos/{name}/collaborators/{{login}}", {"permission": "push"}, login=CONTRIBUTOR)
    required = [{"context": check, "integration_id": here.app_id} for check in CHECKS]
    rule = {"required_status_checks": required, "strict_required_status_checks_policy": False}
    ask(
        "POST",
        f"/repos/{name}/rulesets",
        {
            "name": "T-Developer's checks",
            "target": "branch",
            "enforcement": "active",
            "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            "rules": [{"type": "required_status_checks", "parameters": rule}],
        },
    )
    return name


def _id_of(here: World, login: str) -> int:
    """Id of an account that is known to exist."""
    row = store.user_by_login(here.forge, login)
    if row is None:
        raise TransientError(f"The forge has lost the account {login}.")
    return int(row["id"])


def _workflows(settings: Settings) -> dict[str, str]:
    """Our workflow files, as a repository that uses us has them."""
    return {f".github/workflows/{name}": (settings.workflow_files / name).read_text("utf-8") for name in WORKFLOWS}


def _commit(here: World, folder: Path, files: Mapping[str, str]) -> None:
    """Make a folder a work tree with one commit on main."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    git = Git(folder, here.settings.child_environment)
    git.run("init", "--quiet", "--initial-branch=main")
    git.run("add", "--all", "--", ".")
    git.run("commit", "--quiet", "--message=As it was")
