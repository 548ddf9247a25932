"""Workflows, their runs, jobs, logs and artifacts.

Follows "REST API endpoints for GitHub Actions". Dispatching answers 200 with the run's id and addresses when
`return_run_details` is asked for, else 204. Logs and artifacts are 302 to an address that holds for a minute.
Re-runs, approvals, caches, secrets, variables and self-hosted runners are left out.
"""

from __future__ import annotations

from tdev.forge import actions
from tdev.forge.answers import Answer, ApiError, invalid, not_found
from tdev.forge.api.repositories import api_url
from tdev.forge.call import Call
from tdev.forge.downloads import address
from tdev.forge.job_work import artifact_path, log_path
from tdev.forge.store import Json, Row, Store, repository_by_id, timestamp


async def list_workflows(call: Call) -> Answer:
    """The workflows of the default branch."""
    rows = actions.workflows(call.store, call.repository)
    return call.page(rows, lambda row: actions.workflow_document(call.store, row), wrap="workflows")


async def get_workflow(call: Call) -> Answer:
    """A workflow by id or file name."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    return Answer(actions.workflow_document(call.store, workflow))


async def dispatch(call: Call) -> Answer:
    """Start a run."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    ref = call.text("ref", resource="WorkflowDispatch")
    details = call.flag("return_run_details", resource="WorkflowDispatch")
    given = call.document.get("inputs")
    run = actions.dispatch(call.store, call.repository, workflow, call.user, ref, {} if given is None else given)
    if not details:
        return Answer(status=204)
    document = actions.run_document(call.store, run)
    return Answer({"workflow_run_id": run["id"], "run_url": document["url"], "html_url": document["html_url"]})


async def list_runs(call: Call) -> Answer:
    """The runs of a repository, newest first."""
    return _runs(call, call.store.all(_RUNS, call.repository["id"]))


async def list_runs_of_workflow(call: Call) -> Answer:
    """The runs of one workflow, newest first."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    rows = call.store.all(_RUNS, call.repository["id"])
    return _runs(call, [row for row in rows if row["workflow_id"] == workflow["id"]])


_RUNS = "SELECT * FROM workflow_runs WHERE repository_id = ? ORDER BY id DESC"


def _runs(call: Call, rows: list[Row]) -> Answer:
    """The runs that fit the query: branch, event, head_sha, status (or conclusion), actor, created."""
    same = {"branch": "head_branch", "event": "event", "head_sha": "head_sha", "check_suite_id": "check_suite_id"}
    for name, column in same.items():
        if name in call.query:
            rows = [row for row in rows if str(row[column]) == call.query[name]]
    if status := call.query.get("status"):
        rows = [row for row in rows if status in (row["status"], row["conclusion"])]
    if actor := call.query.get("actor"):
        number = call.store.value("SELECT id FROM users WHERE login = ?", actor)
        rows = [row for row in rows if row["actor_id"] == number]
    if created := call.query.get("created"):
        rows = [row for row in rows if _within(row["created_at"], created)]
    return call.page(rows, lambda row: actions.run_document(call.store, row), wrap="workflow_runs")


def _within(when: str, wanted: str) -> bool:
    """A time fits `>=A`, `<=A`, `>A`, `<A`, `A..B` or a day, as GitHub's search syntax has it."""
    if ".." in wanted:
        first, _, last = wanted.partition("..")
        return (first == "*" or when >= first) and (last == "*" or when[: len(last)] <= last)
    start = when[: len(wanted.lstrip("<>="))]
    signs = {
        ">=": start >= wanted[2:],
        "<=": start <= wanted[2:],
        ">": start > wanted[1:],
        "<": start < wanted[1:],
    }
    for sign, fits in signs.items():
        if wanted.startswith(sign):
            return fits
    return when.startswith(wanted)


def _run(call: Call) -> Row:
    """The run of the path."""
    sql = "SELECT * FROM workflow_runs WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("run_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return row


async def get_run(call: Call) -> Answer:
    """A run."""
    return Answer(actions.run_document(call.store, _run(call)))


async def cancel_run(call: Call) -> Answer:
    """Ask for a run to be stopped; 409 when it has ended."""
    run = _run(call)
    if run["status"] == "completed":
        raise ApiError(409, "Cannot cancel a workflow run that is completed.")
    call.store.update("workflow_runs", run["id"], cancel=1)
    return Answer({}, 202)


async def list_jobs(call: Call) -> Answer:
    """The jobs of a run's latest attempt."""
    run = _run(call)
    rows = actions.jobs_of(call.store, run)
    return call.page(rows, lambda row: actions.job_document(call.store, run, row), wrap="jobs")


def _job(call: Call) -> tuple[Row, Row]:
    """The job of the path, and its run."""
    job = call.store.one("SELECT * FROM workflow_jobs WHERE id = ?", call.number("job_id"))
    if job is None:
        raise not_found()
    run = actions.run_by_id(call.store, job["run_id"])
    if run["repository_id"] != call.repository["id"]:
        raise not_found()
    return job, run


async def get_job(call: Call) -> Answer:
    """A job."""
    job, run = _job(call)
    return Answer(actions.job_document(call.store, run, job))


async def job_logs(call: Call) -> Answer:
    """Where a job's log can be downloaded."""
    job, _ = _job(call)
    if not log_path(call.store, job["id"]).is_file():
        raise not_found()
    return _elsewhere(address(call.store, "job-logs", job["id"]))


async def run_logs(call: Call) -> Answer:
    """Where an archive of all logs of a run can be downloaded."""
    run = _run(call)
    if not any(log_path(call.store, job["id"]).is_file() for job in actions.jobs_of(call.store, run)):
        raise not_found()
    return _elsewhere(address(call.store, "run-logs", run["id"]))


def _elsewhere(url: str) -> Answer:
    """302 to an address."""
    return Answer(status=302, headers={"Location": url})


async def list_artifacts(call: Call) -> Answer:
    """The artifacts of a repository, newest first."""
    rows = call.store.all("SELECT * FROM artifacts WHERE repository_id = ? ORDER BY id DESC", call.repository["id"])
    return _artifacts(call, rows)


async def list_artifacts_of_run(call: Call) -> Answer:
    """The artifacts of a run."""
    rows = call.store.all("SELECT * FROM artifacts WHERE run_id = ? ORDER BY id", _run(call)["id"])
    return _artifacts(call, rows)


def _artifacts(call: Call, rows: list[Row]) -> Answer:
    """A page of artifacts, all or those of one name."""
    if "name" in call.query:
        rows = [row for row in rows if row["name"] == call.query["name"]]
    return call.page(rows, lambda row: artifact_document(call.store, row), wrap="artifacts")


def artifact_document(store: Store, artifact: Row) -> Json:
    """GitHub's `artifact`."""
    repository, run = repository_by_id(store, artifact["repository_id"]), actions.run_by_id(store, artifact["run_id"])
    url = f"{api_url(store, repository)}/actions/artifacts/{artifact['id']}"
    return {
        "id": artifact["id"],
        "node_id": f"A_forge{artifact['id']}",
        "name": artifact["name"],
        "size_in_bytes": artifact["size"],
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": artifact["expires_at"] <= timestamp(store.clock()),
        "digest": f"sha256:{artifact['sha256']}",
        **{name: artifact[name] for name in ("created_at", "updated_at", "expires_at")},
        "workflow_run": {
            "id": run["id"],
            "repository_id": repository["id"],
            "head_repository_id": repository["id"],
            "head_branch": run["head_branch"],
            "head_sha": run["head_sha"],
        },
    }


def _artifact(call: Call) -> Row:
    """The artifact of the path."""
    sql = "SELECT * FROM artifacts WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("artifact_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return row


async def get_artifact(call: Call) -> Answer:
    """An artifact."""
    return Answer(artifact_document(call.store, _artifact(call)))


async def download_artifact(call: Call) -> Answer:
    """Where an artifact's archive can be downloaded; 410 when it has expired."""
    artifact = _artifact(call)
    if call.path["archive_format"] != "zip":
        raise invalid("Artifact", "archive_format")
    if artifact["expires_at"] <= timestamp(call.store.clock()):
        raise ApiError(410, "Artifact has expired")
    return _elsewhere(address(call.store, "artifact", artifact["id"]))


async def delete_artifact(call: Call) -> Answer:
    """Delete an artifact."""
    artifact = _artifact(call)
    call.store.run("DELETE FROM artifacts WHERE id = ?", artifact["id"])
    artifact_path(call.store, artifact["id"]).unlink(missing_ok=True)
    return Answer(status=204)
