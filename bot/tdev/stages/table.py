"""STAGES: what a run does, in order, and which stages each kind of goal goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import GoalKind

StageFunction = Callable[[RunDir], RunDir]


class Stage(NamedTuple):
    """One step of a run."""

    name: str
    """As in `tdev stage NAME`."""
    kinds: frozenset[GoalKind]
    """Goals that go through it."""
    function: StageFunction
    """Reads files of the run directory and adds some."""
