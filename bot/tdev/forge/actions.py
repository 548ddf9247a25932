"""Actions: workflows, runs and jobs, from the dispatch to the last step.

Follows "REST API endpoints for GitHub Actions". Comes in: a dispatch. Goes out: rows in the store, the
events workflow_dispatch, workflow_run, workflow_job and check_run, and an Order for the Runner. A run has
one job; its steps are what the runner reports, kept as they happen.

Runs survive a restart of the forge as queued runs do: one that was at work is marked failed, as on GitHub
when a runner is lost. Triggers besides workflow_dispatch, concurrency groups and re-runs are left out.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence

from tdev.forge import events
from tdev.forge.answers import ApiError, not_found
from tdev.forge.api.accounts import user_document
from tdev.forge.api.repositories import api_url, full_name, html_url, repository_document, short_repository
from tdev.forge.commits import read_commit
from tdev.forge.store import Json, Row, Store, repository_by_id, user_by_id, user_by_login
from tdev.forge.workflow_file import WorkflowFile, complete_inputs, parse
from tdev.forge.workflow_steps import expand

FOLDER = ".github/workflows"
SLUG = "github-actions"
_BOT = "github-actions[bot]"


def read_file(store: Store, repository: Row, commit: str, path: str) -> WorkflowFile | None:
    """The workflow file at a commit; None when there is none that can be read."""
    done = store.git(repository).run("cat-file", "blob", f"{commit}:{path}", check=False)
    return parse(done.stdout) if done.ok else None


def workflows(store: Store, repository: Row) -> list[Row]:
    """The workflows of the default branch; new files get a row."""
    git = store.git(repository)
    head = git.commit_of(f"refs/heads/{repository['default_branch']}")
    paths = [path for path in (git.files(head) if head else ()) if _is_workflow(path)]
    for path in paths:
        sql = "SELECT id FROM workflows WHERE repository_id = ? AND path = ?"
        file = read_file(store, repository, head, path)
        if file is None:
            continue
        row_id = store.value(sql, repository["id"], path)
        if row_id is None:
            now = store.now()
            store.insert(
                "workflows", repository_id=repository["id"], path=path, name=file.name or path,
                created_at=now, updated_at=now,
            )  # fmt: skip
        else:
            store.update("workflows", row_id, name=file.name or path)
    rows = store.all("SELECT * FROM workflows WHERE repository_id = ? ORDER BY id", repository["id"])
    return [row for row in rows if row["path"] in paths]


def _is_workflow(path: str) -> bool:
    """A YAML file directly in the folder of workflows."""
    folder, _, name = path.rpartition("/")
    return folder == FOLDER and name.endswith((".yml", ".yaml"))


def workflow_of(store: Store, repository: Row, word: str) -> Row:
    """A workflow by id or file name; 404 where there is none."""
    for row in workflows(store, repository):
        if word in (str(row["id"]), row["path"].rpartition("/")[2], row["path"]):
            return row
    raise not_found()


def actions_app(store: Store) -> Row:
    """The App that runs, checks and job tokens belong to; made when it is first needed."""
    app = store.one("SELECT * FROM apps WHERE slug = ?", SLUG)
    if app is not None:
        return app
    with store.transaction():
        now = store.now()
        owner = user_by_login(store, "github")
        owner_id = owner["id"] if owner else _account(store, "github", "Organization")
        app_id = store.insert(
            "apps", slug=SLUG, name="GitHub Actions", owner_id=owner_id, bot_id=_account(store, _BOT, "Bot"),
            description="Automate your workflow from idea to production", external_url=store.base_url,
            client_id=f"Iv1.{SLUG}", client_secret=secrets.token_hex(20), public_key="", permissions="{}",
            events="[]", webhook_url="", webhook_secret="", created_at=now, updated_at=now,
        )  # fmt: skip
    found = store.one("SELECT * FROM apps WHERE id = ?", app_id)
    if found is None:
        raise KeyError(SLUG)
    return found


def _account(store: Store, login: str, kind: str) -> int:
    """A new account's id."""
    return store.insert("users", login=login, type=kind, created_at=store.now())


def dispatch(store: Store, repository: Row, workflow: Row, actor: Row, ref: str, given: object) -> Row:
    """Queue a run of a workflow; ApiError 422 when reference, trigger or inputs do not fit."""
    git = store.git(repository)
    full = next((name for name in (f"refs/heads/{ref}", f"refs/tags/{ref}", ref) if git.commit_of(name)), "")
    if not full.startswith(("refs/heads/", "refs/tags/")):
        raise ApiError(422, f"No ref found for: {ref}")
    if workflow["state"] != "active":
        raise ApiError(403, "Cannot trigger a 'workflow_dispatch' on a disabled workflow")
    sha = git.commit_of(full)
    file = read_file(store, repository, sha, workflow["path"])
    if file is None:
        raise ApiError(422, f"Workflow {workflow['path']} does not exist at {ref}")
    inputs = complete_inputs(file, given)
    with store.transaction():
        run = _new_run(store, repository, workflow, actor, full, sha, file, inputs)
        _new_job(store, repository, run, file)
    payload = {
        "inputs": inputs, "ref": full, "workflow": workflow["path"],
        "repository": repository_document(store, repository), "sender": user_document(store, actor),
    }  # fmt: skip
    events.emit(store, repository, "workflow_dispatch", None, payload)
    announce_run(store, run, "requested")
    for job in jobs_of(store, run):
        announce_job(store, run, job, "queued")
    return run


def _new_run(
    store: Store, repository: Row, workflow: Row, actor: Row, ref: str, sha: str, file: WorkflowFile, inputs: Json
) -> Row:
    """The rows of a run: its number, its check suite and itself."""
    now = store.now()
    number = store.value(
        "UPDATE workflows SET last_run_number = last_run_number + 1 WHERE id = ? RETURNING last_run_number",
        workflow["id"],
    )
    app = actions_app(store)
    where = "repository_id = ? AND app_id = ? AND head_sha = ?"
    suite = store.value(f"SELECT id FROM check_suites WHERE {where}", repository["id"], app["id"], sha)  # noqa: S608
    if suite is None:
        suite = store.insert(
            "check_suites", repository_id=repository["id"], app_id=app["id"], head_sha=sha, created_at=now
        )
    run_id = store.insert(
        "workflow_runs", repository_id=repository["id"], workflow_id=workflow["id"], run_number=number,
        event="workflow_dispatch", head_branch=ref.split("/", 2)[2], head_sha=sha, actor_id=actor["id"],
        display_title=_title(file, inputs) or file.name or workflow["path"], status="queued",
        inputs=json.dumps({"ref": ref, "inputs": inputs}), check_suite_id=suite,
        created_at=now, updated_at=now, run_started_at=now,
    )  # fmt: skip
    return run_by_id(store, run_id)


def _title(file: WorkflowFile, inputs: Json) -> str:
    """The run's own name; empty when the file gives none, or one with expressions that are not known here."""
    try:
        return expand(file.run_name, inputs).strip()
    except ValueError:
        return ""


def _new_job(store: Store, repository: Row, run: Row, file: WorkflowFile) -> None:
    """The rows of a run's one job: its check run and itself."""
    now = store.now()
    name = next(iter(file.document["jobs"]), "job")
    check = store.insert(
        "check_runs", suite_id=run["check_suite_id"], repository_id=repository["id"], app_id=actions_app(store)["id"],
        head_sha=run["head_sha"], name=name, status="queued", external_id=secrets.token_hex(16), details_url="",
        started_at=now,
    )  # fmt: skip
    job = store.insert(
        "workflow_jobs", run_id=run["id"], run_attempt=1, name=name, check_run_id=check, status="queued",
        labels=json.dumps(["self-hosted"]), steps="[]", created_at=now,
    )  # fmt: skip
    page = f"{html_url(store, repository)}/actions/runs/{run['id']}/job/{job}"
    store.update("check_runs", check, details_url=page)


def run_by_id(store: Store, run_id: int) -> Row:
    """A run that is known to exist."""
    row = store.one("SELECT * FROM workflow_runs WHERE id = ?", run_id)
    if row is None:
        raise KeyError(run_id)
    return row


def jobs_of(store: Store, run: Row) -> list[Row]:
    """The jobs of a run's latest attempt."""
    sql = "SELECT * FROM workflow_jobs WHERE run_id = ? AND run_attempt = ? ORDER BY id"
    return store.all(sql, run["id"], run["run_attempt"])


def announce_run(store: Store, run: Row, action: str) -> None:
    """Tell the Apps of a run: `requested`, `in_progress`, `completed`."""
    run = run_by_id(store, run["id"])
    repository = repository_by_id(store, run["repository_id"])
    workflow = _workflow(store, run)
    payload = {"workflow_run": run_document(store, run), "workflow": workflow_document(store, workflow)}
    events.emit(store, repository, "workflow_run", action, payload, sender_id=run["actor_id"])


def announce_job(store: Store, run: Row, job: Row, action: str) -> None:
    """Tell the Apps of a job: `queued`, `in_progress`, `completed`."""
    found = store.one("SELECT * FROM workflow_jobs WHERE id = ?", job["id"])
    repository = repository_by_id(store, run["repository_id"])
    payload = {"workflow_job": job_document(store, run, found or job)}
    events.emit(store, repository, "workflow_job", action, payload, sender_id=run["actor_id"])


def _workflow(store: Store, run: Row) -> Row:
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


def run_document(store: Store, run: Row) -> Json:
    """GitHub's `workflow-run`."""
    repository = repository_by_id(store, run["repository_id"])
    workflow, actor = _workflow(store, run), user_document(store, user_by_id(store, run["actor_id"]))
    url = f"{api_url(store, repository)}/actions/runs/{run['id']}"
    commit = read_commit(store.git(repository), run["head_sha"])
    short = short_repository(store, repository)
    people = {name: {"name": who.name, "email": who.email} for name, who in
              (("author", commit.author), ("committer", commit.committer))}  # fmt: skip
    return {
        **{name: run[name] for name in ("id", "head_branch", "head_sha", "run_number", "run_attempt", "event")},
        **{name: run[name] for name in ("display_title", "status", "conclusion", "workflow_id", "check_suite_id")},
        **{name: run[name] for name in ("created_at", "updated_at", "run_started_at")},
        "name": workflow["name"],
        "node_id": f"WFR_forge{run['id']}",
        "check_suite_node_id": f"CS_forge{run['check_suite_id']}",
        "path": f"{workflow['path']}@{run['head_branch']}",
        "url": url,
        "html_url": f"{html_url(store, repository)}/actions/runs/{run['id']}",
        "pull_requests": [],
        "actor": actor,
        "triggering_actor": actor,
        "referenced_workflows": [],
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{api_url(store, repository)}/check-suites/{run['check_suite_id']}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "previous_attempt_url": None,
        "workflow_url": f"{api_url(store, repository)}/actions/workflows/{run['workflow_id']}",
        "head_commit": {
            "id": commit.sha, "tree_id": commit.tree, "message": commit.message,
            "timestamp": commit.committer.when(), **people,
        },
        "repository": short,
        "head_repository": short,
        "head_repository_id": repository["id"],
    }  # fmt: skip


def job_document(store: Store, run: Row, job: Row) -> Json:
    """GitHub's `job`."""
    repository = repository_by_id(store, run["repository_id"])
    url = api_url(store, repository)
    return {
        **{name: job[name] for name in ("id", "run_id", "run_attempt", "name", "status", "conclusion")},
        "started_at": job["started_at"] or job["created_at"],
        "completed_at": job["completed_at"],
        "created_at": job["created_at"],
        "workflow_name": _workflow(store, run)["name"],
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


def set_status(store: Store, run: Row, job: Row, status: str, conclusion: str | None = None) -> None:
    """Move a run and its job to `in_progress` or `completed`, and tell the Apps."""
    now = store.now()
    ended = now if status == "completed" else None
    with store.transaction():
        store.update("workflow_runs", run["id"], status=status, conclusion=conclusion, updated_at=now)
        started = job["started_at"] or now
        store.update("workflow_jobs", job["id"], status=status, conclusion=conclusion, started_at=started,
                     completed_at=ended)  # fmt: skip
        store.update("check_runs", job["check_run_id"], status=status, conclusion=conclusion, completed_at=ended)
    announce_job(store, run, job, status)
    announce_run(store, run, status)


def waiting_runs(store: Store) -> Sequence[Row]:
    """The runs that nobody works on yet, oldest first."""
    return store.all("SELECT * FROM workflow_runs WHERE status = 'queued' ORDER BY id")


def full_ref(run: Row) -> str:
    """The reference a run is for, `refs/heads/main`."""
    return str(json.loads(run["inputs"])["ref"])


def inputs_of(run: Row) -> dict[str, str]:
    """The inputs of a run."""
    inputs: dict[str, str] = json.loads(run["inputs"])["inputs"]
    return inputs


def name_of(store: Store, run: Row) -> str:
    """owner/name of the run's repository."""
    return full_name(store, repository_by_id(store, run["repository_id"]))
