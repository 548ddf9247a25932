"""The room of one session: its sandbox, the model proxy and the doors to our MCP servers, open while the session lasts.

Called by the engine. Comes in: a Job and an empty HOME. Goes out: an executable file that starts Claude Code inside,
and how to reach each server from there.

Claude Code sees the checkout, without its .git to write to, and its own program. HOME is empty but for the session's
record. The only ways out are the port of the model proxy, which holds the key and asks nobody but the model, and a
socket for each server. It has no network, and no variable that is not named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tdev.adapters.files import explained
from tdev.adapters.private_folder import private_folder
from tdev.adapters.sandbox.cell import Cell
from tdev.adapters.sandbox.cells import repository_cell
from tdev.adapters.sandbox.run import launcher, stdio_words
from tdev.adapters.service import free_port
from tdev.core.artifacts.goal import GoalKind
from tdev.core.model_usage import ModelUsage
from tdev.core.outbox import OUTBOX_FILE
from tdev.core.run import branch_name
from tdev.engines.claude.doors import doors
from tdev.engines.claude.options import BY_SDK, QUIET
from tdev.engines.claude.record import PROJECTS
from tdev.engines.engine import Job
from tdev.errors import ConfigurationError
from tdev.policy.tool_rules import SEARCH_PATH
from tdev.policy.tool_server import Conversation, ServerConfiguration
from tdev.proxies.model import ModelProxy, model_proxy
from tdev.proxies.providers.provider import Provider
from tdev.settings import Settings

_SEEN = ("LANG", "LC_ALL", "TZ")


@dataclass(frozen=True)
class Room:
    """What a session needs of its surroundings."""

    launcher: Path
    """Starts Claude Code inside."""
    servers: Mapping[str, tuple[str, ...]]
    """Words that reach an MCP server from inside, by its name."""
    proxy: ModelProxy

    def usage(self) -> ModelUsage:
        """What the session used, also after the room was left."""
        return self.proxy.usage()


@contextmanager
def opened(job: Job, home: Path, log: Path) -> Iterator[Room]:
    """A room for one session; `log` takes what the model proxy counts.

    Raises ConfigurationError without a credential, without Claude Code or where no sandbox works.
    """
    with explained(home):
        (home / PROJECTS).mkdir(parents=True, exist_ok=True)
    with (
        private_folder("room") as folder,
        model_proxy(job.settings, job.policy.model, job.usd_left, folder / "model", log) as proxy,
        doors(job.settings, _servers(job)) as sockets,
        launcher(job.settings, _cell(job, home, proxy, sockets), cli(), folder) as start,
    ):
        yield Room(start, {server: stdio_words(socket) for server, socket in sockets.items()}, proxy)


def cli() -> Path:
    """The bundled Claude Code; raises ConfigurationError where this platform's package has none."""
    spec = find_spec("claude_agent_sdk")
    program = Path(spec.origin).parent / "_bundled" / "claude" if spec and spec.origin else Path()
    if not program.is_file():
        raise ConfigurationError(
            "Claude Code is not installed: this platform's claude-agent-sdk does not bundle it.",
            next_step="Use --engine recipes, or a platform whose package bundles it.",
        )
    return program.resolve()


def own_folder(job: Job) -> str:
    """Folder of the checkout in which protected names may be added: a build's own; nowhere for evolve."""
    return job.project.relative_to(job.checkout).as_posix() if job.goal.kind is GoalKind.BUILD else ""


def _servers(job: Job) -> ServerConfiguration:
    """What our MCP servers are started with."""
    goal = job.goal
    return ServerConfiguration(
        root=str(job.checkout.resolve()),
        scope=job.policy.scope,
        allowed_root=own_folder(job),
        agent=job.policy.agent,
        branch=branch_name(goal.slug),
        conversation=Conversation(number=goal.number, title=goal.title, text=goal.text),
        outbox=str(job.run_folder / OUTBOX_FILE),
        python=str(job.python),
        project=job.project.relative_to(job.checkout).as_posix(),
        sandbox=job.policy.sandbox,
    )


def _cell(job: Job, home: Path, proxy: ModelProxy, sockets: Mapping[str, Path]) -> Cell:
    """What Claude Code sees, may write and can reach.

    Any port would do where loopback is the sandbox's own; a free one, for there are machines without a sandbox.
    """
    port = free_port()
    return repository_cell(
        job.settings,
        job.checkout,
        environment=environment(job.settings, proxy.provider, home, port),
        writable=((home / PROJECTS).resolve(),),
        read_only=(cli(),),
        sockets=sockets.values(),
        ports_to={port: proxy.socket},
        limits=job.policy.sandbox,
    )


def environment(settings: Settings, provider: Provider, home: Path, port: int) -> dict[str, str]:
    """Every variable that Claude Code has; none holds a credential. `port` is where the model proxy is inside."""
    seen = {name: value for name, value in settings.child_environment.items() if name in _SEEN}
    client = provider.client_environment(port)
    return {**seen, **QUIET, **BY_SDK, **client, "PATH": ":".join(SEARCH_PATH), "HOME": str(home)}
