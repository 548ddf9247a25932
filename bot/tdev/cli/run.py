"""`tdev run list|show|verify|resume|remove`: the runs of this machine.

A run is named by its id or by a beginning of it that fits one alone. `list` shows damaged runs as
such instead of failing: one broken folder must not hide the others.

`verify` needs nothing but the run directory, so that it can be moved to another machine and checked
there. `remove` takes the run's lock first and never touches a repository.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable

from tdev.adapters import run_dir
from tdev.adapters.run_dir import RunDir
from tdev.cli.arguments import add_json
from tdev.cli.carry_out import go_on
from tdev.cli.summary import report
from tdev.errors import ExitCode, TdevError
from tdev.settings import Settings
from tdev.stages.outcome import result_of
from tdev.stages.start import resume


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    parts = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    rows = (
        ("list", "runs, oldest first", False),
        ("show", "how a run ended, and what it made", True),
        ("verify", "prove that no file was changed since it was sealed", True),
        ("resume", "go on where a killed run stood", True),
        ("remove", "delete a run and its scratch folder; branches stay", True),
    )
    for name, text, needs_id in rows:
        sub = parts.add_parser(name, help=text, description=text)
        if needs_id:
            sub.add_argument("id", help="run id, or the beginning of one")
        if name == "resume":
            sub.add_argument("--usd", type=float, metavar="N", help="new model budget of the run, in US dollars")
        add_json(sub)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked of the runs."""
    settings = Settings.from_environment()
    if arguments.action == "list":
        return _list(settings, as_json=arguments.json)
    actions: dict[str, Callable[[RunDir, argparse.Namespace], int]] = {
        "show": _show,
        "verify": _verify,
        "resume": _resume,
        "remove": _remove,
    }
    return actions[arguments.action](run_dir.open_run(settings, arguments.id), arguments)


def _list(settings: Settings, *, as_json: bool) -> int:
    rows = []
    for name in run_dir.list_runs(settings):
        try:
            result = result_of(RunDir(settings.runs / name, settings))
            rows.append({"run_id": name, "outcome": result.outcome, "goal": result.goal, "branch": result.branch})
        except TdevError as error:
            rows.append({"run_id": name, "outcome": "damaged", "goal": error.message, "branch": ""})
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['run_id']}  {row['outcome']:12}  {row['goal']}  {row['branch']}".rstrip())
        if not rows:
            print("No runs yet. Start with `tdev demo`, or `tdev evolve modernise --repo DIR`.")
    return ExitCode.OK


def _show(found: RunDir, arguments: argparse.Namespace) -> int:
    result = result_of(found)
    report(found, result, as_json=arguments.json)
    if not arguments.json:
        print(f"Chain:   {found.manifest().head}")
    return ExitCode.OK


def _verify(found: RunDir, arguments: argparse.Namespace) -> int:
    broken = found.verify()
    manifest = found.manifest()
    if arguments.json:
        print(json.dumps({"ok": not broken, "reason": broken, "files": len(manifest.latest()), "head": manifest.head}))
    else:
        print(
            f"{found.id}: {broken}" if broken else f"{found.id}: {len(manifest.latest())} files, head {manifest.head}"
        )
    return ExitCode.GATE_FAILED if broken else ExitCode.OK


def _resume(found: RunDir, arguments: argparse.Namespace) -> int:
    return go_on(resume(found, usd=arguments.usd), as_json=arguments.json)


def _remove(found: RunDir, arguments: argparse.Namespace) -> int:
    with found.lock():
        found.remove_work()
        shutil.rmtree(found.path)
    print(json.dumps({"ok": True}) if arguments.json else f"Removed {found.id}.")
    return ExitCode.OK
