"""A forge with people, a repository, and an App that hears of everything: what requests to all of it start from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.forge import Forge
from tdev.forge.store import Row

HOME = "/repos/ada/calc"
_WRITTEN = (
    "actions actions_variables administration checks contents deployments environments issues pull_requests secrets "
    "statuses workflows"
)
PERMISSIONS = dict.fromkeys(_WRITTEN.split(), "write")
FILES = {"README.md": "# calc\n", "calc.py": "def add(a, b):\n    return a + b\n"}
EVENTS = (
    "issues", "issue_comment", "label", "pull_request", "pull_request_review", "push", "create", "delete",
    "check_run", "check_suite", "status", "workflow_run", "workflow_job", "workflow_dispatch", "repository", "member",
    "repository_ruleset", "milestone", "deployment_review",
)  # fmt: skip


@dataclass
class World:
    """A forge with people, a repository and an App."""

    forge: Forge
    app: Row
    key: str
    installation: Row
    ada: str
    """Token of the owner."""
    bob: str
    """Token of somebody who may only read."""
    bot: str
    """Installation access token."""
    found: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, status: int = 200, *, json: Any = None, token: str = "") -> Any:
        """The document of a request that must have this status; asked by the owner unless a token is given."""
        home = path if path.startswith("//") else f"{HOME}{path}"
        return self.forge.do(method, home.removeprefix("/" if path.startswith("//") else ""), json=json,
                             token=token or self.ada, status=status)  # fmt: skip

    def jwt(self) -> str:
        """The App's JSON Web Token."""
        return self.forge.jwt(self.app, self.key)


def make_world(forge: Forge, webhook_url: str, secret: str, files: dict[str, str]) -> World:
    """People, a repository and an App that hears of everything."""
    forge.admin("PATCH", "limits", {"points": 100_000, "content": 10_000, "core": 1_000_000, "anonymous": 100_000})
    forge.repository("ada", "calc", files)
    app, key = forge.app("checker", PERMISSIONS, EVENTS, webhook_url, secret)
    installation = forge.install(app, "ada")
    bot = forge.installation_token(app, key, installation)
    return World(forge, app, key, installation, forge.token("ada"), forge.token("bob"), bot)
