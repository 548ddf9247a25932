"""`tdev stage NAME --run-dir DIR`: one stage on a run directory, as the composite actions call it.

The run directory may come from another job or machine; its path is given, not an id. Whether
earlier stages were done is not checked here: a stage that misses a file says which. A stage that is
sealed already is done again, unlike with `tdev run resume`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tdev.adapters.run_dir import RunDir
from tdev.cli.arguments import add_json
from tdev.cli.progress import shown
from tdev.cli.summary import report
from tdev.core.artifacts.verdict import Verdict
from tdev.errors import ConfigurationError, ExitCode
from tdev.settings import Settings
from tdev.stages.loop import one_stage
from tdev.stages.outcome import result_of
from tdev.stages.table import STAGES


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("name", choices=[stage.name for stage in STAGES], help="which stage")
    parser.add_argument("--run-dir", type=Path, required=True, metavar="DIR", help="the run directory")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Do the stage; `gate` ends with exit code 4 when a gate says no."""
    folder: Path = arguments.run_dir.absolute()
    if not (folder / "goal.json").is_file():
        raise ConfigurationError(
            f"{folder} is no run directory: it has no goal.json.", next_step="See `tdev run list`."
        )
    found = RunDir(folder, Settings.from_environment())
    with shown(found, quiet=arguments.json):
        one_stage(found, arguments.name)
    if arguments.json:
        report(found, result_of(found), as_json=True)
    if arguments.name == "gate" and not found.read(Verdict).outcome.lets_through:
        return ExitCode.GATE_FAILED
    return ExitCode.OK
