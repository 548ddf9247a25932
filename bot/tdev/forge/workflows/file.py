"""Workflow files: what the forge needs to know of .github/workflows/*.yml. Pure.

Follows "Workflow syntax for GitHub Actions". Comes in: the file's text, and the inputs somebody dispatched
it with. Goes out: its name, triggers, declared inputs and jobs (each with its needs, condition and the permissions
of its token), and the inputs completed with defaults, or GitHub's words for what is wrong with them.

What the steps of a job do is in steps.py; the jobs of a workflow that a job calls are put in its place by called.py.
Matrices, containers and services are left out: a job that wants one says so in `refused`. So is the `concurrency` of a
called workflow, which is read over: a run has the group of its own file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
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
    "timeout-minutes", "uses", "with", "secrets",
})  # fmt: skip
_CALLING = frozenset({"name", "needs", "permissions", "if", "uses", "with", "secrets"})


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
    uses: str = ""
    """The workflow that it calls instead of having steps; empty when it has steps."""
    given: Mapping[str, str] = field(default_factory=dict)
    """The inputs it calls it with; may hold expressions."""
    secrets: Mapping[str, str] | None = field(default_factory=dict, repr=False)
    """The secrets it calls it with, by name; may hold expressions. None: all of its own."""
    caller: str = ""
    """The calling job that put it here; empty for a job of the run's own file."""


@dataclass(frozen=True)
class Called:
    """What a workflow says of being called: `on.workflow_call`."""

    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Output -> expression over `jobs`."""


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
    called: Called | None = None
    """How it may be called; None when it has no such trigger."""
    calls: Mapping[str, Called] = field(default_factory=dict)
    """Calling job -> how the workflow that it calls is called."""


@dataclass(frozen=True)
class Rights:
    """What a job's token may do."""

    permissions: Mapping[str, str]
    id_token: bool


def parse(text: str, inherited: Rights | None = None) -> WorkflowFile | None:
    """A workflow file; None when it is not one. `inherited` are the rights of the job that calls it."""
    try:
        document = _document(text)
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
        found = {str(key): _job(str(key), job, document, inherited) for key, job in document["jobs"].items()}
        jobs = _ordered(found)
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
        called=_called(triggers),
    )


@lru_cache(maxsize=64)
def _document(text: str) -> Any:
    """What a file says; not to be changed, as each event asks for the workflows of its commit anew."""
    return yaml.safe_load(text)


def _called(triggers: Mapping[str, Mapping[str, Any]]) -> Called | None:
    """What the workflow_call trigger declares."""
    if "workflow_call" not in triggers:
        return None
    parts = {name: triggers["workflow_call"].get(name) or {} for name in ("inputs", "secrets", "outputs")}
    known = {name: {str(key): value or {} for key, value in part.items()} for name, part in parts.items()}
    outputs = {name: _text(value.get("value")) for name, value in known["outputs"].items()}
    return Called(known["inputs"], known["secrets"], outputs)


def _inputs(triggers: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]] | None:
    """Declared inputs of the workflow_dispatch trigger."""
    if "workflow_dispatch" not in triggers:
        return None
    declared = triggers["workflow_dispatch"].get("inputs") or {}
    return {str(name): value or {} for name, value in declared.items()}


def _job(key: str, job: object, document: Mapping[str, Any], inherited: Rights | None) -> JobFile:
    """One job; ValueError where the file makes no sense."""
    if not isinstance(job, dict):
        raise ValueError(f"The job {key} is no mapping.")
    needs = job.get("needs") or []
    rights = _rights(job.get("permissions", document.get("permissions")), inherited)
    environment = job.get("environment") or ""
    condition = _text(job["if"]) if "if" in job else ""
    check_condition(condition)
    known, calling = (_CALLING, True) if job.get("uses") else (_KNOWN, False)
    unknown = sorted(str(name) for name in job if name not in known and job[name])
    steps = job.get("steps") or []
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ValueError(f"The steps of the job {key} are no list of mappings.")
    labels = job.get("runs-on") or "self-hosted"
    return JobFile(
        key=key,
        name=str(job.get("name") or key),
        needs=tuple(str(each) for each in (needs if isinstance(needs, list) else [needs])),
        condition=condition,
        permissions=rights.permissions,
        id_token=rights.id_token,
        environment=str(environment.get("name") or "") if isinstance(environment, dict) else str(environment),
        env={**variables(document.get("env")), **variables(job.get("env"))},
        steps=tuple(steps),
        outputs=variables(job.get("outputs")),
        minutes=minutes(job.get("timeout-minutes"), MINUTES),
        folder=_folder(job) or _folder(document),
        labels=tuple(str(each) for each in labels) if isinstance(labels, list) else (_text(labels),),
        refused=f"This runner knows no `{unknown[0]}` in a job{' that calls' * calling}." if unknown else "",
        uses=str(job.get("uses") or ""),
        given=variables(job.get("with")),
        secrets=None if job.get("secrets") == "inherit" else variables(job.get("secrets")),
    )


def _rights(declared: object, inherited: Rights | None) -> Rights:
    """The rights that a job declares; without a declaration its caller's, where there is one."""
    if declared is None and inherited is not None:
        return inherited
    token = declared == "write-all" or (isinstance(declared, dict) and declared.get("id-token") == "write")
    return Rights(_permissions(declared), token)


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


def comes_after(file: WorkflowFile, key: str) -> frozenset[str]:
    """The jobs that have to end before one begins: those it needs, those its callers need, and all that these call."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        job = file.jobs[waiting.pop()]
        wider = [*job.needs, *([job.caller] if job.caller else [])]
        called = [name for name in file.jobs if any(name.startswith(f"{need}/") for need in job.needs)]
        new = {*wider, *called} - found
        found |= new
        waiting += new
    return frozenset(found)


def _permissions(declared: object) -> Mapping[str, str]:
    """What the token may do; without a declaration it reads the repository's files, as GitHub's restricted default."""
    if isinstance(declared, dict):
        named = {str(name).replace("-", "_"): str(level) for name, level in declared.items()}
        return {name: level for name, level in named.items() if level in ("read", "write") and name != "id_token"}
    if declared in ("read-all", "write-all"):
        names = (
            "actions", "checks", "contents", "deployments", "issues", "packages", "pull_requests", "security_events",
            "statuses",
        )  # fmt: skip
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


def input_value(declared: Mapping[str, Any], given: str | None) -> Any:
    """An input of a called workflow as its type says; ValueError when the text is no such value."""
    kind, default = declared.get("type"), declared.get("default")
    text = given if given is not None else _text(default)
    if kind == "boolean":
        if text not in ("true", "false", ""):
            raise ValueError(f"An input that is a boolean is {text!r}.")
        return text == "true"
    if kind == "number":
        return float(text or 0)
    return text


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
