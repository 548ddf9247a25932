"""What the REST API and the events show of workflows, runs and jobs.

Follows GitHub's schemas `workflow`, `workflow-run` and `job`. Comes in: a store and a row. Goes out: the document, the
same in answers and in payloads.
"""

from __future__ import annotations

import json

from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import api_url, html_url, short_repository
from tdev.forge.git.commits import read_commit
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id


def workflow_of_run(store: Store, run: Row) -> Row:
    """The workflow of a run."""
    row = store.one("SELECT * FROM workflows WHERE id = ?", run["workflow_id"])
    if row is None:
        raise KeyError(run["workflow_id"])
    return row


def workflow_document(store: Store, workflow: Row) -> Json:
    """GitHub's `workflow`."""
    repository = repository_by_id(store, workflow["repository_id"])
    page, file = html_url(store, repository), workflow["path"].rpartition("/")[2]
    return {
        "id": workflow["id"],
        "node_id": f"W_forge{workflow['id']}",
        "name": workflow["name"],
        "path": workflow["path"],
        "state": workflow["state"],
        "created_at": workflow["created_at"],
        "updated_at": workflow["updated_at"],
        "url": f"{api_url(store, repository)}/actions/workflows/{workflow['id']}",
        "html_url": f"{page}/blob/{repository['default_branch']}/{workflow['path']}",
        "badge_url": f"{page}/actions/workflows/{file}/badge.svg",
    }


def attempt_document(store: Store, run: Row, attempt: int) -> Json:
    """GitHub's `workflow-run`, as it was at the end of an earlier attempt."""
    kept = store.one("SELECT * FROM run_attempts WHERE run_id = ? AND run_attempt = ?", run["id"], attempt)
    document = run_document(store, run)
    if kept is None:
        return document
    return {
        **document,
        **{name: kept[name] for name in ("run_attempt", "conclusion", "run_started_at", "updated_at")},
        "status": "completed",
        "triggering_actor": user_document(store, user_by_id(store, kept["triggering_actor_id"])),
        "previous_attempt_url": f"{document['url']}/attempts/{attempt - 1}" if attempt > 1 else None,
    }


def run_document(store: Store, run: Row) -> Json:
    """GitHub's `workflow-run`."""
    repository = repository_by_id(store, run["repository_id"])
    workflow = workflow_of_run(store, run)
    url = f"{api_url(store, repository)}/actions/runs/{run['id']}"
    commit = read_commit(store.git(repository), run["head_sha"])
    short = short_repository(store, repository)
    people = {name: {"name": who.name, "email": who.email} for name, who in
              (("author", commit.author), ("committer", commit.committer))}  # fmt: skip
    earlier = run["run_attempt"] - 1
    return {
        **{name: run[name] for name in ("id", "head_branch", "head_sha", "run_number", "run_attempt", "event")},
        **{name: run[name] for name in ("display_title", "status", "conclusion", "workflow_id", "check_suite_id")},
        **{name: run[name] for name in ("created_at", "updated_at", "run_started_at")},
        "name": workflow["name"],
        "node_id": f"WFR_forge{run['id']}",
        "check_suite_node_id": f"CS_forge{run['check_suite_id']}",
        "path": workflow["path"],
        "url": url,
        "html_url": f"{html_url(store, repository)}/actions/runs/{run['id']}",
        "pull_requests": _pulls(store, repository, run),
        "actor": user_document(store, user_by_id(store, run["actor_id"])),
        "triggering_actor": user_document(store, user_by_id(store, run["triggering_actor_id"])),
        "referenced_workflows": [],
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{api_url(store, repository)}/check-suites/{run['check_suite_id']}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": f"{url}/attempts/{earlier}" if earlier else None,
        "workflow_url": f"{api_url(store, repository)}/actions/workflows/{run['workflow_id']}",
        "head_commit": {
            "id": commit.sha, "tree_id": commit.tree, "message": commit.message,
            "timestamp": commit.committer.when(), **people,
        },
        "repository": short,
        "head_repository": short,
        "head_repository_id": repository["id"],
    }  # fmt: skip


def _pulls(store: Store, repository: Row, run: Row) -> list[Json]:
    """The open pull requests a run's commit is the head of."""
    rows = store.all(
        "SELECT p.*, i.number FROM pulls p JOIN issues i ON i.id = p.issue_id WHERE p.repository_id = ? "
        "AND p.head_sha = ? AND p.head_ref = ? AND i.state = 'open' ORDER BY i.number",
        repository["id"], run["head_sha"], run["head_branch"],
    )  # fmt: skip
    url = api_url(store, repository)
    place = {"id": repository["id"], "url": url, "name": repository["name"]}
    return [
        {
            "id": row["issue_id"],
            "number": row["number"],
            "url": f"{url}/pulls/{row['number']}",
            "head": {"ref": row["head_ref"], "sha": row["head_sha"], "repo": place},
            "base": {"ref": row["base_ref"], "sha": row["base_sha"], "repo": place},
        }
        for row in rows
    ]


def job_document(store: Store, run: Row, job: Row) -> Json:
    """GitHub's `job`."""
    repository = repository_by_id(store, run["repository_id"])
    url = api_url(store, repository)
    return {
        **{name: job[name] for name in ("id", "run_id", "run_attempt", "name", "status", "conclusion")},
        "started_at": job["started_at"] or job["created_at"],
        "completed_at": job["completed_at"],
        "created_at": job["created_at"],
        "workflow_name": workflow_of_run(store, run)["name"],
        "head_branch": run["head_branch"],
        "run_url": f"{url}/actions/runs/{run['id']}",
        "node_id": f"CR_forge{job['check_run_id']}",
        "head_sha": run["head_sha"],
        "url": f"{url}/actions/jobs/{job['id']}",
        "html_url": f"{html_url(store, repository)}/actions/runs/{run['id']}/job/{job['id']}",
        "steps": json.loads(job["steps"]),
        "check_run_url": f"{url}/check-runs/{job['check_run_id']}",
        "labels": json.loads(job["labels"]),
        "runner_id": 1 if job["started_at"] else None,
        "runner_name": "stages" if job["started_at"] else None,
        "runner_group_id": 1 if job["started_at"] else None,
        "runner_group_name": "Default" if job["started_at"] else None,
    }
