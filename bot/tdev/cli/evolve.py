"""`tdev evolve [GOAL]`: an existing repository becomes better on a branch.

Comes in: a goal in words, or none. Goes out: a branch, or the reason why there is none. Without a
model the words must name recipes (docs/recipes.md); with one they may be anything. The rest is
shared with `build` and is in cli/carry_out.py.
"""

from __future__ import annotations

import argparse

from tdev.cli.arguments import add_run_options
from tdev.cli.carry_out import carry_out
from tdev.core.artifacts.goal import GoalKind


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "goal",
        nargs="?",
        default="",
        help="what to make better, e.g. `modernise` or `types and imports`; default: what research finds",
    )
    add_run_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Evolve, and say how it went."""
    return carry_out(GoalKind.EVOLVE, arguments.goal, arguments)
