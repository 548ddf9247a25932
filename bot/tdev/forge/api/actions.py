"""Workflows, their runs, jobs and logs.

Follows "REST API endpoints for GitHub Actions". Dispatching answers 200 with the run's id and addresses when
`return_run_details` is asked for, else 204. Logs are 302 to an address that holds for a minute.
Caches, timing, usage and self-hosted runners are left out.
"""

from __future__ import annotations

from tdev.forge.answers import Answer, ApiError, not_found
from tdev.forge.api_versions import OLDEST
from tdev.forge.call import Call, Handler
from tdev.forge.store import Row
from tdev.forge.workflows import runs as actions
from tdev.forge.workflows.documents import attempt_document, job_document, run_document, workflow_document
from tdev.forge.workflows.downloads import address
from tdev.forge.workflows.job_log import log_path
from tdev.forge.workflows.job_states import job_by_id, jobs_of, run_by_id


async def list_workflows(call: Call) -> Answer:
    """The workflows of the default branch."""
    rows = actions.workflows(call.store, call.repository)
    return call.page(rows, lambda row: workflow_document(call.store, row), wrap="workflows")


async def get_workflow(call: Call) -> Answer:
    """A workflow by id or file name."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    return Answer(workflow_document(call.store, workflow))


async def enable_workflow(call: Call) -> Answer:
    """Let a workflow run again."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    call.store.update("workflows", workflow["id"], state="active", updated_at=call.store.now())
    return Answer(status=204)


async def disable_workflow(call: Call) -> Answer:
    """Let a workflow run no more."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    call.store.update("workflows", workflow["id"], state="disabled_manually", updated_at=call.store.now())
    return Answer(status=204)


async def dispatch(call: Call) -> Answer:
    """Start a run."""
    workflow = actions.workflow_of(call.store, call.repository, call.path["workflow_id"])
    ref = call.text("ref", resource="WorkflowDispatch")
    details = call.flag("return_run_details", resource="WorkflowDispatch") or call.api_version != OLDEST
    given = call.document.get("inputs")
    run = actions.dispatch(call.store, call.repository, workflow, call.user, ref, {} if given is None else given)
    if not details:
        return Answer(status=204)
    document = run_document(call.store, run)
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
    return call.page(rows, lambda row: run_document(call.store, row), wrap="workflow_runs")


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


def run_of(call: Call) -> Row:
    """The run of the path."""
    sql = "SELECT * FROM workflow_runs WHERE id = ? AND repository_id = ?"
    row = call.store.one(sql, call.number("run_id"), call.repository["id"])
    if row is None:
        raise not_found()
    return row


async def get_run(call: Call) -> Answer:
    """A run."""
    return Answer(run_document(call.store, run_of(call)))


async def cancel_run(call: Call) -> Answer:
    """Ask for a run to be stopped; 409 when it has ended."""
    return _cancel(call, by_force=False)


async def force_cancel_run(call: Call) -> Answer:
    """Stop a run without regard to conditions such as always(); 409 when it has ended."""
    return _cancel(call, by_force=True)


def _cancel(call: Call, *, by_force: bool) -> Answer:
    """Stop a run."""
    run = run_of(call)
    if run["status"] == "completed":
        raise ApiError(409, "Cannot cancel a workflow run that is completed.")
    actions.cancel(call.store, run, by_force=by_force)
    return Answer({}, 202)


async def rerun(call: Call) -> Answer:
    """Run all jobs of a run again."""
    actions.rerun(call.store, run_of(call), call.user)
    return Answer({}, 201)


async def rerun_failed(call: Call) -> Answer:
    """Run the failed jobs of a run and what depends on them again."""
    run = run_of(call)
    failed = [job for job in jobs_of(call.store, run) if job["conclusion"] in ("failure", "cancelled", "timed_out")]
    actions.rerun(call.store, run, call.user, failed)
    return Answer({}, 201)


async def rerun_job(call: Call) -> Answer:
    """Run one job and what depends on it again."""
    job, run = _job(call)
    if job["id"] not in {row["id"] for row in jobs_of(call.store, run)}:
        raise ApiError(403, "This job is not of the latest attempt of its run")
    actions.rerun(call.store, run, call.user, [job])
    return Answer({}, 201)


async def list_jobs(call: Call) -> Answer:
    """The jobs of a run: the latest of each, or with `filter=all` those of every attempt."""
    run = run_of(call)
    if call.query.get("filter") == "all":
        rows = call.store.all("SELECT * FROM workflow_jobs WHERE run_id = ? ORDER BY id", run["id"])
    else:
        rows = jobs_of(call.store, run)
    return call.page(rows, lambda row: job_document(call.store, run, row), wrap="jobs")


async def get_attempt(call: Call) -> Answer:
    """A run as one attempt left it."""
    run = run_of(call)
    return Answer(attempt_document(call.store, run, _attempt(call, run)))


async def list_jobs_of_attempt(call: Call) -> Answer:
    """The jobs of one attempt."""
    run = run_of(call)
    rows = jobs_of(call.store, run, _attempt(call, run))
    return call.page(rows, lambda row: job_document(call.store, run, row), wrap="jobs")


def _attempt(call: Call, run: Row) -> int:
    """The attempt of the path; 404 where there was none."""
    number = call.number("attempt_number")
    if not 1 <= number <= run["run_attempt"]:
        raise not_found()
    return number


def _job(call: Call) -> tuple[Row, Row]:
    """The job of the path, and its run."""
    number = call.number("job_id")
    if not call.store.value("SELECT 1 FROM workflow_jobs WHERE id = ?", number):
        raise not_found()
    job = job_by_id(call.store, number)
    run = run_by_id(call.store, job["run_id"])
    if run["repository_id"] != call.repository["id"]:
        raise not_found()
    return job, run


async def get_job(call: Call) -> Answer:
    """A job."""
    job, run = _job(call)
    return Answer(job_document(call.store, run, job))


async def job_logs(call: Call) -> Answer:
    """Where a job's log can be downloaded."""
    job, _ = _job(call)
    if not log_path(call.store, job["id"]).is_file():
        raise not_found()
    return elsewhere(address(call.store, "job-logs", job["id"]))


async def run_logs(call: Call) -> Answer:
    """Where an archive of all logs of a run can be downloaded."""
    run = run_of(call)
    if not any(log_path(call.store, job["id"]).is_file() for job in jobs_of(call.store, run)):
        raise not_found()
    return elsewhere(address(call.store, "run-logs", run["id"]))


def elsewhere(url: str) -> Answer:
    """302 to an address."""
    return Answer(status=302, headers={"Location": url})


_ACTIONS = "/repos/{owner}/{repo}/actions"
_RUN, _WORKFLOW = f"{_ACTIONS}/runs/{{run_id}}", f"{_ACTIONS}/workflows/{{workflow_id}}"
ROUTES: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", f"{_ACTIONS}/workflows", "actions:read", list_workflows),
    ("GET", _WORKFLOW, "actions:read", get_workflow),
    ("PUT", f"{_WORKFLOW}/enable", "actions:write", enable_workflow),
    ("PUT", f"{_WORKFLOW}/disable", "actions:write", disable_workflow),
    ("POST", f"{_WORKFLOW}/dispatches", "actions:write", dispatch),
    ("GET", f"{_WORKFLOW}/runs", "actions:read", list_runs_of_workflow),
    ("GET", f"{_ACTIONS}/runs", "actions:read", list_runs),
    ("GET", _RUN, "actions:read", get_run),
    ("POST", f"{_RUN}/cancel", "actions:write", cancel_run),
    ("POST", f"{_RUN}/force-cancel", "actions:write", force_cancel_run),
    ("POST", f"{_RUN}/rerun", "actions:write", rerun),
    ("POST", f"{_RUN}/rerun-failed-jobs", "actions:write", rerun_failed),
    ("GET", f"{_RUN}/jobs", "actions:read", list_jobs),
    ("GET", f"{_RUN}/attempts/{{attempt_number}}", "actions:read", get_attempt),
    ("GET", f"{_RUN}/attempts/{{attempt_number}}/jobs", "actions:read", list_jobs_of_attempt),
    ("GET", f"{_RUN}/logs", "actions:read", run_logs),
    ("GET", f"{_ACTIONS}/jobs/{{job_id}}", "actions:read", get_job),
    ("GET", f"{_ACTIONS}/jobs/{{job_id}}/logs", "actions:read", job_logs),
    ("POST", f"{_ACTIONS}/jobs/{{job_id}}/rerun", "actions:write", rerun_job),
)
