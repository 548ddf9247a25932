"""`python -m tests.corpus [--short] [--family NAME] [--rule NAME] [--case NAME] [--list]`, from the project's folder.

Ends with 0 when the bars of build/reports/gates-corpus.json held; a selection has its report in build/gates-corpus.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bench.report import publish
from tdev.adapters.files import write_atomically
from tdev.settings import Settings
from tests.corpus import results
from tests.corpus.advisories import ADVISORIES
from tests.corpus.case import Case, read_cases, short_form
from tests.corpus.judged import Ended, judge
from tests.support.osv_api import osv_api

ROOT = Path(__file__).parents[2]
SIDE_BY_SIDE = 2
SCRATCH = ROOT / "build" / "gates-corpus"


def main() -> int:
    """Judge the cases and report; 0 when the bars held."""
    arguments = _arguments()
    everything = read_cases()
    chosen = [case for case in everything if _wanted(case, arguments)]
    if arguments.short:
        chosen = list(short_form(chosen))
    if arguments.list:
        print("\n".join(f"{case.verdict} {case.name} [{case.rule}] {case.shape}" for case in chosen))
        return 0
    console = Console()
    ended = _judged(chosen, console)
    results.show(ended, console)
    return _report(ended, whole=len(chosen) == len(everything))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description="Hold the gates against the truth.")
    parser.add_argument("--short", action="store_true", help="three cases of each family")
    parser.add_argument("--family", default="", metavar="NAME")
    parser.add_argument("--rule", default="", metavar="NAME")
    parser.add_argument("--case", default="", metavar="NAME", help="`family/name`, its .bad and .clean with it")
    parser.add_argument("--list", action="store_true", help="only name the cases")
    return parser.parse_args()


def _wanted(case: Case, arguments: argparse.Namespace) -> bool:
    named = arguments.case in ("", case.name, case.name.rpartition(".")[0])
    return named and arguments.family in ("", case.family) and arguments.rule in ("", case.rule)


def _judged(chosen: Sequence[Case], console: Console) -> list[Ended]:
    """How each case ended, by name, told as they end."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    ended = []
    with (
        osv_api(ADVISORIES) as osv,
        TemporaryDirectory(prefix="tdev-corpus-") as folder,
        ProcessPoolExecutor(SIDE_BY_SIDE) as pool,
    ):
        settings = _settings(osv.url)
        waiting = [
            pool.submit(judge, case, settings, Path(folder) / f"{os.getpid()}-{n}") for n, case in enumerate(chosen)
        ]
        for future in waiting:
            ended.append(future.result())
            console.print(results.line_of(ended[-1]), markup=False, highlight=False, soft_wrap=True)
    records = json.dumps([asdict(each) for each in ended], indent=1)
    write_atomically(SCRATCH / "outcomes.json", records.encode() + b"\n", backup=False)
    return ended


def _settings(osv_url: str) -> Settings:
    """Settings with the programs and caches of the tests, no credential, and the service on loopback."""
    home = Path(os.environ.get("TDEV_TEST_STATE") or ROOT / "build" / "test-state").absolute()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC_", "CLAUDE"))}
    return replace(Settings.from_environment(environment), home=home, ci=True, osv_url=osv_url)


def _report(ended: Sequence[Ended], *, whole: bool) -> int:
    folder = ROOT / "build" / ("reports" if whole else "gates-corpus")
    notes = ["  ".join(row) for row in results.rows(ended)]
    found = results.figures(ended)
    method = {name: text for name, text in results.METHOD.items() if name in found}
    missed = publish("gates-corpus", found, results.bars(whole=whole), method=method, notes=notes, folder=folder)
    return 1 if missed or not ended else 0


if __name__ == "__main__":
    sys.exit(main())
