"""The demo, whole: `tdev demo --json` after set-up, by the forge's own runner and by act where it is installed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from bench.report import Bar
from tdev.adapters.process import run
from tdev.demo.runner import ACT, OWN
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox

BARS = (Bar("demo_s", at_most=90),)
METHOD = {
    "demo_s": "Wall clock of `tdev demo --json --runner own`, its programs already installed; once.",
    "demo_act_s": "The same with `--runner act`, which is taken where act is installed: every job is a process of its.",
}
_TIMEOUT = 900.0


def measure() -> tuple[dict[str, float], list[str]]:
    """Seconds of the demo by runner; no figure, and the reason as a note, where it did not end well."""
    runners = {"demo_s": OWN}
    if Toolbox(Settings.from_environment()).installed(ACT):
        runners["demo_act_s"] = ACT
    figures, notes = {}, []
    for figure, runner in runners.items():
        seconds, why = _seconds(runner)
        if why:
            notes.append(f"demo by {runner}: {why}")
        else:
            figures[figure] = seconds
    return figures, notes


def _seconds(runner: str) -> tuple[float, str]:
    """How long it took, or why there is no figure."""
    tdev = Path(sys.executable).with_name("tdev")
    words = (tdev, "demo", "--json", "--runner", runner)
    done = run(words, cwd=Path.cwd(), environment=os.environ, timeout=_TIMEOUT)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if not done.ok or not isinstance(answer, dict) or answer.get("ok") is not True:
        why = f"was stopped at {_TIMEOUT:.0f} s" if done.timed_out else f"ended with exit code {done.exit_code}"
        print(done.tail(), file=sys.stderr)
        return 0.0, f"it {why} and gave no good result"
    return done.seconds, ""
