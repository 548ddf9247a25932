"""Jobs of called workflows at run time: what a call comes to, and what its jobs see.

Comes in: a run, its file with the calls in place (called.py), and the rows of its jobs so far. Goes out: whether the
needs of a job have ended, and the contexts of its expressions: `inputs` and `secrets` are those of the call, `needs`
the jobs of the same file. The result of a call is its jobs' worst, its outputs what the called workflow says they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tdev.forge.store import Row, Store
from tdev.forge.workflows import secrets
from tdev.forge.workflows.expressions import interpolate
from tdev.forge.workflows.file import WorkflowFile, input_value
from tdev.forge.workflows.job_contexts import contexts, inputs_of_run

Ended = Row | Mapping[str, Any]
"""`conclusion` and `outputs` (JSON) of a job or a call that has ended."""
_WORST = ("failure", "cancelled", "success")


@dataclass(frozen=True)
class Scene:
    """A run with its jobs so far."""

    store: Store
    run: Row
    file: WorkflowFile
    rows: Mapping[str, Row]
    """Job -> its row, of the latest attempt."""

    def ended(self, key: str) -> Ended | None:
        """What a job or a call came to; None while it has not ended."""
        row = self.rows.get(key)
        if row is not None:
            return row if row["status"] == "completed" else None
        if key not in self.file.calls:
            return None
        parts = [self.ended(name) for name, job in self.file.jobs.items() if job.caller == key]
        found = {part["conclusion"] for part in parts if part is not None}
        if None in parts:
            return None
        conclusion = next((word for word in _WORST if word in found), "skipped")
        return {"conclusion": conclusion, "outputs": json.dumps(self._outputs(key))}

    def needs(self, key: str) -> dict[str, Ended] | None:
        """What a job needs, by the names of its own file; None while something has not ended."""
        found = {need.rpartition("/")[2]: self.ended(need) for need in self.file.jobs[key].needs}
        ended = {name: each for name, each in found.items() if each is not None}
        return ended if len(ended) == len(found) else None

    def began(self, call: str) -> bool:
        """A job of the call is there already."""
        return any(key.startswith(f"{call}/") for key in self.rows)

    def seen(self, key: str, environment_id: int = 0) -> dict[str, Any]:
        """What expressions of a job see, without secrets."""
        needs, job = self.needs(key) or {}, self.file.jobs[key]
        given = self._inputs(job.caller)
        return contexts(self.store, self.run, needs, given, key.rpartition("/")[2], environment_id)

    def name(self, key: str) -> str:
        """What a job is called, those that call it before it."""
        job = self.file.jobs[key]
        own = interpolate(job.name, self.seen(key))
        return f"{self.name(job.caller)} / {own}" if job.caller else own

    def secrets(self, key: str, machine: Mapping[str, str], environment_id: int = 0) -> dict[str, str]:
        """The secrets a job may name: its repository's, or what its caller hands on; `machine` has more, without calls.

        The job's own token is in `machine` and never handed on by name.
        """
        caller = self.file.jobs[key].caller
        if not caller:
            own = secrets.of_job(self.store, secrets.SECRET, self.run["repository_id"], environment_id)
            return {**machine, **own}
        above = self.secrets(caller, machine)
        handed = self.file.jobs[caller].secrets
        if handed is None:
            return above
        seen = {**self.seen(caller), "secrets": above}
        token = {name: value for name, value in machine.items() if name == "GITHUB_TOKEN"}
        values = {name: interpolate(text, seen) for name, text in handed.items()}
        return {**token, **{name: value for name, value in values.items() if value}}

    def _inputs(self, caller: str) -> Mapping[str, Any]:
        """The `inputs` of the run, or of a call."""
        if not caller:
            return inputs_of_run(self.run, self.file)
        job, seen = self.file.jobs[caller], self.seen(caller)
        return {
            name: input_value(declared, interpolate(job.given[name], seen) if name in job.given else None)
            for name, declared in self.file.calls[caller].inputs.items()
        }

    def _outputs(self, call: str) -> dict[str, str]:
        """The outputs of a call whose jobs have ended."""
        parts = {name: self.ended(name) for name, job in self.file.jobs.items() if job.caller == call}
        jobs = {
            name.rpartition("/")[2]: {"result": part["conclusion"], "outputs": json.loads(part["outputs"])}
            for name, part in parts.items()
            if part is not None
        }
        seen = {"jobs": jobs, "inputs": self._inputs(call), "github": self.seen(call)["github"]}
        return {name: interpolate(text, seen) for name, text in self.file.calls[call].outputs.items()}
