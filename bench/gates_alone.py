"""What each program of the gates takes when it runs alone: `python -m bench.gates_alone REPOSITORY BASE HOME`.

Prints one line of JSON: wall clock by program and side, in the order they ran, one after another, and the processor
time that they and this process have used meanwhile. All in seconds.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys
from dataclasses import replace
from pathlib import Path

from tdev.adapters import workspace
from tdev.core.artifacts.event import Event
from tdev.core.artifacts.patch import Patch
from tdev.evidence.gather import Evidence
from tdev.evidence.subject import AFTER, Commit
from tdev.gates.table import GATES
from tdev.settings import Settings
from tdev.stages.judge_head import open_judgement
from tdev.stages.measure import base_of
from tdev.stages.project import project_folder

_PR_SET_CHILD_SUBREAPER = 36


def main(words: list[str]) -> int:
    """Measure and print."""
    repository, base, home = Path(words[0]), words[1], Path(words[2])
    run = open_judgement(replace(Settings.from_environment(), home=home), repository, base)
    run.stage = "evaluate"
    ended: dict[str, float] = {}

    def note(event: Event) -> None:
        if event.name == "tdev.tool.end":
            ended[f"{event.attributes['side']}.{event.attributes['tool']}"] = float(str(event.attributes["seconds"]))

    run.listeners.append(note)
    patch = run.read(Patch)
    after = Commit(run, AFTER, patch.head_sha, workspace.head_checkout(run, AFTER), project_folder(run))
    evidence = Evidence(run, patch, base_of(run), after, at_once=1)
    _adopt()
    started = _processor()
    evidence.gather([gate.name for gate in GATES])
    print(json.dumps({"seconds": ended, "processor": _processor() - started}))
    run.remove_work()
    return 0


def _adopt() -> None:
    """Have orphans become children of this process: the sandbox leaves its inner processes behind uncounted."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _processor() -> float:
    """Seconds of processor time of this process and of all its children, adopted ones too, that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
