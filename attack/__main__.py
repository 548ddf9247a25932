"""`python -m attack [--short] [--family NAME] [--attack NAME] [--list] [--json]`, from the project's own folder.

Ends with 0 when every attack took place and none did harm; an attack that nothing shows is as bad as one that got
through.
"""

from __future__ import annotations

import argparse
import json
import sys

from rich.console import Console

from attack import results
from attack.campaign import hold, trials
from attack.containment import ROOT
from attack.families import FAMILIES
from attack.model import Family, Trial
from attack.outcome import Outcome
from bench.report import publish
from tdev.adapters.files import write_atomically
from tdev.errors import TdevError


def main() -> int:
    """Attack, or list the attacks; 0 when nothing got through."""
    arguments = _arguments()
    families = [family for family in FAMILIES if arguments.family in ("", family.name)]
    chosen = [
        trial
        for trial in trials(families, short=arguments.short)
        if arguments.attack in ("", trial.attack, f"{trial.family}/{trial.attack}")
        and arguments.off in ("", trial.off.value if trial.off else "none")
    ]
    if arguments.list:
        print("\n".join(trial.title for trial in chosen))
        return 0
    try:
        return _held(families, chosen, whole=len(chosen) == len(trials(FAMILIES)), as_json=arguments.json)
    except TdevError as error:
        print(f"attack: {error}", file=sys.stderr)
        return int(error.exit_code)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m attack", description="Attack the walls around the model.")
    parser.add_argument("--short", action="store_true", help="a selection of every family")
    parser.add_argument("--family", default="", choices=("", *(family.name for family in FAMILIES)), metavar="NAME")
    parser.add_argument("--attack", default="", metavar="NAME")
    parser.add_argument("--off", default="", choices=("", "none", "tools", "sandbox", "guard"), metavar="WALL")
    parser.add_argument("--list", action="store_true", help="only name the trials")
    parser.add_argument("--json", action="store_true", help="print every outcome as JSON instead of tables")
    return parser.parse_args()


def _held(families: list[Family], chosen: list[Trial], *, whole: bool, as_json: bool) -> int:
    """Hold the trials and report them."""
    console = Console(stderr=as_json)

    def told(outcome: Outcome) -> None:
        console.print(results.line_of(outcome), markup=False, highlight=False, soft_wrap=True)

    outcomes = sorted(hold(chosen, told), key=lambda each: (each.family, each.attack, each.off))
    records = json.dumps([outcome.model_dump() for outcome in outcomes], indent=1)
    write_atomically(ROOT / "build" / "attack" / "outcomes.json", records.encode() + b"\n", backup=False)
    if as_json:
        print(records)
    else:
        results.show(families, outcomes, console)
    found = results.figures(outcomes)
    notes = ["  ".join(row) for row in results.rows(families, outcomes)]
    reports = ROOT / "build" / ("reports" if whole else "attack")
    method = {name: text for name, text in results.METHOD.items() if name in found}
    missed = publish("attack", found, results.bars(whole=whole), method=method, notes=notes, folder=reports)
    return 1 if missed or not outcomes or not all(outcome.good for outcome in outcomes) else 0


if __name__ == "__main__":
    raise SystemExit(main())
