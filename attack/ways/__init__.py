"""How an attack is carried out: through the model, through a test run, or by a program inside. One way per file."""

from __future__ import annotations

from attack.model import Aftermath, Model, Scene, Tests
from attack.wall import Wall
from attack.ways import claude, program, tests


def carried_out(scene: Scene, off: Wall | None) -> Aftermath:
    """Let the scene's attack happen; what came of it so far."""
    way = scene.attack.way
    if isinstance(way, Model):
        return claude.carry_out(scene, way, off)
    if isinstance(way, Tests):
        return tests.carry_out(scene)
    return program.carry_out(scene, way)
