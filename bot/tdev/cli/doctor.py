"""`tdev doctor`: what this machine has and lacks for a run, and what to do about it.

Comes in: nothing but the machine. Goes out: a table, or JSON, and exit code 0 when a run could be started. Sandboxes
are tried for real, by a program inside that attempts to get out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable

from tdev.cli.arguments import add_json
from tdev.cli.machine_checks import Check, State, checks
from tdev.errors import ExitCode
from tdev.settings import Settings

_MARKS = {State.OK: "✔", State.NOTE: "·", State.LACKS: "✘"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Look, and tell; the exit code says whether a run could be started."""
    found = tuple(checks(Settings.from_environment()))
    ready = all(check.state is not State.LACKS for check in found)
    if arguments.json:
        print(json.dumps({"ready": ready, "checks": [check.as_json() for check in found]}, indent=2))
    else:
        _print(found, ready=ready)
    return ExitCode.OK if ready else ExitCode.CONFIGURATION


def _print(found: Iterable[Check], *, ready: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("", "", "found", "next step", box=box.SIMPLE_HEAD, pad_edge=False)
    for check in found:
        table.add_row(_MARKS[check.state], check.name, check.found, check.next_step)
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print("A run can be started." if ready else "No run can be started until what is marked ✘ is mended.")
