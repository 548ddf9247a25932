"""Worlds of attacks for tests of the suite itself: something is done to them by hand, and must be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attack.model import Aftermath, Attack, Model, Tests
from attack.scene import staged
from attack.wall import Wall

KEY = "canary-key-0123456789abcdefghijklmnop"


@contextmanager
def aftermath_of(attack: Attack) -> Iterator[Aftermath]:
    """The world of an attack that nothing was done in yet."""
    with staged(attack) as scene:
        yield Aftermath(scene)


def attack_by(way: Any = None, walls: tuple[Wall, ...] = (Wall.TOOLS, Wall.SANDBOX), **more: Any) -> Attack:
    """An attack that is not carried out."""
    return Attack("by-hand", way or Model(), walls, **more)


def by_test() -> Attack:
    return attack_by(Tests("pass"), (Wall.SANDBOX,))
