"""`tdev token create|revoke`: the token with which a job of a workflow writes, for `actions/token`.

`create` asks for a token of the App, for this repository and one task's permissions alone, where TDEV_APP_ID and
TDEV_APP_PRIVATE_KEY are set; else the job's own GITHUB_TOKEN is it. The token is masked, put out as `token` beside the
slug of its App as `app`, and kept for `revoke`, which the action runs at the end of the job, also when that failed or
was cancelled. The job's own token is not revoked: it ends with the job.
"""

from __future__ import annotations

import argparse
import asyncio

from tdev.adapters.github_publish import ACTIONS_SLUG, PUBLISHING, REPORTING, end_token, token_for
from tdev.cli.step import mask, put_out, remember
from tdev.errors import ConfigurationError, ExitCode
from tdev.settings import Settings

TASKS = {"publish": PUBLISHING, "report": REPORTING}
"""Task -> the permissions of its token."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    parts = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = parts.add_parser("create", help="make the token, and put it out")
    create.add_argument("task", choices=sorted(TASKS), help="what it is for, which decides what it may do")
    parts.add_parser("revoke", help="end the token that `create` made in the same step")


def run(arguments: argparse.Namespace) -> int:
    """Make or end a token."""
    settings = Settings.from_environment()
    return _create(settings, arguments.task) if arguments.action == "create" else _revoke(settings)


def _create(settings: Settings, task: str) -> int:
    repository = settings.actions.repository
    if not repository or settings.actions.output is None:
        raise ConfigurationError(
            "GITHUB_REPOSITORY or GITHUB_OUTPUT is not set.", next_step="`tdev token` runs in a GitHub workflow."
        )
    if settings.app_id or settings.app_private_key or settings.app_private_key_file:
        token, app = asyncio.run(token_for(settings, repository, TASKS[task]))
        mask(token)
        remember(settings, {"token": token})
        print(f"A token of the App {app} for {repository}, to {task}; it is revoked at the end of the job.")
    elif settings.actions.token:
        token, app = settings.actions.token, ACTIONS_SLUG
        mask(token)
        print("The job's own token: no App is set up, so what it makes starts no other workflow.")
    else:
        raise ConfigurationError(
            f"There is no token to {task} with.",
            next_step="Give the action `app-id` and `private-key`, or `github-token`.",
        )
    put_out(settings, {"token": token, "app": app})
    return ExitCode.OK


def _revoke(settings: Settings) -> int:
    if not settings.actions.held_token:
        print("There is no token to revoke.")
        return ExitCode.OK
    ended = asyncio.run(end_token(settings, settings.actions.held_token))
    print("The token is revoked." if ended else "The token was good for nothing any more.")
    return ExitCode.OK
