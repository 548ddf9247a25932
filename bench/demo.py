"""The demo, whole: `tdev demo --json` after set-up."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from bench.report import Bar
from tdev.adapters.process import run

BARS = (Bar("demo_s", at_most=90),)
METHOD = {"demo_s": "Wall clock of `tdev demo --json`, its programs already installed; once."}
_TIMEOUT = 900.0


def measure() -> tuple[dict[str, float], list[str]]:
    """Seconds of the demo; no figure, and the reason as a note, when it did not end well."""
    tdev = Path(sys.executable).with_name("tdev")
    done = run((tdev, "demo", "--json"), cwd=Path.cwd(), environment=os.environ, timeout=_TIMEOUT)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if not done.ok or not isinstance(answer, dict) or answer.get("ok") is not True:
        why = f"was stopped at {_TIMEOUT:.0f} s" if done.timed_out else f"ended with exit code {done.exit_code}"
        print(done.tail(), file=sys.stderr)
        return {}, [f"demo: {why} and gave no good result"]
    return {"demo_s": done.seconds}, []
