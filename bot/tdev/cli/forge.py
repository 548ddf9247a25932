"""`tdev forge --root DIR --port N [--runner own|act]`: a GitHub on loopback, until Ctrl-C.

Comes in: a state folder, made when it is new, a port (0 = a free one), and what is to carry out jobs. Goes out: a line
with the address and one with the file that holds the administrator's token; while there is no account yet, also how to
make the first one. Then it serves, on 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tdev.adapters.files import explained
from tdev.adapters.service import LOOPBACK, free_port
from tdev.errors import ConfigurationError, ExitCode
from tdev.settings import Settings

if TYPE_CHECKING:
    from tdev.forge.workflows.runner import Runner

RUNNERS = ("own", "act")
"""The forge's own runner, and act."""
_TOKEN_FILE = "admin-token"  # noqa: S105
_FIRST = """There is no account yet. The first one, its token and a repository:
  curl -H "Authorization: Bearer $(cat {token})" {url}/_forge/users -d '{{"login": "ada"}}'
  curl -H "Authorization: Bearer $(cat {token})" -X POST {url}/_forge/users/ada/tokens
  curl -H "Authorization: Bearer $(cat {token})" {url}/_forge/repositories -d '{{"owner": "ada", "name": "calc"}}'"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--root", type=Path, required=True, metavar="DIR", help="where its state is kept")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--runner", choices=RUNNERS, default=RUNNERS[0], help="what carries out jobs (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted."""
    if not 0 <= arguments.port <= 65_535:
        raise ConfigurationError(f"{arguments.port} is no port.", next_step="Give --port a number up to 65535.")
    root: Path = arguments.root.absolute()
    with explained(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = Settings.from_environment()
    runner = chosen_runner(arguments.runner, settings)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_serve(root, arguments.port or free_port(), settings, runner))
    return ExitCode.OK


def chosen_runner(name: str, settings: Settings) -> Runner:
    """The runner of that name; ConfigurationError when act or its stand-ins for actions are missing."""
    from tdev.forge.workflows.act_runner import ActRunner
    from tdev.forge.workflows.runner import StagesRunner
    from tdev.tools.toolbox import Toolbox

    programs = {**settings.child_environment, **settings.installer_environment, **settings.model_environment}
    own = StagesRunner(programs, settings.home, settings.credentials)
    return ActRunner(own, Toolbox(settings).program("act")) if name == "act" else own


async def _serve(root: Path, port: int, settings: Settings, carries_out: Runner) -> None:
    """Listen, say where, and wait."""
    from aiohttp import web

    from tdev.forge.application import make_application
    from tdev.forge.store import open_store

    url = f"http://{LOOPBACK}:{port}"
    store = open_store(root, base_url=url)
    token_file, is_new = root / _TOKEN_FILE, store.value("SELECT 1 FROM users") is None
    _keep_secret(token_file, store.admin_token)
    store.connection.close()
    app = make_application(root, base_url=url, environment=settings.child_environment, runner=carries_out)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, LOOPBACK, port).start()
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} can't be used: {error.strerror or error}.", next_step="Give another --port, or 0."
            ) from error
        print(f"{url}\nThe administrator's token is in {token_file}")
        if is_new:
            print(_FIRST.format(url=url, token=shlex.quote(str(token_file))))
        sys.stdout.flush()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _keep_secret(file: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    with explained(file.parent), os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
