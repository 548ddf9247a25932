"""A forge whose workflows really run: dispatching, waiting for the end, reading logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from support.forge import Forge, running_forge
from tdev.forge.edge import Exchange
from tdev.forge.store import Row
from tdev.forge.workflows.job_log import log_path
from tdev.forge.workflows.job_states import jobs_of, run_by_id
from tdev.forge.workflows.runner import StagesRunner
from tdev.settings import Settings

REPOSITORY = "/repos/ada/calc"
Json = dict[str, Any]


def stages_runner(settings: Settings) -> StagesRunner:
    """The runner as `tdev forge` makes it, without a model."""
    programs = {**settings.child_environment, **settings.installer_environment}
    return StagesRunner(programs, settings.home, {"MACHINE_KEY": "of-the-machine"})


@contextmanager
def forge_with_runner(
    root: Path, settings: Settings, *, observe: Callable[[Exchange], None] | None = None
) -> Iterator[Forge]:
    """A running forge that carries out its runs."""
    with running_forge(root, settings, runner=stages_runner(settings), observe=observe) as forge:
        yield forge


def dispatched(forge: Forge, token: str, inputs: Json | None = None, workflow: str = "tdev.yml") -> int:
    """The id of a new run of a workflow on main."""
    path = f"{REPOSITORY}/actions/workflows/{workflow}/dispatches"
    document = {"ref": "main", "inputs": inputs or {}, "return_run_details": True}
    return int(forge.do("POST", path, token=token, json=document)["workflow_run_id"])


def until(condition: Callable[[], Any], what: str, seconds: float = 45) -> Any:
    """What a condition comes to as soon as that is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds:g} s: {what}")


def reached(forge: Forge, run_id: int, status: str = "completed", seconds: float = 45) -> Row:
    """The run, as soon as it has a status."""

    def row() -> Row | None:
        found = run_by_id(forge.store, run_id)
        return found if found["status"] == status else None

    run: Row = until(row, f"the run is {status}: {logs(forge, run_id)}", seconds)
    return run


def conclusions(forge: Forge, run_id: int) -> dict[str, str | None]:
    """Job -> conclusion, of the latest attempt."""
    rows = jobs_of(forge.store, run_by_id(forge.store, run_id))
    return {row["name"]: row["conclusion"] for row in rows}


def log_of(forge: Forge, run_id: int, job: str) -> str:
    """The log of a job of the latest attempt."""
    rows = {row["key"]: row for row in jobs_of(forge.store, run_by_id(forge.store, run_id))}
    return log_path(forge.store, rows[job]["id"]).read_text()


def logs(forge: Forge, run_id: int) -> str:
    """All logs of a run."""
    paths = [log_path(forge.store, row["id"]) for row in jobs_of(forge.store, run_by_id(forge.store, run_id))]
    return "\n".join(path.read_text() for path in paths if path.is_file())
