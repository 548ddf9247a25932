"""Arguments that several commands share.

Options that mean the same everywhere are added here, so that their names and help texts can't drift
apart; docs/commands.md is generated from the parsers. An option of one command stays in its file.
The defaults of budget and engine are empty on purpose: the policy has them.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_repository(parser: argparse.ArgumentParser) -> None:
    """`--repo DIR`."""
    parser.add_argument("--repo", type=Path, default=Path(), metavar="DIR", help="repository to work on (default: .)")


def add_json(parser: argparse._ActionsContainer) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print one machine-readable result on standard output")


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """What `build` and `evolve` have in common."""
    add_repository(parser)
    parser.add_argument("--engine", choices=("auto", "claude", "recipes"), default="", help="overrides the policy")
    parser.add_argument("--usd", type=float, metavar="N", help="model budget of this run, in US dollars")
    parser.add_argument("--dry-run", action="store_true", help="show the diff; make no branch")
    parser.add_argument("--plan-only", action="store_true", help="stop after the plan and show it")
    add_json(parser)
