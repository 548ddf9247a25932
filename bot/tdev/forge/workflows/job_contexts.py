"""What a job knows of its run: GitHub's default variables, and the contexts of expressions.

Follows "Variables reference" and "Contexts reference". Comes in: a run and, where there is one, its job. Goes out:
the GITHUB_* variables, and `github`, `inputs`, `vars`, `needs` and (for steps alone) `secrets`. `github` holds the
variables in small letters, and the event's payload as `event`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tdev.forge.api.repositories import full_name
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id
from tdev.forge.workflows import secrets
from tdev.forge.workflows.documents import workflow_of_run
from tdev.forge.workflows.file import WorkflowFile

RETENTION_DAYS = 90


def variables(store: Store, run: Row, job_key: str = "") -> dict[str, str]:
    """The GITHUB_* variables that depend on no folder."""
    repository = repository_by_id(store, run["repository_id"])
    actor, again = user_by_id(store, run["actor_id"]), user_by_id(store, run["triggering_actor_id"])
    name, ref, workflow = full_name(store, repository), run["ref"], workflow_of_run(store, run)
    pull = payload_of(run).get("pull_request") or {} if run["event"] == "pull_request" else {}
    protected = store.value(
        "SELECT 1 FROM protections WHERE repository_id = ? AND branch = ?", repository["id"], run["head_branch"]
    )
    return {
        "GITHUB_ACTION": "run",
        "GITHUB_ACTOR": actor["login"],
        "GITHUB_ACTOR_ID": str(actor["id"]),
        "GITHUB_API_URL": store.api_url,
        "GITHUB_BASE_REF": str(pull["base"]["ref"]) if pull else "",
        "GITHUB_EVENT_NAME": run["event"],
        "GITHUB_GRAPHQL_URL": f"{store.base_url}/api/graphql",
        "GITHUB_HEAD_REF": str(pull["head"]["ref"]) if pull else "",
        "GITHUB_JOB": job_key,
        "GITHUB_REF": ref,
        "GITHUB_REF_NAME": ref.split("/", 2)[2],
        "GITHUB_REF_PROTECTED": "true" if protected else "false",
        "GITHUB_REF_TYPE": "tag" if ref.startswith("refs/tags/") else "branch",
        "GITHUB_REPOSITORY": name,
        "GITHUB_REPOSITORY_ID": str(repository["id"]),
        "GITHUB_REPOSITORY_OWNER": name.partition("/")[0],
        "GITHUB_REPOSITORY_OWNER_ID": str(repository["owner_id"]),
        "GITHUB_RETENTION_DAYS": str(RETENTION_DAYS),
        "GITHUB_RUN_ATTEMPT": str(run["run_attempt"]),
        "GITHUB_RUN_ID": str(run["id"]),
        "GITHUB_RUN_NUMBER": str(run["run_number"]),
        "GITHUB_SERVER_URL": store.base_url,
        "GITHUB_SHA": run["sha"],
        "GITHUB_TRIGGERING_ACTOR": again["login"],
        "GITHUB_WORKFLOW": workflow["name"],
        "GITHUB_WORKFLOW_REF": f"{name}/{workflow['path']}@{ref}",
        "GITHUB_WORKFLOW_SHA": run["sha"],
    }


def payload_of(run: Row) -> Json:
    """The payload of the event that started a run."""
    payload: Json = json.loads(run["payload"])
    return payload


def inputs_of_run(run: Row, file: WorkflowFile) -> dict[str, Any]:
    """The inputs that a run was dispatched with, booleans as such."""
    declared = file.inputs or {}
    return {
        name: value == "true" if (declared.get(name) or {}).get("type") == "boolean" else value
        for name, value in json.loads(run["inputs"]).items()
    }


def contexts(
    store: Store, run: Row, needs: Mapping[str, Row | Mapping[str, Any]], inputs: Mapping[str, Any], job_key: str = "",
    environment_id: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """What expressions of a job see, without secrets."""
    names = variables(store, run, job_key)
    return {
        "github": {
            **{name.removeprefix("GITHUB_").lower(): value for name, value in names.items()},
            "repositoryUrl": f"{store.base_url.replace('http', 'git', 1)}/{names['GITHUB_REPOSITORY']}.git",
            "event": payload_of(run),
        },
        "inputs": inputs,
        "vars": secrets.of_job(store, secrets.VARIABLE, run["repository_id"], environment_id),
        "needs": {
            key: {"result": job["conclusion"], "outputs": json.loads(job["outputs"])} for key, job in needs.items()
        },
    }
