"""STAGES: what a run does, in order, and which kinds of goal go through each stage.

The one place that knows all stages: the loop, `tdev stage` and its help read it. A new stage is a
file in this room and a row here; its place in the tuple is its place in the run.

The flags say what the loop can't know from the order: which goals need it, whether `--plan-only`
stops before it, and whether it is repeated when findings go back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tdev.adapters.run_dir import RunDir
from tdev.core.artifacts.goal import Goal, GoalKind
from tdev.stages.blueprint import blueprint
from tdev.stages.code import code
from tdev.stages.evaluate import evaluate
from tdev.stages.gate import gate
from tdev.stages.learn import learn
from tdev.stages.measure import baseline
from tdev.stages.plan import plan
from tdev.stages.publish import publish
from tdev.stages.research import research
from tdev.stages.spec import spec


class Stage(NamedTuple):
    """One step of a run."""

    name: str
    """As in `tdev stage NAME`."""
    function: Callable[[RunDir], RunDir]
    """Reads files of the run directory and adds some."""
    kinds: frozenset[GoalKind] = frozenset(GoalKind)
    """Goals that go through it."""
    plans: bool = False
    """It is part of `--plan-only`."""
    judged: bool = False
    """It is done again when the gates' findings go back to a model."""


_BUILD = frozenset({GoalKind.BUILD})

STAGES: tuple[Stage, ...] = (
    Stage("research", research, plans=True),
    Stage("spec", spec, _BUILD, plans=True),
    Stage("blueprint", blueprint, _BUILD, plans=True),
    Stage("plan", plan, plans=True),
    Stage("baseline", baseline),
    Stage("code", code, judged=True),
    Stage("evaluate", evaluate, judged=True),
    Stage("gate", gate, judged=True),
    Stage("publish", publish),
    Stage("learn", learn),
)


def stages_of(goal: Goal) -> tuple[Stage, ...]:
    """The stages a goal goes through, in order."""
    return tuple(stage for stage in STAGES if goal.kind in stage.kinds and (stage.plans or not goal.plan_only))
