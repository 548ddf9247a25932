"""T-Developer's own actions, as the `stages` runner carries them out.

Follows "Metadata syntax". Comes in: a job at work, an action that was read (steps.py), its inputs. Goes out: whether
it succeeded, and its outputs. A composite action's steps see its `inputs` and each other, and no secrets; what they
print stands in the log of the step that uses it. A Node action's script is run by the machine's `node` with INPUT_*
variables; its `post` script runs at the end of the job, whatever became of it, with what `main` left in GITHUB_STATE.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tdev.errors import TdevError
from tdev.forge.workflows import own_project
from tdev.forge.workflows.expressions import interpolate
from tdev.forge.workflows.steps import OwnAction, outputs_in

if TYPE_CHECKING:
    from tdev.forge.workflows.runner import Report, Work

_AFTER_SECONDS = 300.0


@dataclass(frozen=True)
class Afterwards:
    """A script to be run at the end of the job."""

    action: OwnAction
    env: Mapping[str, str] = field(repr=False)
    """Variables, inputs and state."""


@dataclass
class _Inside:
    """What the steps of a composite action tell: they are parts of one step, so only what they print is told."""

    outer: Report
    cancelled: asyncio.Event
    """Set when somebody cancels the run."""

    def begin(self, name: str) -> None:
        """A step inside begins."""
        self.outer.write(f"{name}\n".encode())

    def end(self, conclusion: str) -> None:
        """It has ended."""

    def write(self, text: bytes) -> None:
        """It prints something."""
        self.outer.write(text)

    def keep(self, name: str, archive: Path, days: int, *, overwrite: bool) -> None:
        """Keep an artifact."""
        self.outer.keep(name, archive, days, overwrite=overwrite)

    def artifact(self, name: str) -> Path | None:
        """The archive of an artifact."""
        return self.outer.artifact(name)


async def carry_out(
    work: Work, action: OwnAction, given: Mapping[str, str], contexts: Mapping[str, Any], env: Mapping[str, str],
    places: Mapping[str, Path],
) -> bool:  # fmt: skip
    """Carry out an action; whether it succeeded. A composite one's outputs are in `work.made`."""
    inputs = {name: given.get(name, interpolate(default, contexts)) for name, default in action.inputs.items()}
    if action.main:
        return await _node(work, action, inputs, env, places)
    order = replace(work.order, contexts={**work.order.contexts, "inputs": inputs, "secrets": {}})
    inner = replace(
        work, order=order, report=_Inside(work.report, work.report.cancelled), failed=False, results={}, env=env
    )
    for step in action.steps:
        await inner.carry_out(step)
    seen = inner.contexts(env)
    work.made = {name: interpolate(text, seen) for name, text in action.outputs.items()}
    return not inner.failed


async def after(work: Work) -> None:
    """Run the `post` scripts, last first; one that fails fails the job."""
    for each in reversed(work.afterwards):
        work.report.begin(f"Post {each.action.path}")
        try:
            done = await _script(work, each.action, each.action.post, each.env, work.files())
        except (TdevError, OSError) as error:
            work.report.write(f"##[error]{error}\n".encode())
            done = False
        work.report.end("success" if done else "failure")
        work.failed = work.failed or not done


async def _node(
    work: Work, action: OwnAction, inputs: Mapping[str, str], env: Mapping[str, str], places: Mapping[str, Path]
) -> bool:
    """Run the `main` script of a Node action, and keep its `post` for the end of the job."""
    given = {f"INPUT_{name.upper().replace(' ', '_')}": value for name, value in inputs.items()}
    try:
        return await _script(work, action, action.main, {**env, **given}, places)
    finally:
        if action.post:
            state = outputs_in(places["GITHUB_STATE"].read_text("utf-8", "replace"))
            kept = {f"STATE_{name}": value for name, value in state.items()}
            work.afterwards.append(Afterwards(action, {**env, **given, **kept}))


async def _script(
    work: Work, action: OwnAction, script: str, env: Mapping[str, str], places: Mapping[str, Path]
) -> bool:
    """Run a script by `node`, with our own `tdev` on its PATH."""
    environment = work.environment(env, places)
    path = f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"
    node = shutil.which("node", path=environment.get("PATH"))
    if node is None:
        work.report.write(f"##[error]{action.path} needs `node` on PATH; install Node.js 20 or newer.\n".encode())
        return False
    argv = (node, str(own_project.folder() / action.path / script))
    async with asyncio.timeout(_AFTER_SECONDS):
        done, _ = await work.program(argv, Path(work.standard["GITHUB_WORKSPACE"]), {**environment, "PATH": path})
    return done
