"""What `build` and `evolve` share: start a run, show it, report it.

Comes in: the kind of goal, the text, and the parsed arguments. Goes out: the exit code of the run.
`tdev run resume` joins at `go_on`.

Errors are not handled here but in cli/main.py; what is added is the id of the run, because a run
that was cut short can be taken up again at no cost.
"""

from __future__ import annotations

import argparse
import sys

from tdev.adapters.run_dir import RunDir
from tdev.cli.progress import shown
from tdev.cli.summary import report
from tdev.core.artifacts.goal import GoalKind
from tdev.errors import Refused, TdevError
from tdev.settings import Settings
from tdev.stages.loop import drive
from tdev.stages.start import Request, start


def carry_out(kind: GoalKind, text: str, arguments: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code."""
    request = Request(
        kind=kind,
        text=text,
        repository=arguments.repo,
        engine=arguments.engine,
        usd=arguments.usd,
        dry_run=arguments.dry_run,
        plan_only=arguments.plan_only,
    )
    return go_on(start(Settings.from_environment(), request), as_json=arguments.json)


def go_on(run: RunDir, *, as_json: bool) -> int:
    """Drive a run to its end and report it; on a failure say how to go on."""
    try:
        with shown(run, quiet=as_json):
            result = drive(run)
    except Refused:
        raise
    except (TdevError, KeyboardInterrupt):
        print(f"tdev: the run is kept; `tdev run resume {run.id}` goes on.", file=sys.stderr)
        raise
    return report(run, result, as_json=as_json)
