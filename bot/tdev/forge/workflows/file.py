"""Workflow files: what the forge needs to know of .github/workflows/*.yml. Pure.

Follows "Workflow syntax for GitHub Actions". Comes in: the file's text, and the inputs somebody dispatched
it with. Goes out: its name, triggers, declared inputs and jobs (each with its needs, condition and the permissions
of its token), and the inputs completed with defaults, or GitHub's words for what is wrong with them.

What the steps of a job do is in workflow_steps. Matrices, containers, services and reusable workflows are left out:
a job that wants one says so in `refused`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from tdev.forge.answers import ApiError
from tdev.forge.workflows.expressions import check, check_condition
from tdev.forge.workflows.triggers import triggers_of

MAX_INPUTS = 25
MAX_CHARACTERS = 65_535
MINUTES = 360.0
"""How long a job may take when it does not say."""
_KNOWN = frozenset({
    "name", "needs", "permissions", "if", "runs-on", "environment", "outputs", "env", "defaults", "steps",
    "timeout-minutes",
})  # fmt: skip


@dataclass(frozen=True)
class JobFile:
    """A job as the file declares it."""

    key: str
    name: str
    """What its check run is called; may hold expressions."""
    needs: tuple[str, ...]
    condition: str
    """Its `if`; empty when it has none."""
    permissions: Mapping[str, str]
    """Of its token, in the REST API's names."""
    id_token: bool
    """It may ask for an OIDC token."""
    environment: str
    """Name of the environment it deploys to; empty when it has none; may hold expressions."""
    env: Mapping[str, str]
    """Variables of the workflow and of the job; may hold expressions."""
    steps: tuple[Mapping[str, Any], ...]
    outputs: Mapping[str, str]
    minutes: float
    folder: str
    """Where its commands run when a step does not say."""
    labels: tuple[str, ...]
    refused: str
    """One sentence on what no runner of the forge can do; empty when there is nothing."""


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow file, read."""

    name: str
    """What it calls itself; empty when it does not."""
    run_name: str
    triggers: Mapping[str, Mapping[str, Any]]
    """Event -> its filters."""
    inputs: Mapping[str, Mapping[str, Any]] | None
    """Declared inputs of workflow_dispatch; None when it has no such trigger."""
    jobs: Mapping[str, JobFile]
    """In an order in which every job comes after those it needs; empty when `problem` says why."""
    group: str
    """Its concurrency group; may hold expressions."""
    cancels: str
    """`cancel-in-progress`: `true`, `false` or an expression."""
    problem: str
    """One sentence on what is wrong with the whole file; empty when nothing is."""


def parse(text: str) -> WorkflowFile | None:
    """A workflow file; None when it is not one."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), dict):
        return None
    triggers = triggers_of(document.get("on", document.get(True)))
    concurrency = document.get("concurrency") or ""
    named = concurrency if isinstance(concurrency, dict) else {"group": concurrency}
    jobs: Mapping[str, JobFile] = {}
    problem = ""
    try:
        jobs = _ordered({str(key): _job(str(key), job, document) for key, job in document["jobs"].items()})
        check(str(named.get("group") or ""))
    except ValueError as error:
        problem = str(error)
    return WorkflowFile(
        name=str(document.get("name") or ""),
        run_name=str(document.get("run-name") or ""),
        triggers=triggers,
        inputs=_inputs(triggers),
        jobs=jobs,
        group=str(named.get("group") or ""),
        cancels=_text(named.get("cancel-in-progress") or False),
        problem=problem,
    )


def _inputs(triggers: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]] | None:
    """Declared inputs of the workflow_dispatch trigger."""
    if "workflow_dispatch" not in triggers:
        return None
    declared = triggers["workflow_dispatch"].get("inputs") or {}
    return {str(name): value or {} for name, value in declared.items()}


def _job(key: str, job: object, document: Mapping[str, Any]) -> JobFile:
    """One job; ValueError where the file makes no sense."""
    if not isinstance(job, dict):
        raise ValueError(f"The job {key} is no mapping.")
    needs = job.get("needs") or []
    declared = job.get("permissions", document.get("permissions"))
    environment = job.get("environment") or ""
    condition = _text(job["if"]) if "if" in job else ""
    check_condition(condition)
    unknown = sorted(str(name) for name in job if name not in _KNOWN and job[name])
    steps = job.get("steps") or []
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ValueError(f"The steps of the job {key} are no list of mappings.")
    labels = job.get("runs-on") or "self-hosted"
    return JobFile(
        key=key,
        name=str(job.get("name") or key),
        needs=tuple(str(each) for each in (needs if isinstance(needs, list) else [needs])),
        condition=condition,
        permissions=_permissions(declared),
        id_token=declared == "write-all" or (isinstance(declared, dict) and declared.get("id-token") == "write"),
        environment=str(environment.get("name") or "") if isinstance(environment, dict) else str(environment),
        env={**variables(document.get("env")), **variables(job.get("env"))},
        steps=tuple(steps),
        outputs=variables(job.get("outputs")),
        minutes=minutes(job.get("timeout-minutes"), MINUTES),
        folder=_folder(job) or _folder(document),
        labels=tuple(str(each) for each in labels) if isinstance(labels, list) else (_text(labels),),
        refused=f"This runner knows no `{unknown[0]}` in a job." if unknown else "",
    )


def _folder(place: Mapping[str, Any]) -> str:
    """`defaults.run.working-directory`."""
    run = (place.get("defaults") or {}).get("run") or {}
    return str(run.get("working-directory") or "")


def variables(declared: object) -> dict[str, str]:
    """An `env`, `with` or `outputs` as texts."""
    values = declared if isinstance(declared, dict) else {}
    return {str(name): _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    """A value of YAML as GitHub reads it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def minutes(value: object, default: float) -> float:
    """A `timeout-minutes`; ValueError when it is no number above 0."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ValueError(f"timeout-minutes is no number above 0: {value}.")
    return float(value)


def _ordered(jobs: Mapping[str, JobFile]) -> dict[str, JobFile]:
    """The jobs, each after those it needs; ValueError for a job that can never start."""
    if not jobs:
        raise ValueError("The workflow has no jobs.")
    for job in jobs.values():
        if missing := [need for need in job.needs if need not in jobs]:
            raise ValueError(f"Job '{job.key}' depends on unknown job '{missing[0]}'.")
    done: dict[str, JobFile] = {}
    while len(done) < len(jobs):
        ready = {key: job for key, job in jobs.items() if key not in done and set(job.needs) <= set(done)}
        if not ready:
            raise ValueError("The workflow must contain at least one job with no dependencies, and no circle of them.")
        done |= ready
    return done


def ancestors(file: WorkflowFile, needs: Sequence[str]) -> frozenset[str]:
    """The jobs that are needed, directly or through others."""
    found: set[str] = set()
    waiting = list(needs)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += file.jobs[key].needs
    return frozenset(found)


def _permissions(declared: object) -> Mapping[str, str]:
    """What the token may do; without a declaration it reads the repository's files, as GitHub's restricted default."""
    if isinstance(declared, dict):
        named = {str(name).replace("-", "_"): str(level) for name, level in declared.items()}
        return {name: level for name, level in named.items() if level in ("read", "write") and name != "id_token"}
    if declared in ("read-all", "write-all"):
        names = ("actions", "checks", "contents", "deployments", "issues", "packages", "pull_requests", "statuses")
        return dict.fromkeys(names, str(declared).removesuffix("-all"))
    return {"contents": "read", "packages": "read"}


def complete_inputs(workflow: WorkflowFile, given: object) -> dict[str, str]:
    """The inputs of a run: what was given, and the defaults; ApiError 422 in GitHub's words."""
    if workflow.inputs is None:
        raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
    if not isinstance(given, dict):
        raise ApiError(422, "Invalid request.\n\nFor 'properties/inputs', the value is not an object.")
    if len(given) > MAX_INPUTS:
        raise ApiError(422, f"you may only define up to {MAX_INPUTS} `inputs` for a `workflow_dispatch` event")
    if foreign := [name for name in given if name not in workflow.inputs]:
        raise ApiError(422, f"Unexpected inputs provided: {foreign!r}".replace("'", '"'))
    complete = {name: _value(name, declared, given.get(name)) for name, declared in workflow.inputs.items()}
    if sum(len(name) + len(value) for name, value in complete.items()) > MAX_CHARACTERS:
        raise ApiError(422, "inputs are too large.")
    return complete


def _value(name: str, declared: Mapping[str, Any], given: object) -> str:
    """One input as text, checked against its type."""
    value = declared.get("default") if given is None else given
    if value is None:
        if declared.get("required") and declared.get("type") != "boolean":
            raise ApiError(422, f"Required input '{name}' not provided")
        value = "false" if declared.get("type") == "boolean" else ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if declared.get("type") == "choice" and text not in [str(option) for option in declared.get("options") or []]:
        raise ApiError(422, f"Provided value '{text}' for input '{name}' not in the list of allowed values")
    if declared.get("type") == "boolean" and text not in ("true", "false"):
        raise ApiError(422, f"Provided value '{text}' for input '{name}' is not a boolean")
    return text
