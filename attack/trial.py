"""One trial from its beginning to its outcome."""

from __future__ import annotations

from attack import border
from attack.aftermath import Aftermath
from attack.families import attack_named
from attack.gauge import gauged
from attack.model import Model, Tests, Trial, Wall
from attack.outcome import Outcome, judged
from attack.scene import Scene, staged
from attack.ways import claude, program, tests


def held(trial: Trial) -> Outcome:
    """Build the world, let the attack happen, look at what came of it."""
    attack = attack_named(trial.family, trial.attack)
    with staged(attack) as scene:
        with gauged(scene.root) as most:
            aftermath = _carried_out(scene, trial.off)
        aftermath.most = most
        aftermath.git_changed = scene.git_fingerprint() != scene.git_before
        if isinstance(attack.way, Model):
            border.leave(aftermath, trial.off)
        return judged(aftermath, trial)


def _carried_out(scene: Scene, off: Wall | None) -> Aftermath:
    way = scene.attack.way
    if isinstance(way, Model):
        return claude.carry_out(scene, way, off)
    if isinstance(way, Tests):
        return tests.carry_out(scene)
    return program.carry_out(scene, way)
