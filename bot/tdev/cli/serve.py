"""`tdev serve`: the bot, which turns labels and comments on GitHub into runs.

Comes in: the settings of a GitHub App (docs/bot.md). Goes out: a web server for the App's webhook, until Ctrl-C or
SIGTERM; then it stops taking deliveries and leaves what is not done in its database for the next start.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import sys
from collections.abc import Coroutine

from tdev.errors import ExitCode
from tdev.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on; 0 takes a free one (default: 8080)")
    parser.add_argument("--check", action="store_true", help="check the settings and stop")
    parser.add_argument(
        "--manifest",
        metavar="URL",
        help="print the manifest of the GitHub App whose bot GitHub reaches at this address, and stop",
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped."""
    if arguments.manifest:
        return _show_manifest(arguments.manifest)
    from tdev.app import check_settings, serve

    settings = Settings.from_environment()
    check_settings(settings)
    if arguments.check:
        print("The settings are complete.")
        return ExitCode.OK
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_until_stopped(serve(settings, arguments.host, arguments.port, _say_ready)))
    return ExitCode.OK


def _show_manifest(url: str) -> int:
    """The manifest on standard output; on the other stream the page that needs none."""
    from tdev.web.app_manifest import manifest, registration_page

    print(json.dumps(manifest(url), indent=2))
    print(f"Or register it by hand, with all this filled in: {registration_page(url)}", file=sys.stderr)
    return ExitCode.OK


async def _until_stopped(serving: Coroutine[object, object, None]) -> None:
    """Run it until SIGINT or SIGTERM, then let it clean up."""
    task = asyncio.ensure_future(serving)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _say_ready(address: str) -> None:
    print(f"tdev: webhook at {address}/webhook, health at {address}/health", flush=True)
