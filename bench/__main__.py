"""`python -m bench [--short] [--figures]`, from the project's own folder.

Ends with 0 when every bar held that was to be measured; the short form leaves the demo out, and its report says so.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench import demo, front_door, research, startup
from bench.figures import write_figures
from bench.report import publish
from tdev.errors import TdevError

ROOT = Path(__file__).parents[1]
_SUITE = "bench"


def main() -> int:
    """Measure, or make the page; 0 when every bar held."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure speed and memory against their bars.")
    parser.add_argument("--short", action="store_true", help="trees up to 100,000 lines, fewer repeats, no demo")
    parser.add_argument("--figures", action="store_true", help="only make docs/figures.md from build/reports/*.json")
    arguments = parser.parse_args()
    try:
        if arguments.figures:
            print(f"wrote {write_figures(ROOT).relative_to(ROOT)}")
            return 0
        missed = _measure(short=arguments.short)
        left_out = {f"{bar.figure}: not run" for bar in demo.BARS} if arguments.short else set()
        return 1 if set(missed) - left_out else 0
    except TdevError as error:
        print(f"bench: {error}", file=sys.stderr)
        return int(error.exit_code)


def _measure(*, short: bool) -> list[str]:
    """All figures; the names of the bars that did not hold."""
    scratch = ROOT / "build" / "bench"
    scratch.mkdir(parents=True, exist_ok=True)
    figures = startup.measure()
    seen, notes = research.measure(short=short, root=ROOT, scratch=scratch)
    opened, how = front_door.measure()
    ended, why = ({}, ["demo: left out of the short form"]) if short else demo.measure()
    return publish(
        _SUITE,
        {**figures, **seen, **opened, **ended},
        (*startup.BARS, *research.BARS, *front_door.BARS, *demo.BARS),
        method={**startup.METHOD, **research.METHOD, **front_door.METHOD, **demo.METHOD},
        notes=[
            *notes,
            *how,
            *why,
            f"load average of the last 5 minutes: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores",
        ],
        folder=ROOT / "build" / "reports",
    )


if __name__ == "__main__":
    raise SystemExit(main())
