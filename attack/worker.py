"""The process that attacks happen in: trials come on standard input, outcomes go to standard output, a line each.

Its environment holds the canaries that a hostile program looks for. With the sandbox off it does nothing unless it
finds itself in the containment: that is asked here, in the process that would do the damage.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys

from attack.containment import is_contained
from attack.model import Trial
from attack.trial import held
from attack.wall import Wall

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Hold trials until standard input ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        said = json.loads(line)
        off = Wall(said["off"]) if said["off"] else None
        _check_place(off)
        outcome = held(Trial(said["family"], said["attack"], off))
        answers.write(outcome.model_dump_json() + "\n")
        answers.flush()
    return 0


def _check_place(off: Wall | None) -> None:
    """Refuse to work without a sandbox anywhere but in the containment, and with one inside it."""
    without = os.environ.get("TDEV_SANDBOX") == "none"
    if without is not (off is Wall.SANDBOX) or (without and not is_contained()):
        raise SystemExit("attack: a trial without the sandbox runs inside the containment, and no other does")


if __name__ == "__main__":
    raise SystemExit(main())
