"""The forge's second runner for tests: act as it is pinned, or the reason why it can't be built here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.forge import Forge, running_forge
from support.forge_runs import stages_runner
from support.machine import lacks
from tdev.forge.workflows.act_runner import ActRunner
from tdev.settings import Settings
from tdev.tools.toolbox import Toolbox


def act_runner(settings: Settings) -> ActRunner:
    """The runner as `tdev forge --runner act` makes it, without a model."""
    toolbox = Toolbox(settings)
    if why := toolbox.lacking("act"):
        lacks(why)
    return ActRunner(stages_runner(settings), toolbox.program("act"))


@contextmanager
def forge_with_act(root: Path, settings: Settings) -> Iterator[Forge]:
    """A running forge whose jobs act carries out."""
    with running_forge(root, settings, runner=act_runner(settings)) as forge:
        yield forge
