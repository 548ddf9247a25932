"""`tdev tools list|install|lock|wheels|run`: the pinned outside programs.

Programs are installed on first use, so nobody has to call `install`; it is for images and for
machines that lose the network later. Those in Go are built, which takes a minute or two each.
`lock` is for those who change policies/tools.toml, and needs the package index. `wheels` is for a
cache between machines. `run` passes output and exit code through, to try out a program exactly as a
run uses it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tdev.cli.arguments import add_json
from tdev.errors import ExitCode
from tdev.settings import Settings
from tdev.tools import kingfisher, wheels
from tdev.tools.pins import pin_of
from tdev.tools.tool_lock import lock
from tdev.tools.toolbox import Toolbox

_RUN_SECONDS = 24 * 3600.0


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="what is pinned and what is installed")
    add_json(listing)
    install = actions.add_parser("install", help="install programs ahead of their first use")
    install.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    install.add_argument(
        "--programs-only", action="store_true", help="leave what kingfisher compiles to its first search"
    )
    locking = actions.add_parser("lock", help="write the lock of a program after a change of policies/tools.toml")
    locking.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    locking.add_argument("--upgrade", action="store_true", help="raise what the programs depend on, too")
    fetching = actions.add_parser("wheels", help="fetch the wheels of the programs into a folder, for a cache")
    fetching.add_argument("folder", type=Path, metavar="FOLDER", help="where to")
    fetching.add_argument(
        "--requirements", type=Path, action="append", default=[], metavar="FILE", help="a further lock"
    )
    running = actions.add_parser("run", help="run a pinned program: tdev tools run NAME -- ARGUMENTS")
    running.add_argument("name", metavar="NAME", help="which")
    running.add_argument("words", nargs="*", metavar="ARGUMENT", help="its arguments, after --")


def run(arguments: argparse.Namespace) -> int:
    """Do it; `run` ends with the program's own exit code."""
    toolbox = Toolbox(Settings.from_environment())
    actions = {"list": _list, "install": _install, "lock": _lock, "wheels": _wheels, "run": _run}
    return actions[arguments.action](toolbox, arguments)


def _list(toolbox: Toolbox, arguments: argparse.Namespace) -> int:
    rows = [(pin, toolbox.installed(pin.name)) for pin in toolbox.pins().values()]
    if arguments.json:
        tools = [{**pin.model_dump(), "installed": installed} for pin, installed in rows]
        print(json.dumps({"tools": tools}))
        return ExitCode.OK
    for pin, installed in rows:
        state = "installed" if installed else "needs Go" if toolbox.lacking(pin.name) else "-"
        print(f"{pin.name:24} {pin.version:10} {state:10} {pin.purpose}")
    return ExitCode.OK


def _install(toolbox: Toolbox, arguments: argparse.Namespace) -> int:
    new = toolbox.install(arguments.names or None, progress=print)
    if kingfisher.NAME in new and not arguments.programs_only:
        kingfisher.prepare(toolbox)
    print(f"{len(new)} installed in {toolbox.settings.tool_environments}" if new else "Everything is installed.")
    return ExitCode.OK


def _lock(toolbox: Toolbox, arguments: argparse.Namespace) -> int:
    pins = toolbox.pins()
    for name in arguments.names or pins:
        changed = lock(toolbox.settings, pin_of(pins, name), upgrade=arguments.upgrade)
        print(f"{name}: {'written' if changed else 'unchanged'}")
    return ExitCode.OK


def _wheels(toolbox: Toolbox, arguments: argparse.Namespace) -> int:
    print(f"{wheels.fetch(toolbox, arguments.folder, arguments.requirements)} wheels in {arguments.folder}")
    return ExitCode.OK


def _run(toolbox: Toolbox, arguments: argparse.Namespace) -> int:
    done = toolbox.run(arguments.name, *arguments.words, cwd=Path.cwd(), timeout=_RUN_SECONDS)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.exit_code if done.exit_code >= 0 else 128 - done.exit_code
