"""`python -m bench [--short] [--figures]`, from the project's own folder.

Ends with 0 when every bar held. The short form leaves gates and demo out and says so; it is for machines that do other
things meanwhile, and ends with 0 as long as no figure is beyond its bar by more than half.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench import claude_adapter, demo, front_door, gates, research, sandbox, startup, tool_policy
from bench.figures import write_figures
from bench.report import Bar, missed_bars, publish
from tdev.errors import TdevError

ROOT = Path(__file__).parents[1]
_SUITE = "bench"
_BUSY = 1.5
_SCRATCH = ROOT / "build" / "bench"
Measured = tuple[Mapping[str, float], Sequence[str]]


class Part(NamedTuple):
    """What is measured together."""

    name: str
    measure: Callable[[bool], Measured]
    """Given whether the short form is wanted: figures, and lines for people."""
    bars: Sequence[Bar]
    method: Mapping[str, str]
    """How each figure was taken."""
    short: bool = True
    """It belongs to the short form."""


def _research(short: bool) -> Measured:
    _SCRATCH.mkdir(parents=True, exist_ok=True)
    return research.measure(short=short, root=ROOT, scratch=_SCRATCH)


def _gates(short: bool) -> Measured:
    _SCRATCH.mkdir(parents=True, exist_ok=True)
    return gates.measure(short=short, scratch=_SCRATCH)


PARTS: tuple[Part, ...] = (
    Part("startup", lambda short: (startup.measure(), ()), startup.BARS, startup.METHOD),
    Part("research", _research, research.BARS, research.METHOD),
    Part("sandbox", lambda short: sandbox.measure(), sandbox.BARS, sandbox.METHOD),
    Part("tool policy", lambda short: tool_policy.measure(), tool_policy.BARS, tool_policy.METHOD),
    Part("Claude adapter", lambda short: claude_adapter.measure(), claude_adapter.BARS, claude_adapter.METHOD),
    Part("front door", lambda short: front_door.measure(), front_door.BARS, front_door.METHOD),
    Part("gates", _gates, gates.BARS, gates.METHOD, short=False),
    Part("demo", lambda short: demo.measure(), demo.BARS, demo.METHOD, short=False),
)


def main() -> int:
    """Measure, or make the page; 0 when the bars held."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed and memory against their bars.")
    parser.add_argument("--short", action="store_true", help="trees up to 100,000 lines, fewer repeats, no gates, demo")
    parser.add_argument("--figures", action="store_true", help="only make docs/figures.md from build/reports/*.json")
    arguments = parser.parse_args()
    try:
        if arguments.figures:
            print(f"wrote {write_figures(ROOT).relative_to(ROOT)}")
            return 0
        return 1 if _measure(short=arguments.short) else 0
    except TdevError as error:
        print(f"bench: {error}", file=sys.stderr)
        return int(error.exit_code)


def _measure(*, short: bool) -> list[str]:
    """Measure and report; the names of the bars that did not hold, in the short form by far."""
    figures: dict[str, float] = {}
    notes: list[str] = []
    for part in PARTS:
        if short and not part.short:
            notes.append(f"{part.name}: left out of the short form")
            continue
        seen, said = part.measure(short)
        figures |= seen
        notes += said
    notes.append(f"load average of the last 5 minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")
    bars = [bar for part in PARTS for bar in part.bars]
    method = {figure: how for part in PARTS for figure, how in part.method.items()}
    missed = publish(_SUITE, figures, bars, method=method, notes=notes, folder=ROOT / "build" / "reports")
    return far_off(figures) if short else missed


def far_off(figures: Mapping[str, float]) -> list[str]:
    """The bars of the short form that a machine busy with other things does not account for; they are told."""
    bars = [bar.loosened(_BUSY) for part in PARTS if part.short for bar in part.bars]
    missed = missed_bars(figures, bars)
    if missed:
        print(f"bench: beyond the bar by more than half: {', '.join(missed)}", file=sys.stderr)
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
