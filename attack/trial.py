"""One trial from its beginning to its outcome."""

from __future__ import annotations

from attack import border
from attack.families import attack_named
from attack.gauge import gauged
from attack.model import Model, Trial
from attack.outcome import Outcome, judged
from attack.preflight import check
from attack.scene import staged
from attack.ways import carried_out


def held(trial: Trial) -> Outcome:
    """Build the world, let the attack happen, look at what came of it."""
    attack = attack_named(trial.family, trial.attack)
    check(trial, attack)
    with staged(attack) as scene:
        with gauged(scene.root) as most:
            aftermath = carried_out(scene, trial.off)
        aftermath.most = most
        aftermath.git_changed = scene.git_fingerprint() != scene.git_before
        if isinstance(attack.way, Model):
            border.leave(aftermath, trial.off)
        return judged(aftermath, trial)
