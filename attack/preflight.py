"""Before anything hostile is run outside the containment: is a harmless program, run the same way, in a sandbox?

Each way is asked once by each worker. A way that does not lead into namespaces of its own is not used, so that a wall
that is missing altogether costs no more than this question.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from attack.model import Attack, Model, Program, Tests, Trial, Way, bash
from attack.prelude import LOOT, program_file
from attack.scene import staged
from attack.wall import Wall
from attack.ways import carried_out

_KINDS = ("mnt", "pid", "net", "ipc", "user")
_LOOK = f'attempt("look", lambda: loot(" ".join(os.readlink("/proc/self/ns/" + kind) for kind in {_KINDS}) + "\\n"))'
_FILE = {"harmless.py": program_file(_LOOK)}
_HARMLESS: dict[type, Way] = {
    Model: Model((bash("@python@ -I harmless.py"),)),
    Tests: Tests(_LOOK),
    Program: Program(_LOOK),
}


def check(trial: Trial, attack: Attack) -> None:
    """End the process where this trial's way does not lead into a sandbox; with it off the containment is that."""
    if trial.off is not Wall.SANDBOX and (why := _astray(type(attack.way))):
        raise SystemExit(f"attack: nothing hostile is run, since a harmless program was not in a sandbox: {why}")


@cache
def _astray(way: type) -> str:
    """Why a harmless program run that way is not in a sandbox; empty when it is."""
    attack = Attack("harmless", _HARMLESS[way], (), _FILE)
    with staged(attack) as scene:
        aftermath = carried_out(scene, Wall.TOOLS)
        found = aftermath.loot.decode("ascii", "replace").split()
    own = [str(Path("/proc/self/ns", kind).readlink()) for kind in _KINDS]
    if len(found) != len(own):
        return f"it left nothing in {LOOT}: {aftermath.last_words}"
    shared = [kind for kind, mine, its in zip(_KINDS, own, found, strict=True) if mine == its]
    return f"it shares {', '.join(shared)} with us" if shared else ""
