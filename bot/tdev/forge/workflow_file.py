"""Workflow files: what the forge needs to know of .github/workflows/*.yml. Pure.

Follows "Workflow syntax for GitHub Actions". Comes in: the file's text, and the inputs somebody dispatched
it with. Goes out: its name, its declared inputs, the permissions of its token, and the inputs completed
with defaults, or GitHub's words for what is wrong with them. What the jobs do is for a runner to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tdev.forge.answers import ApiError

MAX_INPUTS = 25
MAX_CHARACTERS = 65_535


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow file, read."""

    name: str
    """What it calls itself; empty when it does not."""
    run_name: str
    inputs: Mapping[str, Mapping[str, Any]] | None
    """Declared inputs of workflow_dispatch; None when it has no such trigger."""
    permissions: Mapping[str, str]
    """Of the job's token, in the REST API's names."""
    id_token: bool
    """The job may ask for an OIDC token."""
    document: Mapping[str, Any]
    """The whole file."""


def parse(text: str) -> WorkflowFile | None:
    """A workflow file; None when it is not one."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), dict):
        return None
    declared = document.get("permissions", _of_first_job(document["jobs"]))
    return WorkflowFile(
        name=str(document.get("name") or ""),
        run_name=str(document.get("run-name") or ""),
        inputs=_inputs(document.get("on", document.get(True))),
        permissions=_permissions(declared),
        id_token=declared == "write-all" or (isinstance(declared, dict) and declared.get("id-token") == "write"),
        document=document,
    )


def _of_first_job(jobs: Mapping[str, Any]) -> object:
    """The permissions the first job declares."""
    first = next(iter(jobs.values()), None)
    return first.get("permissions") if isinstance(first, dict) else None


def _inputs(triggers: object) -> Mapping[str, Mapping[str, Any]] | None:
    """Declared inputs of the workflow_dispatch trigger, in any of the forms `on` may have."""
    if isinstance(triggers, dict) and "workflow_dispatch" in triggers:
        declared = (triggers["workflow_dispatch"] or {}).get("inputs") or {}
        return {str(name): value or {} for name, value in declared.items()}
    named = triggers if isinstance(triggers, list) else [triggers]
    return {} if "workflow_dispatch" in named else None


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
